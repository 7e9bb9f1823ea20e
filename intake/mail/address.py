"""Mailboxes in From, Sender and Reply-To (RFC 5322, section 3.4), as people and robots write them. Never raises."""

import re
from typing import NamedTuple

from intake.mail.mime import clean, encoded_words


class Mailbox(NamedTuple):
    """A name as shown and an address; either may be empty."""

    name: str
    address: str


NOBODY = Mailbox("", "")

_USUAL = re.compile(r'\s*+(?:"([^"\\<>]*+)"|([^"<>(),;:@\\]*+))\s*+<([^<>\s"(),;:\\]++)>\s*+')
_BARE = re.compile(r"""\s*+([^<>\s"'(),;:\\=]++@[^<>\s"'(),;:\\=@]++)\s*+""")
_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*+)"?|<([^<>]*+)>?|[(),;:]|\\(.?)|[^"<(),;:\\]++', re.DOTALL)
_COMMENT = re.compile(r"\([^()]*+\)")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ADDRESS = re.compile(r"""(?<![^\s<>"'()\[\],;:])[^\s<>"'()\[\],;:@]++@(?:\[[^\s\]]++\]|[^\s<>"'()\[\],;:]++)""")


def first(value: str) -> Mailbox:
    """The first mailbox of a field that has an address; else a name alone; else ``NOBODY``."""
    usual = _USUAL.match(value)
    if usual and (usual.end() == len(value) or value[usual.end()] == ","):
        return Mailbox(_name(usual[1] if usual[1] is not None else usual[2]), _address(usual[3]))
    bare = _BARE.fullmatch(value)
    if bare:
        return Mailbox("", _address(bare[1]))
    mailboxes = _mailboxes(value)
    for index, mailbox in enumerate(mailboxes):
        if "@" in mailbox.address:
            return _with_surname(mailboxes[:index], mailbox)
    decoded = encoded_words.decode(value) if "=?" in value else value
    if decoded != value and "@" in decoded:  # the whole field was encoded, against the rules
        return first(clean.line(decoded))
    best = next((mailbox for mailbox in mailboxes if mailbox != NOBODY), NOBODY)
    found = _ADDRESS.search(value)  # inside quotes that never end
    return Mailbox(best.name.partition("<")[0].strip(), _address(found[0]) if found else best.address)


def _with_surname(before: list[Mailbox], mailbox: Mailbox) -> Mailbox:
    """``Beispiel, Petra <petra@example.org>`` without quotes reads as two mailboxes, and is meant as one."""
    if len(before) != 1 or not mailbox.name:
        return mailbox
    surname = before[0].name or before[0].address
    return Mailbox(f"{surname}, {mailbox.name}", mailbox.address) if surname else mailbox


def _mailboxes(value: str) -> list[Mailbox]:
    """Every mailbox; groups are opened, comments serve as names where nothing else does."""
    mailboxes: list[Mailbox] = []
    phrase: list[str] = []
    quoted: set[int] = set()  # which pieces of it stood in quotes: they are the name, whatever they look like
    comment: list[str] = []
    angle: str | None = None
    named = False  # a name stands before the angle brackets: what follows them is none
    depth = 0
    in_address = False  # after a local part in quotes
    for token in _TOKEN.finditer(value):
        text = token[0]
        if depth:
            depth += (text == "(") - (text == ")")
            if depth:
                comment.append(text)
        elif text == "(":
            depth = 1
            comment.append(" ")
        elif text in {",", ";"}:
            mailboxes.append(_assembled(phrase, quoted, angle, comment))
            phrase, quoted, comment, angle, named = [], set(), [], None, False
        elif text == ":":
            if any("@" in piece for piece in phrase):
                phrase.append(text)
            else:
                said = "".join(phrase)  # the name of a group, or "mailto"
                phrase = [said[:-6].rstrip("[")] if said[-6:].lower() == "mailto" else []
                quoted = set()
        elif token[2] is not None:
            if angle is None or "@" not in angle:
                angle = token[2]
                named = "@" in angle and not "".join(phrase).isspace() and bool(phrase)
        elif named:
            continue
        elif token[1] is not None:
            in_address = value[token.end() : token.end() + 1] == "@"
            phrase.append(text if in_address else _ESCAPE.sub(r"\1", token[1]))
            if not in_address:
                quoted.add(len(phrase) - 1)
        else:
            phrase.append(text if token[3] is None else token[3])
    mailboxes.append(_assembled(phrase, quoted, angle, comment))
    return mailboxes


def _assembled(phrase: list[str], quoted: set[int], angle: str | None, comment: list[str]) -> Mailbox:
    said = "".join(phrase).strip()
    aside = "".join(comment).strip()
    if aside and "  " in said:  # the comment stood between two words
        said = " ".join(said.split())
    if angle is not None and angle.strip():
        return Mailbox(_name(said or aside), _address(angle))
    if said.startswith('"') and '"@' in said:
        return Mailbox(_name(aside), _address(said))
    bare = "".join(["\n" if index in quoted else piece for index, piece in enumerate(phrase)]) if quoted else ""
    if found := _ADDRESS.search(bare):  # the name may tell of another address
        before, _, after = said.rpartition(found[0])
        return Mailbox(_name(f"{before}{after}".strip() or aside), _address(found[0]))
    found = _ADDRESS.search(said)
    if found is None:
        if said and angle is None and said.isascii() and said.isprintable() and " " not in said and "=?" not in said:
            return Mailbox(_name(aside), said)
        return Mailbox(_name(said or aside), "")
    rest = (said[: found.start()] + said[found.end() :]).strip(" '\"[]<>")
    return Mailbox(_name(rest or aside), _address(found[0]))


def _name(text: str) -> str:
    return clean.visible(encoded_words.decode(text) if "=?" in text else text)


def _address(text: str) -> str:
    """Without a source route, "mailto:" and blanks."""
    text = text.strip().strip("'")
    if text[:1] == "@" and ":" in text:
        text = text.rpartition(":")[2]
    if text[:7].lower() == "mailto:":
        text = text[7:]
    if "=?" in text:
        text = encoded_words.decode(text)
    if text.startswith('"'):
        return clean.visible(text)
    text = clean.visible(_COMMENT.sub("", text) if "(" in text else text)
    return "".join(text.split()) if "@" in text or " " not in text else ""
