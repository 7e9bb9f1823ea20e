"""Beginners' faults in one TOML statement, each as a mender: the statement as it was probably meant, and the words.

A mender proposes; whoever asks keeps only what tomllib can then read. No mender adds or removes a line, so that line
numbers stay true. Offsets count characters of the statement.
"""

import re
from collections.abc import Callable, Iterator

from msgspec import Struct

from routing.config import secrets

QUOTE = '"'
_INVISIBLE = {"\u00a0": " ", "\u202f": " ", "\u2007": " ", "\u200b": "", "\ufeff": "", "\u00ad": "", "\u200e": ""}
_TYPOGRAPHIC = "„“”‟«»‹›‚‘’´`"
_YES_AND_NO = {"ja": "true", "an": "true", "wahr": "true", "yes": "true", "on": "true", "true": "true"} | {
    "nein": "false",
    "aus": "false",
    "falsch": "false",
    "no": "false",
    "off": "false",
    "false": "false",
}
_LISTS = frozenset({"rules", "kinds", "forms", "tests"})  # the tables of config.toml that come in double brackets
_STRING = r'"(?:\\.|[^"\\\n])*"' + r"|'[^'\n]*'"
_KEY_VALUE = re.compile(r"(?P<key>\s*[^=\n]+?\s*=\s*)(?P<value>[^\n]*?)(?P<end>\s*)\Z")
_NAME = r"[A-Za-z0-9_-]+"


class Spot(Struct, frozen=True):
    """A fault in a statement: where, what it is and what to do, in German."""

    offset: int
    what: str
    advice: str


class Repair(Struct, frozen=True):
    """What is wrong with a statement; ``text`` is how it was probably meant, None when nobody can tell.

    ``is_whole`` says that nothing of it had to be left out.
    """

    spots: tuple[Spot, ...]
    text: str | None
    is_whole: bool = True


Mender = Callable[[str], Iterator[Repair]]


def _once(text: str, offset: int, what: str, advice: str) -> Iterator[Repair]:
    yield Repair((Spot(offset, what, advice),), text)


def _per_line(text: str, offsets: list[int]) -> list[int]:
    """The first of the offsets on each line."""
    return list({text.count("\n", 0, offset): offset for offset in reversed(offsets)}.values())[::-1]


def invisible(text: str) -> Iterator[Repair]:
    """Protected spaces and the like, from a web page or from Word, and control characters."""
    control = {ord(character): "" for character in text if character < " " and character not in "\t\n"} | {127: ""}
    offsets = [index for index, character in enumerate(text) if character in _INVISIBLE or ord(character) in control]
    if offsets:
        what = "Hier steht ein unsichtbares Sonderzeichen, zum Beispiel ein geschütztes Leerzeichen."
        mended = text.translate(str.maketrans(_INVISIBLE) | control)
        yield from _once(mended, offsets[0], what, "Löschen Sie es und tippen Sie ein gewöhnliches Leerzeichen.")


def typographic(text: str) -> Iterator[Repair]:
    """German or French quotes where straight ones belong."""
    offsets = [index for index, character in enumerate(text) if character in _TYPOGRAPHIC]
    if offsets:
        what = f'Hier steht ein typografisches Anführungszeichen ({text[offsets[0]]}) statt eines geraden (").'
        advice = 'Ersetzen Sie am Anfang und am Ende des Textes durch das gerade Zeichen: "so".'
        mended = text.translate({ord(character): QUOTE for character in _TYPOGRAPHIC})
        yield Repair(tuple(Spot(offset, what, advice) for offset in _per_line(text, offsets)), mended)


def backslashes(text: str) -> Iterator[Repair]:
    """Windows paths in double quotes."""
    found = [match.start() for match in re.finditer(r'"[^"\n]*\\[^"\n]*"', text)]
    if found:
        what = "In Texten mit doppelten Anführungszeichen ist \\ ein Sonderzeichen."
        advice = "Schreiben Sie Windows-Pfade mit / oder in einfachen Anführungszeichen: 'C:\\Ordner\\Datei'."
        mended = re.sub(r'"([^"\'\n]*\\[^"\'\n]*)"', r"'\1'", text)
        yield Repair(tuple(Spot(offset, what, advice) for offset in _per_line(text, found)), mended)


