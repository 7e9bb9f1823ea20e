"""Whatever comes in, the real command ends it in a stored or parked record with a German reason, and goes on.

Each test hands hostile or broken input to ``kod-intake once`` or ``run`` between real servers, with good input behind
it that must come through.
"""

import contextlib
import fcntl
import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink
from tests.support.installation import OPERATOR, Installation, installed, mail
from tests.support.waiting import until

HEAD = b"From: anna@example.org\r\nSubject: Hinweis\r\nDate: Mon, 16 Nov 2026 08:00:00 +0100\r\n"
MIXED = HEAD + b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
LINE = b"0123456789abcdef" * 4 + b"\r\n"
MEGABYTE = LINE * (1_000_000 // len(LINE))


def nested(depth: int) -> bytes:
    """A multipart in a multipart in a multipart …"""
    heads = (
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level) for level in range(depth)
    )
    return HEAD + b"MIME-Version: 1.0\r\n" + b"".join(heads) + b"Content-Type: text/plain\r\n\r\nganz innen\r\n"


MAILS = {
    "empty": b"",
    "only line ends": b"\r\n\r\n\r\n",
    "no blank line": b"Subject: nur Kopf",
    "25 MB": HEAD + b"Message-ID: <gross@example.org>\r\n\r\n" + MEGABYTE * 25,
    "broken tree": MIXED + b"--b\r\nContent-Type: multipart/alternative\r\n\r\n--b\r\nContent-Type: image/png\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\n%%%=nicht=base64\r\n--c--\r\n",
    "no From": b"Subject: ohne Absender\r\n\r\nText\r\n",
    "no Date": b"From: anna@example.org\r\n\r\nText\r\n",
    "NUL bytes": HEAD + b"X-Null: a\x00b\r\n\r\nEin\x00Text\x00\r\n",
    "8-bit garbage": HEAD + bytes(range(128, 256)) + b": x\r\n\r\n" + bytes(range(14, 256)) * 20,
    "unknown charset": HEAD + b"Content-Type: text/plain; charset=klingonisch\r\n\r\nText \xff\xfe\r\n",
    "lone surrogates": HEAD + b"Content-Type: text/plain; charset=utf-8\r\n\r\n\xed\xa0\x80 \xed\xbf\xbf Text\r\n",
    "surrogates in base64 UTF-16": HEAD + b"Content-Type: text/plain; charset=utf-16\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\n//4A2ADY\r\n",
    "surrogates in the subject": b"From: a@example.org\r\nSubject: =?utf-8?b?7aCA?= \xed\xa0\x80\r\n\r\nText\r\n",
    "5,000 parts": MIXED + b"--b\r\nContent-Type: text/plain\r\n\r\nTeil\r\n" * 5000 + b"--b--\r\n",
    "deep nesting": nested(3000),
    "dates that cannot be": b"From: a@b.example\r\nDate: Mon, 99 Foo 99999 99:99:99 +9999\r\n\r\nText\r\n",
    "a header of 2 MB": b"From: a@b.example\r\nSubject: " + b"x" * 2_000_000 + b"\r\n\r\nText\r\n",
    "100,000 addresses": b"From: " + b"a@b.example, " * 100_000 + b"\r\n\r\nText\r\n",
}

WELL_READ = {"NUL bytes", "lone surrogates", "surrogates in base64 UTF-16"}
"""All the others are stored with a remark."""
REMARKED = "SELECT data, problems FROM raw_messages JOIN messages ON id = message_id WHERE problems <> '[]'"


@pytest.fixture
def installation(tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink) -> Iterator[Installation]:
    with installed(tmp_path, dovecot, smtp_port=smtp_sink.port) as installation:
        yield installation


def test_every_broken_mail_is_stored_as_it_came_and_the_next_goes_through(
    installation: Installation, smtp_sink: SmtpSink
) -> None:
    good = mail(1, "ölspur")
    mails = [*MAILS.values(), good]
    for raw in mails:
        installation.dovecot.deliver(installation.user, raw)
    done = installation.run("once")
    assert (0, "") == (done.returncode, _tracebacks(done))
    stored = {bytes(row.data) for row in installation.rows("SELECT data FROM raw_messages")}
    sent = {name: raw.replace(b"\0", b"\x80") for name, raw in MAILS.items()}  # IMAP has no NUL: Dovecot does this
    assert [] == [name for name, raw in sent.items() if raw not in stored]
    assert good in stored
    assert 0 == installation.count("waiting")
    assert len(mails) == installation.count("decisions")
    assert 0 == installation.count("decisions", "reason = ''")
    remarked = {bytes(row.data) for row in installation.rows(REMARKED)}
    assert WELL_READ == {name for name, raw in sent.items() if raw not in remarked}
    assert len(mails) == len(installation.inbox("kod-intake/Erledigt"))
    assert ["bauhof@kbk.invalid"] == [address for item in smtp_sink.messages for address in item.recipients]


