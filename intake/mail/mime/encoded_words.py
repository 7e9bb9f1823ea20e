"""Encoded words in header fields (RFC 2047), decoded the way people's mail programs do it: leniently.

Adjacent words of one charset are decoded together, because many senders split characters over them. Anything that is
no encoded word stays as it is. Linear: every step either consumes text or looks at a bounded piece of it.
"""

import binascii
import re

from intake.mail.mime import charsets, transfer

_OPENING = re.compile(r"=\?([^?\s]{0,80})\?([bBqQ])\?")
_SOLE = re.compile(r"\s*+=\?([^?\s]{1,80})\?[bB]\?([A-Za-z0-9+/]++={0,2})\?=\s*+")  # most encoded fields are one word
_HEX_PAIR = re.compile(r"[0-9A-Fa-f]{2}")
_BROKEN_ESCAPE = re.compile(r"=([0-9A-Fa-f]?) +([0-9A-Fa-f])")
_SOLE_END = re.compile(r"\?(?:\s|$)|\s|$")


def decode(text: str) -> str:
    """``text`` with its encoded words (RFC 2047) replaced by what they say; a broken one stays. Raises nothing."""
    sole = _SOLE.fullmatch(text)
    if sole is not None and len(sole[2]) % 4 == 0:
        return charsets.decode(binascii.a2b_base64(sole[2]), sole[1].partition("*")[0].lower())
    out: list[str] = []
    run: list[tuple[str, str, str]] = []  # adjacent words: charset, encoding, content
    at = 0
    while (start := text.find("=?", at)) >= 0:
        opening = _OPENING.match(text, start)
        if opening is None:
            out += [_flush(run), text[at : start + 2]]
            at = start + 2
            continue
        end, after = _ending(text, opening.end(), quoted=opening[2] in "qQ")
        if end < 0:
            break
        between = text[at:start]
        if not run or not between.isspace():
            out += [_flush(run), between] if between else []
        run.append((opening[1].partition("*")[0].lower(), opening[2].lower(), text[opening.end() : end]))
        at = after
    out += [_flush(run), text[at:]]
    return "".join(out)


def _ending(text: str, start: int, *, quoted: bool) -> tuple[int, int]:
    """Where the word's content ends and where to go on; (-1, -1) when it is none."""
    end = first = text.find("?=", start)
    if end < 0:  # cut off: good for the last word of a field
        last = _SOLE_END.search(text, start)
        stop = last.start() if last else len(text)
        return (stop, len(text)) if text[stop:].strip("? ") == "" and stop > start else (-1, -1)
    for _ in range(4):  # a question mark, and an escape after it, look like the end
        if not quoted or _HEX_PAIR.match(text, end + 2) is None:
            return end, end + 2
        end = text.find("?=", end + 2)
        if end < 0:
            break
    return first, first + 2


def _flush(run: list[tuple[str, str, str]]) -> str:
    """The text of adjacent words; empties ``run``."""
    if not run:
        return ""
    out: list[str] = []
    data = b""
    open_base64 = ""  # some cut base64 anywhere
    for index, (charset, encoding, content) in enumerate(run):
        following = run[index + 1] if index + 1 < len(run) else ("", "", "")
        if encoding == "b":
            content = open_base64 + content  # noqa: PLW2901  # the word as it was meant
            open_base64 = ""
            if len(content.strip()) % 4 and "=" not in content and following[:2] == (charset, "b"):
                open_base64 = content
                continue
            data += transfer.base64(_octets(content))
        else:
            if " " in content:
                content = _BROKEN_ESCAPE.sub(r"=\1\2", content)  # noqa: PLW2901  # folded inside an escape
            data += binascii.a2b_qp(_octets(content), header=True)
        if following[0] != charset:
            out.append(charsets.decode(data, charset))
            data = b""
    run.clear()
    return "".join(out)


def _octets(content: str) -> bytes:
    try:
        return content.encode("latin-1")
    except UnicodeEncodeError:
        return content.encode("utf-8", "replace")