def equals_sign(text: str) -> Iterator[Repair]:
    """``name: "x"``, ``name "x"``, ``name == "x"``."""
    found = re.match(rf"(\s*{_NAME})(\s*(?::=|==|=>|->|:)\s*|\s+(?=[\"'\[{{\d]|true\b|false\b))", text)
    if found:
        written = found[2].strip()
        what = f"Hinter dem Namen steht {written} statt =." if written else "Hinter dem Namen fehlt das Zeichen =."
        mended = f"{found[1]} = {text[found.end() :]}"
        yield from _once(mended, found.end(1), what, 'Schreiben Sie: schlüssel = wert, zum Beispiel name = "Bauhof".')


def commas(text: str) -> Iterator[Repair]:
    """Between the entries of a list: missing, doubled, or semicolons."""
    gap = re.compile(rf"({_STRING}|[\]}}])((?:\s|#[^\n]*\n)*)(?=[\"'\[{{])")
    offsets = [match.end(1) - 1 for match in gap.finditer(text)]
    advice = 'Zwischen zwei Einträgen steht ein Komma: ["eins", "zwei"].'
    if offsets:
        spots = tuple(Spot(offset, "Hinter diesem Eintrag der Liste fehlt ein Komma.", advice) for offset in offsets)
        yield Repair(spots, gap.sub(r"\1,\2", text))
    if ";" in text:
        yield from _once(
            text.replace(";", ","), text.index(";"), "Hier steht ein Semikolon statt eines Kommas.", advice
        )
    if doubled := re.search(r",(\s*),|\[(\s*),", text):
        mended = re.sub(r",(\s*),", r",\1", re.sub(r"\[(\s*),", r"[\1", text))
        yield from _once(mended, doubled.start(), "Hier steht ein Komma zu viel.", advice)


def several_values(text: str) -> Iterator[Repair]:
    """``key = "a", "b"`` without the brackets of a list, or in round ones."""
    found = _KEY_VALUE.match(text)
    if not found:
        return
    advice = 'Mehrere Werte sind eine Liste: schlüssel = ["eins", "zwei"].'
    values = re.findall(_STRING, found["value"])
    if len(values) > 1 and not re.sub(_STRING, "", found["value"]).strip(" ,;\t"):
        what = "Mehrere Werte hintereinander brauchen eckige Klammern."
        yield from _once(f"{found['key']}[{', '.join(values)}]", found.start("value"), what, advice)
    if found["value"].startswith("(") and found["value"].endswith(")"):
        what = "Eine Liste steht in eckigen Klammern, nicht in runden."
        yield from _once(f"{found['key']}[{found['value'][1:-1]}]", found.start("value"), what, advice)


def trailing(text: str) -> Iterator[Repair]:
    """A comma, a semicolon or words behind a value or header."""
    if found := re.search(r"[,;]\s*(?=#|\Z)", text):
        what = f"Am Ende der Zeile steht ein {'Komma' if text[found.start()] == ',' else 'Semikolon'} zu viel."
        advice = "Löschen Sie es; Kommas stehen nur innerhalb von Listen."
        yield from _once(text[: found.start()] + " " + text[found.end() :], found.start(), what, advice)
    head = rf"(\s*[^=\n]+=\s*(?:{_STRING}|[\w.+-]+|\[[^\n]*\])|\s*\[\[?[^\]\n]*\]\]?)(\s+)(?=[^\s\"'\[{{#=,])"
    found = re.match(head, text) if "\n" not in text else None
    if found and re.match(rf"{_NAME}\s*=", text[found.end() :]):
        what = "In dieser Zeile stehen zwei Einstellungen."
        spot = Spot(found.end(), what, "Schreiben Sie jede in eine eigene Zeile.")
        yield Repair((spot,), found[1], is_whole=False)
    elif found and not re.search(r"[\"'=]", text[found.end() :]):
        what = "Hinter dem Wert steht noch etwas, das nicht dazugehört."
        mended = f"{text[: found.end()]}# {text[found.end() :]}"
        yield from _once(mended, found.end(), what, "Soll es eine Erklärung sein, setzen Sie ein # davor.")


def header_brackets(text: str) -> Iterator[Repair]:
    """A header with more brackets at one end: [rules]] or [[smtp]."""
    found = re.match(rf"\s*(\[*)\s*({_NAME}(?:\.{_NAME})*)\s*(\]*)\s*(?=#|\Z)", text)
    if found and len(found[1]) != len(found[3]) and (found[1] or found[3]):
        is_list = found[2].rpartition(".")[2] in _LISTS
        meant = f"[[{found[2]}]]" if is_list else f"[{found[2]}]"
        what = f"Am Anfang und am Ende stehen nicht gleich viele Klammern; gemeint ist wohl {meant}."
        advice = "Eine Tabelle beginnt mit [name], ein Eintrag einer Liste mit [[name]]."
        yield from _once(f"{meant} {text[found.end() :]}", found.start(1), what, advice)


