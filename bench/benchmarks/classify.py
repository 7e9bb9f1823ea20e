"""Classifying the same texts with 50 and with 5,000 keywords: the time must hardly grow. And compiling them.

Ten keywords a rule. The 50 are in both sets, so both find the same; the others are compounds that sound German and
seldom occur. Beside it what one would write without a library: ``in`` for every keyword, and one regular expression a
rule with word boundaries, both on the lower-case text; they find less (no inflections, no ``ae`` for ``ä``) and say
nothing of masks, places or reasons. In this process, single thread, processor time, the candidates in turn, and no
text twice: the program remembers words.
"""

import random
import re
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bench import report
from bench.options import Options
from bench.support import mails
from intake.message import Message
from routing import rules
from routing.config.toml import document
from routing.model import gazetteer
from routing.model.gazetteer import GazetteerFile
from routing.model.settings import Settings

FEW, MANY = 50, 5_000
TEXTS = 1_000
SAMPLE = 100  # of the texts for the two slow ways
ROUNDS = 5
COMPILE_SECONDS = 0.3
RATE = 5_000
LOOP_RATE = 312  # texts a second of the loop of ``in`` where that rate is wanted
COMMON = (
    *("müllsack", "sperrmüll", "matratze*", "schlagloch", "laterne", "hundekot", "ratte*", "graffiti", "glasscherbe*"),
    *("papierkorb", "falschparker", "scooter", "lärm", "spritze*", "gully", "ampel", "baum umgestürzt", "taube*"),
    *("wilder müll", "schrottauto", "kühlschrank", "farbeimer", "bauschutt", "altöl", "laub", "unkraut", "poller"),
    *("verkehrsschild", "spielplatz", "rutsche", "bank", "container", "altglas", "zigarettenkippe*", "kaugummi"),
    *("tierkadaver", "eichenprozessionsspinner", "bordstein", "radweg", "gehweg", "zebrastreifen", "hecke", "ast"),
    *("wurzel", "pfütze", "überschwemmung", "geruch", "zaun", "mauer", "bushaltestelle"),
)
GAZETTEER = Path(__file__).parents[2] / "gazetteer.toml"
FIRST_PARTS = ("abfall", "balkon", "dach", "eisen", "fenster", "garten", "haus", "keller", "lager", "markt", "nacht")
LAST_PARTS = ("behälter", "deckel", "gitter", "kasten", "leitung", "platte", "rinne", "schacht", "stange", "tür")


def measure(options: Options) -> Iterator[report.Row]:
    chance = random.Random(options.seed)
    read = document.read(GAZETTEER.read_bytes(), GAZETTEER.name, GazetteerFile)
    places = gazetteer.of(read.value or GazetteerFile(), "Krefeld")
    words = [word.strip("*") for word in COMMON]
    keywords = {size: _keywords(chance, size) for size in (FEW, MANY)}
    started = time.process_time()
    sets = {size: rules.build(_settings(of), {}, places)[0] for size, of in keywords.items()}
    compiling = time.process_time() - started
    seconds: dict[int, list[float]] = {FEW: [], MANY: []}
    plain: list[float] = []
    expressions: list[float] = []
    found: dict[int, int] = {}
    for _ in range(ROUNDS):
        texts: list[Message] = []
        for size, rule_set in sets.items():
            texts = [_message(chance, words, number) for number in range(TEXTS)]
            started = time.process_time()
            decisions = rules.classify_all(texts, rule_set)
            seconds[size].append((time.process_time() - started) / TEXTS)
            found[size] = sum(1 for decision in decisions if decision.concerns)
        plain.append(_seconds_a_text(_plain(keywords[MANY]), texts))
        expressions.append(_seconds_a_text(_expressions(keywords[MANY]), texts))
    few, many = (statistics.median(seconds[size]) for size in (FEW, MANY))
    texts_a_second = f"{1 / many:.0f} texts/s"
    yield report.at_most(
        f"classification, {MANY} keywords ({found[MANY]} of {TEXTS} texts of 1.6 KB match)",
        texts_a_second,
        f"{FEW} keywords: {1 / few:.0f} texts/s",
        many / few,
        1.5,
        "<= 1.5 x the time",
    )
    loop, expression = statistics.median(plain), statistics.median(expressions)
    against = f"`in` for each keyword: {1 / loop:.0f} texts/s"
    least = RATE / LOOP_RATE
    yield report.at_least("the same", texts_a_second, against, loop / many, least, f">= {least:.0f} x")
    against = f"a regular expression a rule: {1 / expression:.0f} texts/s"
    yield report.at_least("the same", texts_a_second, against, expression / many, 1, ">= 1 x")
    best = f"the best of {ROUNDS} rounds: {1 / min(seconds[MANY]):.0f} texts/s"
    yield report.Row("the same, wished on one core", texts_a_second, best, budget=f"{RATE} texts/s")
    yield report.Row(
        f"compiling {FEW} + {MANY} keywords",
        f"{compiling:.2f} s",
        budget=f"<= {COMPILE_SECONDS} s",
        passed=compiling <= COMPILE_SECONDS,
    )


