"""What the own mail server says about a sender: Authentication-Results (RFC 8601). Pure.

Anybody can write such a header; only the topmost one counts that bears the name of the own server
(``trusted_authserv_id``), which removes any other with that name. Exchange Online writes no name: where the very first
one has none and says that the sender failed, he failed; that it passed proves nothing, as anybody may have written it.
``intake.mail.mime.header`` keeps the first field of a name only, hence the reading here. DMARC decides where it passed
or failed; without it SPF and DKIM, of which one that passed is enough. No result is no failure.
"""

import re

_FIELD = re.compile(rb"^authentication-results:((?:[^\r\n]|\r?\n[ \t])*)", re.IGNORECASE | re.MULTILINE)
_COMMENT = re.compile(r"\([^()]{0,998}\)")
_RESULT = re.compile(r"\s*(dmarc|spf|dkim)(?:/\d+)?\s*=\s*([a-z]+)", re.IGNORECASE)
_MOST = 100_000  # bytes of a head
_NESTED = 5


def failed(raw: bytes, server: str) -> bool:
    """Whether ``server`` found that the sender of the mail (its bytes) is not who he says; never without a ``server``.

    Read from Authentication-Results (RFC 8601). Raises nothing.
    """
    if not server:
        return False
    head = re.split(rb"\r?\n\r?\n", raw[:_MOST], maxsplit=1)[0]
    for index, field in enumerate(_FIELD.finditer(head)):
        parts = _plain(field[1].decode("latin-1")).split(";")
        nameless = index == 0 and _RESULT.match(parts[0]) is not None
        own = parts[0].split()[:1] == [server.casefold()]
        said_no = (nameless or own) and _says_no([found for part in parts if (found := _RESULT.match(part))])
        if own or said_no:
            return said_no
    return False


def _plain(value: str) -> str:
    """In small letters, without comments, which may stand anywhere."""
    for _ in range(_NESTED):
        value = _COMMENT.sub(" ", value)
    return value.casefold()


def _says_no(results: list[re.Match[str]]) -> bool:
    said = [(found[1], found[2]) for found in results]
    if ("dmarc", "pass") in said or ("dmarc", "fail") in said:
        return ("dmarc", "fail") in said
    if ("spf", "pass") in said or ("dkim", "pass") in said:
        return False
    return bool({("spf", "fail"), ("spf", "softfail"), ("dkim", "fail")} & set(said))