def brackets(text: str) -> Iterator[Repair]:
    """Square or curly brackets that do not close, or close twice, or never opened."""
    end = _content_end(text)
    advice = "Jede geöffnete Klammer muss wieder geschlossen werden."
    for closing, name in {"]": "die Klammer ]", "}": "die Klammer }", "]]": "die zweite Klammer ]"}.items():
        if _surplus(text, closing[0]) >= len(closing):
            mended = text[:end].rstrip().removesuffix(",") + closing + text[end:]
            yield from _once(mended, max(end - 1, 0), f"Hier fehlt {name} am Ende.", advice)
    found = re.match(r"[^=\n]+=[ \t]*(?![ \t\[])", text)
    if found and _surplus(text, "]") < 0:
        mended = f"{text[: found.end()]}[{text[found.end() :]}"
        yield from _once(mended, found.end() - 1, "Am Anfang der Liste fehlt die Klammer [.", advice)
    for closing in "]}":
        if text[:end].endswith(closing) and _surplus(text, closing) < 0:
            what = f"Hier steht eine Klammer {closing} zu viel."
            yield from _once(text[: end - 1] + text[end:], end - 1, what, advice)


def _surplus(text: str, closing: str) -> int:
    """How many more open than close, outside texts and comments; {[ counts for both."""
    bare = re.sub(rf"{_STRING}|#[^\n]*", "", text)
    return bare.count({"]": "[", "}": "{"}[closing]) - bare.count(closing)


def _content_end(text: str) -> int:
    """Behind the last thing that is neither blank nor a comment."""
    last = 0
    for match in re.finditer(rf"{_STRING}|#[^\n]*|\S", text):
        if not match[0].startswith("#"):
            last = match.end()
    return last


def quotes(text: str) -> Iterator[Repair]:
    """A text that does not begin or does not end: a quote is put wherever one could stand."""
    if mixed := re.search(r"\"([^\"'\n]*)'|'([^\"'\n]*)\"", text):
        mended = f'{text[: mixed.start()]}"{mixed[1] or mixed[2] or ""}"{text[mixed.end() :]}'
        what = "Der Text beginnt mit einem anderen Anführungszeichen, als er endet."
        yield from _once(mended, mixed.start(), what, 'Nehmen Sie an beiden Enden das gerade doppelte: "so".')
    for mark, name in ((QUOTE, 'Anführungszeichen (")'), ("'", "Anführungszeichen (')")):
        if text.count(mark) % 2 == 0:
            continue
        for match in re.finditer(r"(?<=[=\[{,])\s*|\s*(?=[,\]}])|\s*(?=#)|\s*\Z", text):
            opens = match.start() > 0 and text[match.start() - 1] in "=[{,"
            at = match.end() if opens else match.start()
            mended = text[:at] + mark + text[at:]
            what = f"Am {'Anfang' if opens else 'Ende'} dieses Textes fehlt das {name}."
            yield from _once(
                mended, at if opens else max(at - 1, 0), what, 'Ein Text steht zwischen zwei davon: "so".'
            )


def inner_quotes(text: str) -> Iterator[Repair]:
    """``text = "Er rief "Hilfe" und lief"``: the text ends where it was not meant to."""
    found = _KEY_VALUE.match(text) if "\n" not in text else None
    if (
        not found
        or len(found["value"]) < 3
        or found["value"][0] != found["value"][-1]
        or found["value"][0] not in "\"'"
    ):
        return
    mark, inner, outer = found["value"][0], found["value"][1:-1], "'''" if found["value"][0] == QUOTE else QUOTE * 3
    if mark in inner:
        what = f"Im Text steht ein gerades Anführungszeichen ({mark}); für das Programm endet er dort."
        advice = 'Schreiben Sie im Text „so“, und den ganzen Text zwischen geraden doppelten: "Text".'
        offset = found.start("value") + 1 + inner.index(mark)
        yield from _once(f"{found['key']}{outer}{inner}{outer}", offset, what, advice)


