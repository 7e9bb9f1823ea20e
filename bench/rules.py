"""Classifying the same texts with 50 and with 5,000 keywords: the time must hardly grow.

Ten keywords a rule. The 50 are in both sets, so both find the same; the others are compounds that sound German and
seldom occur. In this process, single thread, the two sets in turn, and no text twice: the program remembers some.
"""

import random
import statistics
import time
from collections.abc import Iterator

from bench import mails, report
from bench.options import Options
from intake.message import Message
from routing import rules
from routing.settings import Settings

FEW, MANY = 50, 5_000
TEXTS = 1_000
ROUNDS = 5
COMMON = (
    *("müllsack", "sperrmüll", "matratze*", "schlagloch", "laterne", "hundekot", "ratte*", "graffiti", "glasscherbe*"),
    *("papierkorb", "falschparker", "scooter", "lärm", "spritze*", "gully", "ampel", "baum umgestürzt", "taube*"),
    *("wilder müll", "schrottauto", "kühlschrank", "farbeimer", "bauschutt", "altöl", "laub", "unkraut", "poller"),
    *("verkehrsschild", "spielplatz", "rutsche", "bank", "container", "altglas", "zigarettenkippe*", "kaugummi"),
    *("tierkadaver", "eichenprozessionsspinner", "bordstein", "radweg", "gehweg", "zebrastreifen", "hecke", "ast"),
    *("wurzel", "pfütze", "überschwemmung", "geruch", "zaun", "mauer", "bushaltestelle"),
)
FIRST_PARTS = ("abfall", "balkon", "dach", "eisen", "fenster", "garten", "haus", "keller", "lager", "markt", "nacht")
LAST_PARTS = ("behälter", "deckel", "gitter", "kasten", "leitung", "platte", "rinne", "schacht", "stange", "tür")


def measure(options: Options) -> Iterator[report.Row]:
    chance = random.Random(options.seed)
    words = [word.strip("*") for word in COMMON]
    sets = {size: rules.build(_settings(chance, size), {}, ())[0] for size in (FEW, MANY)}
    seconds: dict[int, list[float]] = {FEW: [], MANY: []}
    found: dict[int, int] = {}
    for _ in range(ROUNDS):
        for size, rule_set in sets.items():
            texts = [_message(chance, words, number) for number in range(TEXTS)]
            started = time.perf_counter()
            decisions = [rules.classify(text, rule_set) for text in texts]
            seconds[size].append(time.perf_counter() - started)
            found[size] = sum(1 for decision in decisions if decision.concerns)
    few, many = (statistics.median(seconds[size]) for size in (FEW, MANY))
    yield report.at_most(
        f"classification, {MANY} keywords ({found[MANY]} of {TEXTS} texts of 1.6 KB match)",
        f"{TEXTS / many:.0f} texts/s",
        f"{FEW} keywords: {TEXTS / few:.0f} texts/s",
        many / few,
        1.5,
        "<= 1.5 x the time",
    )


def _message(chance: random.Random, words: list[str], number: int) -> Message:
    """About 1.5 KB; every second one is about something."""
    word = chance.choice(words) if number % 2 else "unser Straßenfest"
    body = " ".join(chance.choice(mails.FILLERS) for _ in range(24))
    body = f"{body} ({chance.getrandbits(40)})"
    text = f"{mails.OPENINGS[0]}\n\nan der {chance.choice(mails.STREETS)} {number}: {word}.\n{body}\n"
    return Message(channel="E-Mail", identity=b"", text=text, new_text=text)


def _settings(chance: random.Random, count: int) -> Settings:
    keywords = list(COMMON[:FEW])
    while len(keywords) < count:
        middle = "".join(chance.choice("bdfgklmnprst") + chance.choice("aeiou") for _ in range(2))
        keywords.append(chance.choice(FIRST_PARTS) + middle + chance.choice(LAST_PARTS) + chance.choice(("", "*")))
    rules_of_ten = [
        {
            "name": f"Regel {start}",
            "category": f"Kategorie {start}",
            "recipient": "kod",
            "urgency": "sammel",
            "keywords": keywords[start : start + 10],
        }
        for start in range(0, count, 10)
    ]
    values = {
        "smtp": {"host": "localhost", "from": "kod@stadt.invalid"},
        "operator": {"address": "it@stadt.invalid"},
        "recipients": {"kod": {"name": "KOD", "address": "dienst@stadt.invalid", "schedule": "Mo-Fr 07:30"}},
        "rules": rules_of_ten,
    }
    return Settings.model_validate(values)
