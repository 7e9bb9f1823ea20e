"""What the citizen wrote now: the text without quotes, signatures, mobile footers and disclaimers.

Works line by line, German and English, in linear time. In doubt a line stays: a lost sentence may be an emergency, a
left-over signature is only ugly. When nothing would be left, the whole text counts as new. A forward ("WG:", "Fwd:",
or a forwarded block in the text) keeps what it forwards.
"""

import re
from typing import NamedTuple

_FORWARD_SUBJECT = re.compile(r"(?i)\s*(?:wg|fwd?|wtr|weitergeleitet|forward)\s*:")
_FORWARD_MARK = re.compile(
    r"(?i)[>\s-]*(?:-{2,}\s*(?:weitergeleitete (?:nachricht|e-?mail)|forwarded (?:message|mail)|forwarded by)|"
    r"(?:anfang der weitergeleiteten (?:nachricht|e-?mail)|begin forwarded message)\s*:|weitergeleitete nachricht:?\s*$)"
)
_ORIGINAL_MARK = re.compile(
    r"(?i)\s*-{2,}\s*(?:urspr(?:ü|ue)ngliche (?:nachricht|mail|e-mail)|original[- ]?(?:nachricht|message|mail|appointment)|"
    r"originalnachricht|nachricht von .{0,80}|reply message)\s*-{2,}\s*$"
)
_BLOCK_FIELD = re.compile(
    r"(?i)[\s*_>]*(von|gesendet|an|cc|kopie|betreff|datum|gesendet am|from|sent|to|subject|date|antwort an|reply-to)"
    r"\s*\*?:\*?(?:\s|$)"
)
_BLOCK_STARTS = frozenset(["von", "from", "gesendet", "sent", "datum", "date", "betreff", "subject", "an", "to"])
_ATTRIBUTION_START = re.compile(
    r"(?i)(?:am|on|den|le|el|il|op|em|vào|dne|w dniu)\b|.{0,120}?(?:<|schrieb|wrote|\bhat am\b|@|\d{4})"
)
_ATTRIBUTION = re.compile(
    r"(?i)^(?=.{0,400}?(?:@|\d{1,2}[:.h]\d\d|\d{4})).{0,300}?\b(?:schrieb|geschrieben|wrote|writes|schreibt|a écrit|escribió|"
    r"ha scritto|schreef|napisał|napsal|пишет|написал)\b.{0,200}:\s*$"
)
_GREETING = re.compile(
    r"(?i)[\s*_]*(?:(?:vielen dank|danke|besten dank|herzlichen dank|ich danke ihnen)?(?: im voraus)?[,.!]?\s*(?:und|&)?\s*"
    r"(?:mit\s+)?(?:den\s+)?(?:sehr\s+)?(?:freundlich\w*|freundl\.?|best\w*|lieb\w*|viel\w*|herzlich\w*|sch(?:ö|oe)n\w*|"
    r"nett\w*|sonnig\w*|kollegial\w*|h(?:ö|oe)flich\w*|winterlich\w*)\s+(?:gr(?:ü|ue)(?:ß|ss)\w*|gru(?:ß|ss)\w*)|"
    r"(?:viele |liebe )?gr(?:ü|ue)(?:ß|ss)e\b|gru(?:ß|ss)\b|(?:mfg|lg|vg|bg)\b|m\.\s?f\.\s?g\.|hochachtungsvoll|es gr(?:ü|ue)(?:ß|ss)t|"
    r"mit (?:vorz(?:ü|ue)glicher |besonderer )?hochachtung|"
    r"(?:with\s+)?(?:kind(?:est)?|best|warm(?:est)?|many)?\s*regards\b|(?:yours\s+)?(?:sincerely|faithfully|truly)(?:\s+yours)?\b|"
    r"best wishes|cheers\b)"
)
_LONGEST_GREETING = 9  # words
_MOBILE = re.compile(
    r"(?i)[\s*_>-]*(?:(?:diese (?:nachricht|mail|e-mail) wurde )?(?:von|mit) (?:meinem|meiner|der|mobil\w*|unterwegs)\b.{0,80}\bgesendet|"
    r"gesendet (?:von|mit|aus|über)\b.{0,100}|von (?:meinem )?(?:iphone|ipad|samsung|android|mobil)\w*.{0,60}gesendet|"
    r"diese (?:nachricht|mail|e-mail) wurde (?:von|mit)\b.{0,100}\bgesendet|unterwegs gesendet|mobil gesendet|"
    r"sent (?:from|via|with|by) .{0,100}|get outlook for .{0,80}|(?:holen sie sich |laden sie )?outlook f(?:ü|u)r (?:ios|android).{0,60}|"
    r"virenfrei\..{0,60}|virus-free\..{0,60}|yahoo mail.{0,60}|envoyé de mon .{0,60})[\s*_]*$"
)
_DISCLAIMER = re.compile(
    r"(?i)[\s*_>!-]*(?:(?:wichtiger )?hinweis\s*:?\s*(?:diese|dieses)\b|(?:diese|dieses) (?:e-?mail|mail|nachricht|information|schreiben) "
    r"(?:ist|kann|und|enthält|einschlie|wurde|inkl|sowie|könnte)\w*.{0,160}(?:vertraulich|ausschlie|bestimmt|virus|viren|avast|adressat)|"
    r"der inhalt dieser (?:e-?mail|mail|nachricht)|(?:this|the information (?:contained )?in this) (?:e-?mail|message|communication)\b"
    r".{0,200}(?:confidential|privileged|intended|virus)|(?:vertraulichkeitshinweis|haftungsausschluss|disclaimer|confidentiality notice)\b|"
    r"(?:bitte )?(?:denken sie|prüfen sie|drucken sie|überlegen sie|schonen sie).{0,80}(?:umwelt|ausdruck|gedruckt|drucken)|"
    r"(?:bitte )?.{0,20}umwelt.{0,60}ausdruck|please consider the environment|think before you print|"
    r"(?:informationen|hinweise) (?:zum|zur|über den) (?:datenschutz|verarbeitung).{0,120}(?:https?:|www\.|finden sie))"
)
_PROSE = re.compile(r"[a-zäöüß]{2,}[^.!?\n]*[.!?]")
_POSTSCRIPT = re.compile(r"(?i)\s*(?:p\.?\s?s\.?|nb|nachtrag|ps)\s*[:.,\s]")
_LETTER = re.compile(r"[^\W_]")
_GAP = re.compile(r"\n{3,}")
_RULE = re.compile(r"[\s_=*~#.-]*$")


