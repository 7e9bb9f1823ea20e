"""Names of places in one spelling: abbreviated ones by their beginning and ending, others without their blanks."""

from collections.abc import Mapping, Sequence

from routing.text.keywords import folding


def abbreviated(beginning: str, ending: str, official: Mapping[str, str]) -> str:
    """The only official name that begins so and ends so: "uerd", "strasse" → Uerdinger Straße; or ""."""
    found = [name for key, name in official.items() if key.startswith(beginning) and key.endswith(ending)]
    inner = [name for name in found if not name.lower().replace("ß", "ss").endswith(f"{beginning}{ending}")]
    two_words = [name for name in inner if " " in name]
    return inner[0] if len(inner) == 1 else two_words[0] if len(two_words) == 1 else ""


def abbreviated_parts(parts: Sequence[str], official: Mapping[str, str]) -> str:
    """The only official name whose parts between hyphens begin so: "prinz", "ferd", "str" → Prinz-Ferdinand-Straße."""
    found = [
        name
        for name in official.values()
        if name.count("-") == len(parts) - 1 and all(map(str.startswith, folding.plain(name).split("-"), parts))
    ]
    return found[0] if len(found) == 1 else ""


def squeezed(name: str) -> str:
    """A name without blanks and hyphens, to find the official one by."""
    joined = "".join(folding.fold(name).words.split())
    return joined + "asse" if joined.endswith("str") else joined
