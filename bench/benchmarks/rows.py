"""Rows of a phone log: from the dropped file to the commit, against ``csv`` and bare inserts of the same rows.

Both read the same file and write the same rows into the same tables of SQLite with synchronous FULL, 500 to a commit;
what the bare script leaves out is all that the program is for: finding encoding, columns, dates and places, what a row
repeats, and what was known before.
Memory is that of a process of its own, with ten times as many rows.
"""

import csv
import hashlib
import random
import sqlite3
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from bench import report
from bench.options import Options
from bench.support import measured
from intake import drop_folder, storage
from intake.base import process_memory
from intake.receive import drop_folder as files
from intake.settings import DropFolderSettings
from intake.storage import tables
from routing.store import migrations

LEAST = 1 / 4
MOST_MB = 150
MOST_GROWTH = 1.5
ROUNDS = 3
TOGETHER = 500
SHA256 = "0" * 64
EMPTY: dict[str, object] = {"JSON": "[]", "BOOLEAN": 0, "BIGINT": 0}
HEADER = "Lfd. Nr.;Datum;Uhrzeit;Anrufer/in;Tel.-Nr.;Ort / Straße;Anliegen;weiter an;Kürzel"
WORDS = (
    "Müllsack neben dem Papierkorb, stinkt",
    "Laterne dunkel seit Tagen",
    "Hund ohne Leine",
    "wilder Müll am Container",
    'Sperrmüll auf dem Gehweg, "riesig"; liegt da',
    "Glasscherben auf dem Radweg",
    "Ruhestörung, Bässe",
    "Frage zur Abfuhr",
)


def measure(options: Options) -> Iterator[report.Row]:
    process_memory.freeze()  # as the daemon does; the bare script has its good of it, too
    small, large = options.rows, 10 * options.rows
    log = _log(options.root / "liste.csv", small, options.seed)
    ours, bare = [], []
    for number in range(ROUNDS):
        ours.append(_received(options.root / f"ours{number}", log))
        bare.append(_inserted(options.root / f"bare{number}.db", log))
    mine, theirs = small / statistics.median(ours), small / statistics.median(bare)
    yield report.at_least(
        f"phone log, {small} rows: read, stored, filed away",
        f"{mine:.0f} rows/s",
        f"csv and bare inserts {theirs:.0f} rows/s",
        mine / theirs,
        LEAST,
        ">= 1/4",
    )
    peaks = [_memory(options.root / f"memory{count}", count, options.seed) for count in (small, large)]
    yield report.at_most(
        f"phone log, {large} rows: memory at its peak",
        f"{peaks[1]:.0f} MB",
        f"{small} rows: {peaks[0]:.0f} MB",
        peaks[1] / peaks[0],
        MOST_GROWTH,
        f"<= {MOST_GROWTH} x, <= {MOST_MB} MB",
    )


def _log(path: Path, count: int, seed: int) -> Path:
    """A list as Excel saves it, with no two calls alike."""
    chance = random.Random(seed)
    with path.open("w", encoding="cp1252", newline="") as file:
        file.write(f"Telefonprotokoll KOD;;;;;;;;\r\n{HEADER}\r\n")
        for number in range(count):
            words = f"{chance.choice(WORDS)} Nr. {number}"
            text = '"' + words.replace('"', '""') + '"' if set(words) & set('";') else words
            day = f"{number // 400 % 28 + 1:02}.{number // 11200 % 12 + 1:02}.202{number // 134_400 % 5}"
            when = f"{day};{number % 24:02}:{number % 60:02}"
            file.write(f"{number + 1};{when};Hr. Müller;02151/{number:06};Ostwall {number % 200};{text};GSAK;Kp\r\n")
    return path


def _received(folder: Path, log: Path) -> float:
    drop = folder / "telefon"
    drop.mkdir(parents=True)
    (drop / log.name).write_bytes(log.read_bytes())
    engine = storage.create(storage.url_of_file(folder / "kod.sqlite"))
    try:
        migrations.upgrade(engine)
        source = drop_folder.DropFolder("telefon", DropFolderSettings(folder=drop, settle_seconds=0))
        source.check()
        began = time.perf_counter()
        received = files.receive(source, engine, lambda: datetime.now(UTC))
        seconds = time.perf_counter() - began
    finally:
        engine.dispose()
    if received.rejected or not received.new:
        raise measured.FailedError(f"{received}")
    return seconds


def _inserted(path: Path, log: Path) -> float:
    """A straight-line script: it reads the file with ``csv`` and inserts its rows into the program's own tables."""
    engine = storage.create(storage.url_of_file(path))
    migrations.upgrade(engine)
    engine.dispose()
    database = sqlite3.connect(path)
    database.execute("PRAGMA synchronous=FULL")
    values = {column.name: EMPTY.get(str(column.type), "") for column in tables.messages.columns}
    names = ", ".join(f'"{name}"' for name in values)
    insert = f"INSERT INTO messages ({names}) VALUES ({', '.join('?' * len(values))})"
    began = time.perf_counter()
    with log.open(encoding="cp1252", newline="") as file:
        rows = (row for row in csv.reader(file, delimiter=";") if row[0].isdecimal())
        while batch := list(islice(rows, TOGETHER)):
            for number, day, clock, name, phone, place, text, *_ in batch:
                raw = f"{day};{clock};{name};{phone};{place};{text}".encode()
                call = {"id": number, "identity": hashlib.sha256(raw).digest(), "received_at": f"{day} {clock}"}
                call |= {"from_name": name, "contact": phone, "place": place, "text": text, "new_text": text}
                database.execute(insert, tuple((values | call).values()))
                database.execute("INSERT INTO raw_messages VALUES (?, ?)", (number, raw))
                arrival = (number, "folder:telefon", f"{SHA256}:{number}", number, day)
                database.execute("INSERT INTO arrivals VALUES (?, ?, ?, ?, ?)", arrival)
                database.execute("INSERT INTO waiting (message_id) VALUES (?)", (number,))
            database.commit()
    seconds = time.perf_counter() - began
    database.close()
    return seconds


def _memory(folder: Path, count: int, seed: int) -> float:
    called = ("-m", "bench.benchmarks.rows", str(folder), str(count), str(seed))
    return measured.run(measured.python(*called)).peak_mb


if __name__ == "__main__":  # the process whose memory is measured
    _received(Path(sys.argv[1]), _log(Path(f"{sys.argv[1]}.csv"), int(sys.argv[2]), int(sys.argv[3])))