_VERBS = ("schrieb", "wrote", "writes", "schreibt", "a écrit", "escribió", "ha scritto", "schreef", "napis", "napsal")
_VERBS += ("пишет", "написал")
_SIGN = re.compile(
    # One pass over the lower-cased text finds the few lines that are worth a closer look.
    r"\n(?:(?P<special>>|--[ \t]*(?:\n|$))|[ \t*_~]{0,8}(?:"
    r"(?P<greeting>(?:mit|viele|liebe|beste|freundl|herzlich|sch(?:ö|oe)n|nette|sonnige|winterl|h(?:ö|oe)fl|kolleg|danke|"
    r"ich danke|im voraus|gru|gr(?:ü|ue)|mfg|lg|vg|bg|m\.|hochacht|es gr|und |with|kind|warm|many|regards|yours|sincer|"
    r"faithf|truly|cheers|[^\n]{0,12}regards|best))|"
    r"(?P<history>(?:von|from|gesendet|sent|datum|date|betreff|subject|an|to) ?\*?:|-{2,} ?[a-z]|anfang der|begin f|"
    r"weitergel)|"
    r"(?P<footer>gesendet|von |diese|sent |get o|holen|laden|outlook|virenf|virus|yahoo|envoy|der inh|this |the inf|"
    r"vertraul|haftung|disclaimer|confid|wichtig|hinweis|bitte|denken|pr(?:ü|ue)fen|drucken|(?:ü|ue)berlegen|schonen|"
    r"umwelt|please|think|informat|mobil|unterwegs)"
    r"))"
)


def extract(text: str, subject: str = "") -> str:
    """The new part of ``text``; the whole of it when nothing else would be left."""
    lower = f"\n{text.lower()}"
    signs = _look(lower)
    if not any(signs):
        return text.strip()
    lines = text.split("\n")
    cut, forwarded = len(lines), False
    if signs.history or signs.verbs:
        cut, forwarded = _history(lines, signs, is_forward=_FORWARD_SUBJECT.match(subject) is not None)
    head = _without_signature(lines[:cut], signs)
    kept = "\n".join(head).strip()
    if len(head) < cut:
        kept = _GAP.sub("\n\n", kept)
    if forwarded:
        tail = "\n".join(lines[cut:]).strip()
        kept = f"{kept}\n\n{tail}" if kept and tail else kept or tail
    return kept if _says_something(kept) else text.strip()


class _Signs(NamedTuple):
    """The numbers of the lines that may be what the name says."""

    greeting: set[int]
    history: set[int]
    footer: set[int]
    special: set[int]  # "> " or "-- "
    verbs: set[int]  # an introduction ("Am ... schrieb ...:") may begin here