def test_a_mail_above_the_limit_is_stored_in_part_flagged_and_kept_whole_on_the_server(
    installation: Installation, smtp_sink: SmtpSink
) -> None:
    huge = HEAD + b"Message-ID: <riesig@example.org>\r\n\r\n" + MEGABYTE * 45
    installation.dovecot.deliver(installation.user, huge)
    installation.dovecot.deliver(installation.user, mail(1, "ölspur"))
    done = installation.run("once")
    assert (0, "") == (done.returncode, _tracebacks(done))
    [(raw, problems)] = installation.rows(
        "SELECT data, problems FROM raw_messages JOIN messages ON id = message_id WHERE mail_id = 'riesig@example.org'"
    )
    assert huge[: 1 << 20] == bytes(raw)
    assert "zu groß" in problems or "MB" in problems
    assert [huge] == installation.inbox("kod-intake/Unlesbar")
    assert [] == installation.inbox()
    assert 1 == len(smtp_sink.messages)


FILES = {
    "leer.csv": b"",
    "nur-leerraum.csv": b"\r\n \r\n",
    "bild.csv": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 40,
    "fremd.csv": b"Foo;Bar;Baz\r\n1;2;3\r\n",
    "nullen.csv": b"\x00" * 5000,
    "tabelle.xlsx": b"PK\x03\x04" + os.urandom(3000),
}


def test_unreadable_logs_are_parked_with_a_german_reason_and_the_next_is_read(installation: Installation) -> None:
    outside = installation.folder / "geheim.csv"
    outside.write_text("Datum;Anliegen\n16.11.2026;Ölspur\n", encoding="utf-8")
    for name, content in FILES.items():
        (installation.drop / name).write_bytes(content)
    (installation.drop / "ordner.csv").mkdir()
    (installation.drop / "verweis.csv").symlink_to(outside)
    os.mkfifo(installation.drop / "rohr.csv")
    _call(installation.drop / "zuletzt.csv")
    done = installation.run("once")
    assert "" == _tracebacks(done)
    assert f"{len(FILES) + 1} Dateien ({len(FILES)} unlesbar), 0 Zeilen abgelehnt" in done.stdout
    assert 1 == installation.count("messages", "kind <> 'unread lines'")
    assert ["zuletzt.csv"] == [path.name for path in (installation.drop / "erledigt").glob("*.csv")]
    parked = installation.drop / "unlesbar"
    assert FILES == {path.name: path.read_bytes() for path in parked.iterdir() if ".grund." not in path.name}
    for name in FILES:
        reason = (parked / name).with_suffix(".grund.txt").read_text(encoding="utf-8-sig")
        assert "Abgelegt am" in reason, name
        assert len(reason.strip().splitlines()[-1]) > 20, name
    assert {"ordner.csv", "verweis.csv", "rohr.csv"} == {
        path.name for path in installation.drop.iterdir() if path.name not in {"erledigt", "unlesbar"}
    }


@pytest.mark.parametrize(
    "content",
    [
        "Datum;Uhrzeit;Name;Anliegen\n16.11.2026;10:00;;Laub\nÖlspur auf der Fahrbahn\n",
        "Ölspur auf der Fahrbahn\nDatum;Uhrzeit;Name;Anliegen\n16.11.2026;10:00;;Laub\n",
        "Telefonliste mit Ölspur\nDatum;Uhrzeit;Name;Anliegen\n16.11.2026;10:00;;Laub\n",
        "Ölspur auf der Fahrbahn, bitte sofort kommen",
        "Datum;Uhrzeit;Name;Anliegen;Bem\n16.11.2026;10:00;;Laub;\n16.11.2026;10:00;;Ölspur, auf der; Fahrbahn;x;y\n",
        "<html><table><tr><td>Ölspur auf der Fahrbahn</td></tr></table>",
    ],
    ids=[
        "between the rows",
        "above the header",
        "in a title",
        "in no list at all",
        "in a row handed back",
        "in a page",
    ],
)
def test_an_emergency_where_no_row_is_reaches_the_duty_desk(
    installation: Installation, smtp_sink: SmtpSink, content: str
) -> None:
    (installation.drop / "liste.csv").write_text(content, encoding="utf-8")
    done = installation.run("once")

    assert "" == _tracebacks(done)
    letters = [sent for sent in smtp_sink.messages if OPERATOR not in sent.recipients]
    assert {("leitstelle@krefeld.invalid",)} == {tuple(sent.recipients) for sent in letters}
    urgencies = installation.rows(
        "SELECT DISTINCT urgency FROM forwards WHERE state = 'composed' AND recipient = 'kod'"
    )
    assert ["pruefen"] == [urgency for (urgency,) in urgencies]


