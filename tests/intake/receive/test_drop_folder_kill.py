"""``kill -9`` while a large phone log is read, and while an edited version of it is: nothing lost, nothing doubled.

``KOD_KILLS=30`` kills as often as that instead of the few times of ``make test``; ``-s`` prints where they fell.
"""

import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink
from tests.support.installation import Installation, installed
from tests.support.waiting import until

KILLS = int(os.environ.get("KOD_KILLS", "2"))
SEED = int(os.environ.get("KOD_SEED", "7"))
ROWS = min(600 * KILLS, 6000)
HEADER = "Datum;Uhrzeit;Anrufer;Ort;Anliegen"


@pytest.fixture
def installation(tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink) -> Iterator[Installation]:
    with installed(tmp_path, dovecot, smtp_port=smtp_sink.port) as found:
        yield found


def row(number: int, words: str = "") -> str:
    matter = "Ölspur" if number % 100 == 0 else "Frage"
    return f"16.06.2026;{number // 60 % 24:02}:{number % 60:02};;Ostwall {number};{matter} Nr. {number}{words}"


def drop(installation: Installation, rows: list[str], name: str = "liste.csv") -> None:
    file = installation.drop / f"{name}.tmp"
    file.write_text("\n".join([HEADER, *rows, "16.06.2026;09:00;;Ring;", ""]), encoding="utf-8")
    file.rename(file.with_suffix(""))


def killed_at_moments(installation: Installation, kills: int, chance: random.Random) -> list[int]:
    """Start and kill the daemon so often, while it works on what was dropped; how many rows were stored each time."""
    seen: list[int] = []
    for number in range(kills):
        before = installation.count("arrivals") if number or seen else 0
        installation.start_and_wait()
        if number % 2:
            time.sleep(chance.uniform(0.0, 0.4))
        else:
            until(partial(has_gone_on, installation, before), "rows are being stored", pause=0.002)
        installation.kill()
        seen.append(installation.count("arrivals"))
    return seen


def has_gone_on(installation: Installation, before: int) -> bool:
    return installation.count("arrivals") > before or not any(installation.drop.glob("*.csv"))


def test_killed_while_a_large_log_is_read_and_read_again_edited(
    installation: Installation, smtp_sink: SmtpSink
) -> None:
    chance = random.Random(SEED)
    first = [row(number) for number in range(ROWS)]
    drop(installation, first)
    seen = killed_at_moments(installation, (KILLS + 1) // 2, chance)
    finish(installation)
    assert Counter(text(line) for line in first) == stored(installation)

    edited = sorted(chance.sample(range(ROWS), 40))
    second = [row(number, ", jetzt viel mehr" if number in set(edited) else "") for number in range(ROWS)]
    added = [f"17.06.2026;10:{number % 60:02};;Südwall {number};Ölspur neu {number}" for number in range(10)]
    drop(installation, [*added, *reversed(second)], "liste (2).csv")
    seen += killed_at_moments(installation, KILLS // 2, chance)
    finish(installation)

    print(f"\n{len(seen)} kills while {ROWS} rows were read twice; rows stored after each: {seen}")
    expected = Counter(text(line) for line in [*first, *added])
    expected.update(text(second[number]) for number in edited)
    assert expected == stored(installation)
    assert len(edited) == installation.count("messages", "edited")
    assert len(edited) == installation.count("decisions", "kind = 'edit'")
    assert ROWS + len(added) == installation.count("cases") == installation.count("concerns")
    oil = ROWS // 100 + len(added)
    assert oil == installation.count("forwards") == installation.count("letters")
    assert oil == installation.rows("SELECT count(DISTINCT letter_id) FROM forwards")[0][0]
    names = sorted(path.name for path in (installation.drop / "erledigt").glob("liste*.csv"))
    assert {"liste.csv", "liste (2).csv"} <= set(names)
    assert {name.endswith(".abgelehnt.csv") for name in names} == {True, False}


def finish(installation: Installation) -> None:
    """A last start, left in peace."""
    installation.start_and_wait()
    count = installation.count
    until(
        lambda: (
            not (any(installation.drop.glob("*.csv")) or count("waiting") or count("forwards", "state = 'planned'"))
        ),
        f"all work is done\n{installation.log}",
    )
    until(lambda: not count("deliveries", "state <> 'sent'"), "all letters are sent")
    assert 0 == installation.stop()


def text(line: str) -> str:
    return line.split(";")[4]


def stored(installation: Installation) -> Counter[str]:
    query = "SELECT text FROM messages WHERE channel = 'Telefon' AND kind = ''"
    return Counter(found.text for found in installation.rows(query))
