"""Rows of a phone log: from the dropped file to the commit, against ``csv`` and bare inserts of the same rows.

Both read the same file and write the same rows to SQLite with synchronous FULL, 500 to a commit; what the bare script
leaves out is all that the program is for: finding columns, dates, places, what a row repeats, what was known before.
Memory is that of a process of its own, with ten times as many rows.
"""

import csv
import json
import random
import sqlite3
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from bench import measured, report
from bench.options import Options
from intake import drop_folder, storage
from intake.receive import files
from intake.settings import DropFolderSettings
from routing import migrations

LEAST = 1 / 4
MOST_MB = 150
MOST_GROWTH = 1.5
ROUNDS = 3
TOGETHER = 500
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
    """A straight-line script: no more than reading the file and writing its rows, the same tables' worth of them."""
    database = sqlite3.connect(path)
    database.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        "CREATE TABLE messages (id INTEGER PRIMARY KEY, day TEXT, time TEXT, name TEXT, phone TEXT, place TEXT,"
        " text TEXT, forward TEXT, staff TEXT); CREATE TABLE raw (id INTEGER PRIMARY KEY, data BLOB);"
        "CREATE TABLE arrivals (id INTEGER PRIMARY KEY, source TEXT, key TEXT, UNIQUE (source, key));"
        "CREATE TABLE waiting (id INTEGER PRIMARY KEY);"
    )
    began = time.perf_counter()
    with log.open(encoding="cp1252", newline="") as file:
        rows = list(enumerate(row for row in csv.reader(file, delimiter=";") if row[0].isdecimal()))
    for start in range(0, len(rows), TOGETHER):
        for number, row in rows[start : start + TOGETHER]:
            database.execute("INSERT INTO messages VALUES (?,?,?,?,?,?,?,?,?)", (number, *row[1:]))
            database.execute("INSERT INTO raw VALUES (?, ?)", (number, json.dumps(row)))
            database.execute("INSERT INTO arrivals VALUES (?, ?, ?)", (number, "telefon", f"{log}:{number}"))
            database.execute("INSERT INTO waiting VALUES (?)", (number,))
        database.commit()
    seconds = time.perf_counter() - began
    database.close()
    return seconds


def _memory(folder: Path, count: int, seed: int) -> float:
    program = (
        "from pathlib import Path; from bench import rows; "
        f"rows._received(Path({str(folder)!r}), rows._log(Path({str(folder) + '.csv'!r}), {count}, {seed}))"
    )
    return measured.run([sys.executable, "-c", program]).peak_mb