def test_automatic_mail_is_for_a_person_unless_it_answers_us_or_goes_to_many_and_all_can_be_seen(
    installation: Installation,
) -> None:
    voicemail = mail(1, "neue Sprachnachricht, Dauer 0:42").replace(
        b"MIME-Version", b"Auto-Submitted: auto-generated\r\nMIME-Version"
    )
    away = mail(2, "bin im Urlaub").replace(
        b"MIME-Version", b"Auto-Submitted: auto-replied\r\nIn-Reply-To: <x@example.org>\r\nMIME-Version"
    )
    letter = mail(3, "unser Rundbrief").replace(b"MIME-Version", b"List-Id: <verein.example.org>\r\nMIME-Version")
    for raw in (voicemail, away, letter):
        installation.dovecot.deliver(installation.user, raw)
    assert 0 == installation.run("once").returncode

    assert ["Meldung 1", "Meldung 2"] == [
        subject
        for (subject,) in installation.rows(
            "SELECT subject FROM messages m JOIN decisions d ON d.message_id = m.id WHERE d.state = 'review' "
            "ORDER BY m.id"
        )
    ]
    listed = installation.run("list", "--state", "gespeichert").stdout
    assert ["N-3"] == re.findall(r"^N-\d+", listed, flags=re.MULTILINE)
    shown = installation.run("show", "N-3").stdout
    assert "unser Rundbrief" in shown
    assert "kein Hinweis darin erkannt" in shown
    assert 2 == installation.run("show", "N-99").returncode


def test_a_log_that_cannot_be_read_now_holds_up_neither_mail_nor_the_other_logs(
    installation: Installation, smtp_sink: SmtpSink
) -> None:
    """Another process holds a lease on the file, so opening it fails, for root too, as on a busy share."""
    busy = installation.drop / "besetzt.csv"
    _call(busy)
    _call(installation.drop / "frei.csv", "Ostwall 2")
    installation.dovecot.deliver(installation.user, mail(1, "ölspur"))
    with _leased(busy):
        done = installation.run("once")
        assert "" == _tracebacks(done)
        assert "besetzt.csv" in done.stderr
        assert busy.exists()
        assert 2 == installation.count("messages")
    assert 0 == installation.run("once").returncode
    assert 3 == installation.count("messages")
    assert 3 == len(smtp_sink.messages)


def test_a_drop_folder_that_vanishes_is_told_once_and_read_when_it_is_back(
    installation: Installation, smtp_sink: SmtpSink
) -> None:
    installation.start_and_wait()
    away = installation.folder / "weg"
    installation.drop.rename(away)
    until(installation.calls, "the operator was called")
    installation.dovecot.deliver(installation.user, mail(1, "ölspur"))
    until(lambda: installation.count("messages") == 1, "mail goes on")
    _call(away / "liste.csv")
    away.rename(installation.drop)
    until(lambda: installation.count("messages") == 2, "the log was read")
    until(lambda: len(installation.calls()) == 2, "the operator was told of the end")
    assert ["Störung", "Störung behoben"] == [call.partition(":")[0] for call in installation.calls()]
    assert "telefon" in installation.calls()[0]


def test_a_configuration_broken_at_the_first_start_is_explained(installation: Installation) -> None:
    _break(installation)
    done = installation.run("run")
    assert 3 == done.returncode
    assert "urgency" in done.stderr
    assert "Zeile" in done.stderr
    assert "" == _tracebacks(done)


def test_a_configuration_broken_at_a_later_start_leaves_the_last_good_one_in_force(
    installation: Installation, smtp_sink: SmtpSink
) -> None:
    installation.start_and_wait()
    assert 0 == installation.stop()
    _break(installation)
    installation.start_and_wait()
    installation.dovecot.deliver(installation.user, mail(1, "ölspur"))
    received = smtp_sink.wait_for(2)
    assert {OPERATOR, "bauhof@kbk.invalid"} == {address for item in received for address in item.recipients}
    [call] = installation.calls()
    assert "letzte gute Fassung" in call
    assert "Zeile" in call