def _seconds_a_text(find: Callable[[str], object], texts: Sequence[Message]) -> float:
    started = time.process_time()
    for text in texts[:SAMPLE]:
        find(text.new_text)
    return (time.process_time() - started) / SAMPLE


def _plain(keywords: Sequence[str]) -> Callable[[str], list[str]]:
    wanted = [keyword.strip("*") for keyword in keywords]

    def find(text: str) -> list[str]:
        lower = text.lower()
        return [keyword for keyword in wanted if keyword in lower]

    return find


def _expressions(keywords: Sequence[str]) -> Callable[[str], list[bool]]:
    patterns = [
        re.compile("|".join(r"\b" + re.escape(word.strip("*")) + ("" if "*" in word else r"\b") for word in ten))
        for ten in (keywords[start : start + 10] for start in range(0, len(keywords), 10))
    ]

    def find(text: str) -> list[bool]:
        lower = text.lower()
        return [pattern.search(lower) is not None for pattern in patterns]

    return find


def _message(chance: random.Random, words: list[str], number: int) -> Message:
    """About 1.5 KB; every second one is about something."""
    word = chance.choice(words) if number % 2 else "unser Straßenfest"
    body = " ".join(chance.choice(mails.FILLERS) for _ in range(24))
    body = f"{body} ({chance.getrandbits(40)})"
    text = f"{mails.OPENINGS[0]}\n\nan der {chance.choice(mails.STREETS)} {number}: {word}.\n{body}\n"
    return Message(channel="E-Mail", identity=b"", text=text, new_text=text)


def _keywords(chance: random.Random, count: int) -> list[str]:
    keywords = list(COMMON[:FEW])
    while len(keywords) < count:
        middle = "".join(chance.choice("bdfgklmnprst") + chance.choice("aeiou") for _ in range(2))
        keywords.append(chance.choice(FIRST_PARTS) + middle + chance.choice(LAST_PARTS) + chance.choice(("", "*")))
    return keywords


def _settings(keywords: Sequence[str]) -> Settings:
    rules_of_ten = [
        {
            "name": f"Regel {start}",
            "category": f"Kategorie {start}",
            "recipient": "kod",
            "urgency": "sammel",
            "keywords": keywords[start : start + 10],
        }
        for start in range(0, len(keywords), 10)
    ]
    values = {
        "city": {"name": "Krefeld", "reference": "KOD", "duty_desk": "kod"},
        "smtp": {"host": "localhost", "from": "kod@stadt.invalid"},
        "operator": {"address": "it@stadt.invalid"},
        "recipients": {"kod": {"name": "KOD", "address": "dienst@stadt.invalid", "schedule": "Mo-Fr 07:30"}},
        "rules": rules_of_ten,
    }
    return Settings.model_validate(values)
