"""Whether German knows a word: asked before a word is taken for a mistyped one.

``dictionary.bin`` is a Bloom filter over 335,000 German word forms of four to eighteen letters (from the dictionary of
pyspellchecker 0.9.1, MIT licence), read when it is first asked. It never denies a word that is in it and takes one in
seventy others for known, which errs to the safe side: what is known is left as it was written. ``python -m
routing.text.keywords.dictionary LIST`` writes it anew from a list of words, one a line.
"""

import sys
from collections.abc import Iterable
from functools import cache
from hashlib import blake2b
from pathlib import Path

from routing.text.keywords import folding

_FILE = Path(__file__).with_name("dictionary.bin")
_BITS = 3_000_000
_HASHES = 6
_ENDINGS = ("e", "en", "er", "es", "em", "n", "s", "ern")
_LINKS = ("", "s", "n", "en", "es")
_SHORTEST_PART = 5


def is_known(word: str) -> bool:
    """Whether a folded word is in the dictionary, as it is, without an ending or as two words written as one."""
    if any(
        _holds(form) for form in (word, *(word.removesuffix(ending) for ending in _ENDINGS if word.endswith(ending)))
    ):
        return True
    return any(
        _holds(word[at:]) and any(word[:at].endswith(link) and _holds(word[: at - len(link)]) for link in _LINKS)
        for at in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1)
    )


@cache
def _filter() -> bytes:
    return _FILE.read_bytes()


def _holds(word: str) -> bool:
    bits = _filter()
    return all(bits[place >> 3] >> (place & 7) & 1 for place in _places(word))


def _places(word: str) -> Iterable[int]:
    digest = blake2b(word.encode(), digest_size=4 * _HASHES).digest()
    return (int.from_bytes(digest[at : at + 4]) % _BITS for at in range(0, 4 * _HASHES, 4))


def build(words: Iterable[str]) -> bytes:
    """The filter, as bytes, over the words as they are written in German."""
    bits = bytearray(_BITS // 8)
    for word in {folding.plain(word.strip()) for word in words}:
        if 4 <= len(word) <= 18 and word.isascii() and word.isalpha():
            for place in _places(word):
                bits[place >> 3] |= 1 << (place & 7)
    return bytes(bits)


if __name__ == "__main__":
    _FILE.write_bytes(build(Path(sys.argv[1]).read_text("utf-8").splitlines()))