def _look(lower: str) -> _Signs:
    signs = _Signs(set(), set(), set(), set(), set())
    number, at = -1, 0
    for found in _SIGN.finditer(lower):
        number += lower.count("\n", at, found.start() + 1)
        at = found.start() + 1
        kind = found.lastgroup or ""
        getattr(signs, kind).add(number)
        if kind == "history" and lower.startswith(("gesendet", "von"), at):
            signs.footer.add(number)
    for verb in _VERBS:
        number, at = -1, 0
        while (start := lower.find(verb, at)) >= 0:
            number += lower.count("\n", at, start)
            at = start + 1
            signs.verbs.update((number - 3, number - 2, number - 1, number))
    return signs


def _says_something(text: str) -> bool:
    return _LETTER.search(text) is not None


def _history(lines: list[str], signs: _Signs, *, is_forward: bool) -> tuple[int, bool]:
    """Where the earlier messages begin that are not marked line by line, and whether they are a forward's content."""
    for index in sorted(signs.history | signs.verbs):
        if not 0 <= index < len(lines) or lines[index][:1] in (">", ""):
            continue
        line = lines[index]
        if index in signs.history:
            if _FORWARD_MARK.match(line):
                return _before_rule(lines, index), True
            if _is_block(lines, index):
                return _before_rule(lines, index), is_forward
            if _ORIGINAL_MARK.match(line):
                return index, is_forward
        length = _attribution(lines, index) if index in signs.verbs else 0
        if length:
            following = index + length
            while following < len(lines) and not lines[following].strip():
                following += 1
            if following >= len(lines) or lines[following][:1] != ">":
                return index, is_forward
            if is_forward:
                return index, True
    return len(lines), False


def _is_block(lines: list[str], index: int) -> bool:
    """An Outlook block: Von/From and Gesendet/Date and one more within the next lines."""
    found = _BLOCK_FIELD.match(lines[index])
    if found is None or found[1].lower() not in _BLOCK_STARTS:
        return False
    names = {found[1].lower()}
    for line in lines[index + 1 : index + 9]:
        following = _BLOCK_FIELD.match(line)
        if following:
            names.add(following[1].lower())
    sender = not names.isdisjoint({"von", "from"})
    about = not names.isdisjoint({"betreff", "subject", "an", "to"})
    return sender and about and len(names) >= 3


def _before_rule(lines: list[str], index: int) -> int:
    """Without the rule (____) that Outlook draws before a block."""
    while index > 0 and _RULE.match(lines[index - 1]) and len(lines[index - 1]) < 200:
        index -= 1
    return index


def _attribution(lines: list[str], index: int) -> int:
    """How many lines a "… schrieb …:" takes that begins here; 0 for none."""
    line = lines[index]
    if len(line) > 300:
        return 0
    joined = ""
    for count, piece in enumerate(lines[index : index + 4], 1):
        joined = f"{joined} {piece.strip()}" if joined else piece.strip()
        if not piece.strip() or len(joined) > 600:
            return 0
        if joined.endswith(":"):
            return count if _ATTRIBUTION.match(joined) else 0
        if count == 1 and not _ATTRIBUTION_START.match(joined):
            return 0
    return 0


def _without_signature(lines: list[str], signs: _Signs) -> list[str]:
    """Without quotes and their introductions, signature, footers, disclaimers; later prose and postscripts stay."""
    first = min(signs.greeting | signs.footer | signs.special | signs.verbs, default=len(lines))
    kept = lines[: max(first, 0)]
    said = any(map(_says_something, kept))
    signed = disclaimed = False
    skip = 0
    for index, line in enumerate(lines[len(kept) :], len(kept)):
        if skip:
            skip -= 1
        elif not line or line.isspace():
            disclaimed = False
            kept.append("")
        elif line[0] == ">" and not line.startswith(">From "):
            disclaimed = False
        elif index in signs.verbs and (length := _attribution(lines, index)):
            skip = length - 1
        elif said and index in signs.special and line.rstrip() == "--":
            break
        elif disclaimed or (index in signs.footer and _is_footer(line)):
            disclaimed = disclaimed or _DISCLAIMER.match(line[:600]) is not None
        elif said and not signed and index in signs.greeting and _is_greeting(line.strip()):
            signed = True
        elif not signed or _is_content(line.strip()):
            kept.append(line)
            said = said or _says_something(line)
    return kept


def _is_footer(line: str) -> bool:
    return (len(line) < 200 and _MOBILE.match(line) is not None) or _DISCLAIMER.match(line[:600]) is not None


def _is_greeting(line: str) -> bool:
    if len(line) > 90 or _GREETING.match(line) is None:
        return False
    return len(line.split()) <= _LONGEST_GREETING and not line.endswith("?")


def _is_content(line: str) -> bool:
    """After the greeting: a postscript, or a sentence that is no part of a signature."""
    if _POSTSCRIPT.match(line):
        return True
    return len(line.split()) >= 7 and _PROSE.search(line) is not None
