"""A city's config.toml of before the rule library: the one that came with that version, and what the city changed.

The shipped pair (config.toml, vocabulary.toml) lies packed in ``tests/data/before_the_library``. ``WISHES`` are the
edits that such a city had made in it over the years, one by one; ``written`` writes either pair into a folder.
"""

import lzma
import re
from pathlib import Path

from tests import ROOT

PACKED = ROOT / "tests" / "data" / "before_the_library"
STADTWERKE = """
[recipients.stadtwerke]
name = "Stadtwerke"
address = ["licht@stadtwerke.invalid"]
schedule = ["Mo-Fr 06:00"]

[recipients.feuerwehr]
name = "Feuerwehr"
address = ["wespen@feuerwehr.invalid"]
schedule = ["Mo-So 08:00"]
inside = true

"""
OWN = """
[[rules]]
name = "Fahnenmast"
id = "F01"
category = "Straßen / Fahnen"
recipient = "kbk"
urgency = "liste"
keywords = ["fahnenmast + @defekt", "@fahnen"]

[[rules.tests]]
text = "Der Fahnenmast am Rathaus ist umgeknickt"

[[rules.tests]]
text = "Der Mast am Rathaus ist hoch"
matches = false
"""


def shipped() -> dict[str, str]:
    """The two files as they came, by name."""
    return {path.stem: lzma.decompress(path.read_bytes()).decode() for path in sorted(PACKED.glob("*.xz"))}


def changed() -> dict[str, str]:
    """The two files as a city had them, by name."""
    files = shipped()
    text, lists = files["config.toml"], files["vocabulary.toml"]
    text = text.replace('recipient = "ngn"', 'recipient = "stadtwerke"')  # lamps, in every rule
    text = _in_rule(text, "E-Scooter", r'urgency = "sammel"', 'urgency = "heute"')
    text = _in_rule(text, "Sperrmüll auf der Straße", r"keywords = \[", 'keywords = [\n  "polsterecke",')
    text = _in_rule(text, "Lärm", r"except = \[", 'except = [\n  "lärm vom stadtfest",')
    text = _in_rule(text, "Ratten", r'recipient = "kbk"', 'recipient = ["kbk", "kod"]')
    text = _in_rule(text, "Graffiti", r'recipient = "kbk"', 'recipient = "gsak"')
    text = _in_rule(text, "Spritzen und Nadeln", r'recipient = "kod"', 'recipient = ["kod", "streetwork"]')
    text = _without_rule(text, "Gestank")
    text = text.replace('schedule = ["Mo-Fr 07:30", "Mo-Fr 13:00", "Sa 09:00"]', 'schedule = ["Mo-Fr 06:30"]')
    text = text.replace("# gazetteer = ", "gazetteer = ").replace("# letters_per_hour = 200", "letters_per_hour = 60")
    text = text.replace("# Straßenbeleuchtung\n", f"{STADTWERKE}# Straßenbeleuchtung\n") + OWN
    lists = lists.replace("moebel = [", 'moebel = [\n  "polsterwürfel",') + '\nfahnen = ["fahne", "wimpel"]\n'
    return {"config.toml": text, "vocabulary.toml": lists, "strassen.txt": "Alter Deich\nAm Kolk\n"}


def written(folder: Path, files: dict[str, str]) -> Path:
    """The files in a folder of their own; the path of their config.toml."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "config.toml"


def _in_rule(text: str, name: str, old: str, new: str) -> str:
    """The text with the first ``old`` (a pattern) of this rule replaced."""
    start = text.index(f'name = "{name}"\n')
    end = start + (text[start:].find("\n[[rules]]\n") if "\n[[rules]]\n" in text[start:] else len(text))
    rule, count = re.subn(old, lambda _: new, text[start:end], count=1)
    assert count == 1, (name, old)
    return text[:start] + rule + text[end:]


def _without_rule(text: str, name: str) -> str:
    at = text.index(f'name = "{name}"\n')
    start, end = text.rindex("[[rules]]", 0, at), text.index("\n[[rules]]\n", at)
    return text[:start] + text[end + 1 :]
