"""A second corpus: long mails in which citizens write about several things at once, all different, from one seed.

Two to nine matters a mail, each told in sentences put together from words and from clauses of several shapes, with
compounds that no list holds, streets, dates, numbers, asides, questions and thanks; the citizen's own text has
5 KB on average, the mail 15 KB. Its words stand in ``long_mails.toml`` alone: none is taken from the rules or their
tests, so that what the rules find in them is left to chance, as it is with other people's mails. Mails themselves are
made as in ``bench.support.mails``.
"""

import random
import textwrap
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.support import mails

OWN_TEXT = 5_000
"""Characters that a citizen writes on average."""
FEWEST, MOST = 1_500, 12_000

_WORDS: dict[str, list[str]] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def generate(count: int, *, seed: int = 1) -> Iterator[bytes]:
    """``count`` mails, with CRLF."""
    chance = random.Random(f"{seed} long")
    noise = chance.randbytes(200_000)
    start = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
    for number in range(count):
        yield _mail(chance, number, noise, start + timedelta(seconds=37 * number))


def own_text(chance: random.Random, name: str) -> str:
    """What one citizen writes."""
    length = min(MOST, max(FEWEST, chance.gauss(OWN_TEXT, OWN_TEXT / 3)))
    matters = chance.randrange(2, 10)
    paragraphs: list[str] = []
    for number in range(matters):
        sentences = [_beginning(chance)] if number else []
        while sum(map(len, sentences)) < length / matters:
            sentences.append(_sentence(chance))
        paragraphs.append(textwrap.fill(" ".join(sentences), chance.choice((72, 76, 400))))
    body = "\n\n".join(paragraphs)
    return f"{chance.choice(mails.OPENINGS)}\n\n{body}\n\n{chance.choice(_WORDS['closings'])}\n{name}\n"


def _mail(chance: random.Random, number: int, noise: bytes, sent: datetime) -> bytes:
    name = f"{chance.choice(mails.FIRST_NAMES)} {chance.choice(mails.LAST_NAMES)}"
    text = own_text(chance, name)
    charset = "utf-8" if chance.random() < 0.8 else "iso-8859-1"
    shape = chance.random()
    if shape < 0.4:
        quoted = "".join(f"> {line}\n" for line in own_text(chance, name).splitlines())
        content = mails.part(
            chance, f"{text}\nAm 01.03.2026 um 09:12 schrieb das Bürgerbüro:\n{quoted}", "plain", charset
        )
    elif shape < 0.7:
        content = mails.alternative(chance, text, charset, styles=35)
    else:
        content = mails.mixed(chance, text, charset, noise, chance.randrange(2_000, 9_000))
    return mails.header(chance, number, name, _thing(chance), sent) + content


def _beginning(chance: random.Random) -> str:
    return f"{chance.choice(_WORDS['links'])}: {_sentence(chance)}"


def _sentence(chance: random.Random) -> str:
    shape = chance.random()
    if shape < 0.2:
        return _filled(chance, chance.choice(_WORDS["thoughts"]))
    where = _filled(chance, chance.choice(_WORDS["where"] if chance.random() < 0.35 else _WORDS["there"]))
    when = chance.choice(_WORDS["when"])
    thing, other = _thing(chance), _thing(chance)
    how, verb = chance.choice(_WORDS["adjectives"]), chance.choice(_WORDS["verbs"])
    who, also = chance.choice(_WORDS["people"]), chance.choice(_WORDS["adjectives"])
    if shape < 0.45:
        said = f"{where} {verb} {when} etwas, ich vermute {thing} oder {other}"
    elif shape < 0.65:
        said = f"{who} hat {when} {where} bemerkt, dass dort {how} und {also} {thing} zu sehen ist"
    elif shape < 0.8:
        aside = chance.choice(_WORDS["asides"])
        said = f"{when} ist {where} alles {how}, {aside}, und {thing} {verb}, sobald jemand daran kommt"
    elif shape < 0.9:
        said = f"zu {thing}, {other} sowie {_thing(chance)} {where} hätte ich gern eine Auskunft, weil es {how} wirkt"
    else:
        said = f"{who} meint, {thing} sei {how}; ich finde, {other} {verb} {when} noch mehr"
    return f"{said[0].upper()}{said[1:]}{chance.choice('...!')}"


def _thing(chance: random.Random) -> str:
    first, head = chance.choice(_WORDS["first"]), chance.choice(_WORDS["heads"])
    return (first + head if chance.random() < 0.7 else head).capitalize()


def _filled(chance: random.Random, text: str) -> str:
    return text.format(
        n=chance.randrange(2, 190),
        m=chance.randrange(2, 99),
        k=chance.randrange(2, 9),
        s=chance.choice(_WORDS["streets"]),
    )