def bare_value(text: str) -> Iterator[Repair]:
    """Words, times, dates and numbers that are not written as TOML wants them."""
    found = _KEY_VALUE.match(text) if "\n" not in text else None
    if not found:
        return
    value, _, comment = found["value"].partition(" #")
    value, rest = value.strip(), f" #{comment}" if comment else ""
    at = found.start("value")
    if not value or value.startswith("#"):
        return
    if truth := _YES_AND_NO.get(value.casefold()):
        what = f"„{value}“ kennt das Programm hier nicht."
        yield from _once(
            f"{found['key']}{truth}{rest}", at, what, "Für ja schreiben Sie true, für nein false (klein)."
        )
    if re.fullmatch(r"[+-]?\d+,\d+", value):
        what, advice = "Zahlen haben einen Punkt statt eines Kommas.", "Schreiben Sie zum Beispiel 0.5."
        yield from _once(f"{found['key']}{value.replace(',', '.')}{rest}", at, what, advice)
    if re.fullmatch(r"0\d+", value):
        what, advice = "Eine Zahl darf nicht mit 0 beginnen.", "Lassen Sie die führende Null weg."
        yield from _once(f"{found['key']}{value.lstrip('0') or '0'}{rest}", at, what, advice)
    if day := re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", value):
        iso = f"{day[3]}-{int(day[2]):02}-{int(day[1]):02}"
        yield from _once(f"{found['key']}{iso}{rest}", at, "Ein Datum wird anders geschrieben.", f"So: {iso}.")
    if not re.search(r"[\"'\[\]{}\\„“”‚‘’«»]", value):
        shown = "…" if secrets.written_down(found["key"]) else value[:40]
        what = f"Der Wert {shown} steht nicht in Anführungszeichen."
        yield from _once(f'{found["key"]}"{value}"{rest}', at, what, f'Texte schreiben Sie so: "{shown}".')


def bare_entries(text: str) -> Iterator[Repair]:
    """``[müll, sperrmüll]``: a list of words without quotes."""
    pattern = re.compile(r"(?<=[\[,])(\s*)([^\s\"'\[\]{},#][^\"'\[\]{},#\n]*?)(\s*)(?=[,\]\n]|\Z)")
    offsets = [match.start(2) for match in pattern.finditer(text)] if "=" in text else []
    if offsets:
        what = "Dieser Eintrag der Liste steht nicht in Anführungszeichen."
        advice = 'Schreiben Sie jeden so: ["eins", "zwei"].'
        spots = tuple(Spot(offset, what, advice) for offset in _per_line(text, offsets))
        yield Repair(spots, pattern.sub(r'\1"\2"\3', text))


def names(text: str) -> Iterator[Repair]:
    """Umlauts and blanks in a key or a header."""
    advice = "Namen bestehen aus a–z, 0–9, _ und -: ä wird ae, ß wird ss, und ein Leerzeichen gibt es nicht."
    if header := re.match(r"(\s*\[\[?)([^\[\]\n]+)(\]\]?.*)", text, re.DOTALL):
        parts = [part.strip().strip("\"'") for part in header[2].split(".")]
        quoted = ".".join(part if re.fullmatch(_NAME, part) else f'"{part}"' for part in parts)
        what = f"Der Name {header[2].strip()[:40]} enthält Zeichen, die in Namen nicht vorkommen dürfen."
        yield from _once(f"{header[1]}{quoted}{header[3]}", header.start(2), what, advice)
    elif (key := re.match(r"\s*([^=\"'\n#\[\]]+?)\s*(?==)", text)) and not re.fullmatch(_NAME, key[1]):
        what = f"Der Name {key[1][:40]} enthält Zeichen, die in Namen nicht vorkommen dürfen."
        yield from _once(f'"{key[1]}" {text[key.end() :]}', key.start(1), what, advice)


def comment_marks(text: str) -> Iterator[Repair]:
    """Comments as other languages write them."""
    if found := re.match(r"\s*(//|/\*|;|--|%|<!--|REM\b|rem\b)", text):
        what = f"Erklärungen beginnen mit #, nicht mit {found[1]}."
        yield from _once(f"# {text}", found.start(1), what, "Setzen Sie ein # an den Anfang der Zeile.")


def one_line_tables(text: str) -> Iterator[Repair]:
    """An inline table over several lines."""
    found = re.search(r"\{[^{}]*\n[^{}]*\}", text)
    if found and "#" not in found[0]:
        joined = " ".join(found[0].split()).replace(", }", " }")
        mended = text[: found.start()] + joined + text[found.end() :] + "\n" * found[0].count("\n")
        what = "Eine Tabelle in geschweiften Klammern { } muss in einer Zeile stehen."
        yield from _once(mended, found.start(), what, "Schreiben Sie alles zwischen { und } in eine Zeile.")


MENDERS: tuple[Mender, ...] = (
    invisible,
    comment_marks,
    typographic,
    backslashes,
    equals_sign,
    several_values,
    commas,
    trailing,
    inner_quotes,
    quotes,
    header_brackets,
    brackets,
    one_line_tables,
    bare_value,
    bare_entries,
    names,
)