def test_a_broken_template_of_the_staff_is_replaced_by_the_shipped_one(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    own = tmp_path / "vorlagen"
    own.mkdir()
    (own / "forward.txt.j2").write_text("{% if %} {{ kaputt", encoding="utf-8")
    with installed(tmp_path, dovecot, smtp_port=smtp_sink.port, files='[files]\ntemplates = "vorlagen"') as broken:
        broken.dovecot.deliver(broken.user, mail(1, "ölspur"))
        done = broken.run("once")
        assert (0, "") == (done.returncode, _tracebacks(done))
        told, letter = sorted(smtp_sink.messages, key=lambda message: message.recipients != (OPERATOR,))
        assert b"Rheinstra" in letter.content
        assert "shipped template used" in done.stderr
        assert (OPERATOR,) == told.recipients
        checked = broken.run("check")
        assert 3 == checked.returncode
        assert "forward.txt.j2" in checked.stdout + checked.stderr


def test_an_address_that_the_server_refuses_is_parked_and_the_other_gets_its_letter(
    installation: Installation, smtp_sink: SmtpSink
) -> None:
    smtp_sink.recipient_replies["leitstelle@gsak.invalid"] = "550 5.1.1 unbekannt"
    installation.dovecot.deliver(installation.user, mail(1, "müllsack"))
    installation.dovecot.deliver(installation.user, mail(2, "ölspur"))
    done = installation.run("once")
    assert 4 == done.returncode
    assert [("leitstelle@gsak.invalid", "550 5.1.1 unbekannt")] == [
        tuple(row) for row in installation.rows("SELECT address, reply FROM deliveries WHERE state = 'parked'")
    ]
    assert [("zweite@gsak.invalid",), ("bauhof@kbk.invalid",)] == [item.recipients for item in smtp_sink.messages]
    assert 1 == json.loads(installation.run("status", "--json").stdout)["parked"]
    smtp_sink.recipient_replies.clear()
    assert 0 == installation.run("requeue", "letters").returncode
    assert 0 == installation.run("once").returncode
    assert ("leitstelle@gsak.invalid",) == smtp_sink.messages[-1].recipients


@pytest.mark.parametrize(("command", "code"), [("run", 1), ("once", 1), ("status", 4)])
def test_a_database_that_is_none_is_said_in_german(installation: Installation, command: str, code: int) -> None:
    data = installation.folder / "data"
    data.mkdir()
    (data / "kod-intake.sqlite").write_bytes(b"Das ist keine Datenbank.\n" * 400)
    done = installation.run(command)
    assert code == done.returncode
    assert "" == _tracebacks(done)
    said = done.stdout + done.stderr
    assert "Datenbank" in said
    assert "kod-intake.sqlite" in said


@pytest.mark.parametrize("command", ["run", "once"])
def test_a_data_folder_that_cannot_be_written_is_said_in_german(installation: Installation, command: str) -> None:
    (installation.folder / "data").write_text("eine Datei, wo der Ordner sein sollte")
    done = installation.run(command)
    assert 1 == done.returncode
    assert "" == _tracebacks(done)
    assert "Ordner" in done.stderr


def _tracebacks(done: subprocess.CompletedProcess[str]) -> str:
    """What the command said, when a traceback is in it."""
    said = done.stdout + done.stderr
    return said if "Traceback" in said else ""


def _break(installation: Installation) -> None:
    text = installation.config.read_text(encoding="utf-8")
    installation.config.write_text(text.replace('urgency = "sofort"', 'urgency = "sofrot"', 1), encoding="utf-8")


def _call(path: Path, place: str = "Ostwall 1") -> None:
    path.write_text(f"Datum;Uhrzeit;Ort;Anliegen\n16.11.2026;08:00;{place};Ölspur\n", encoding="utf-8")


@contextlib.contextmanager
def _leased(path: Path) -> Iterator[None]:
    """Nobody else can open the file meanwhile; the kernel tells us by SIGIO that somebody tried."""
    before = signal.signal(signal.SIGIO, signal.SIG_IGN)
    with path.open("r+b") as file:
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        try:
            yield
        finally:
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
            signal.signal(signal.SIGIO, before)
