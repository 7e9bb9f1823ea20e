"""How much of a citizen's words is shown, so that all who redact them look at the same."""

LONGEST = 4000  # characters; more is shortened visibly


def shortened(text: str) -> str:
    """``text`` as far as a letter shows it, some thousand characters, cut between two words.

    So that no half address escapes redaction.
    """
    text = text.strip()
    if len(text) <= LONGEST:
        return text
    kept = text[:LONGEST]
    end = max(kept.rfind(" "), kept.rfind("\n"))
    return f"{kept[: max(end, 0)].rstrip()}\n(gekürzt; der ganze Text liegt bei uns)"
