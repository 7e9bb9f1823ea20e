"""A backup taken while the service runs, a day of work, and its restore: numbers, mail and letters go on safely."""

import stat
import tarfile
from pathlib import Path

import pytest

from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink
from tests.support import journeys
from tests.support.journeys import Clock, Installation, mail


@pytest.fixture
def office(tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink) -> Installation:
    return Installation(tmp_path / "kod", dovecot, smtp_sink)


@pytest.fixture
def either(tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink, database_url: str) -> Installation:
    """The same, once on each engine."""
    database = "" if database_url.startswith("sqlite") else database_url
    return Installation(tmp_path / "kod", dovecot, smtp_sink, database=database)


def backed_up(office: Installation) -> Path:
    file = office.folder.parent / "sicherung.tar.gz"
    run = office.run("backup", str(file))
    assert (run.returncode, run.stderr) == (0, "")
    return file


def test_a_day_after_the_backup_nothing_is_lost_and_nothing_goes_twice_without_a_word(either: Installation) -> None:
    office = either
    office.deliver(mail(journeys.OIL, "vorher"))
    office.once()
    file = backed_up(office)
    since = [mail(f"{journeys.OIL} {number}", f"danach {number}") for number in range(3)]
    office.deliver(*since, mail(journeys.UNKNOWN, "Frage"))
    office.once()
    sent = len(office.letters())
    known = office.numbers()
    last = next(letter for letter in office.letters("kbk") if known[-2] in letter.subject)
    office.deliver(
        mail("erledigt", f"AW: {last.subject}", sender=journeys.ADDRESSES["kbk"], In_Reply_To=last.message_id)
    )
    office.once()
    assert (len(known), sent) == (5, 8)

    run = office.run("restore", str(file), "--yes")

    assert (run.returncode, run.stderr) == (4, "")
    assert "Seit der Sicherung abgelegt und noch einmal geholt: 5 Nachrichten." in run.stdout
    assert "angehalten: 6 Schreiben, davon 6 DRINGEND" in run.stdout
    subjects = [row["subject"] for row in office.rows("SELECT subject FROM messages ORDER BY id")]
    assert subjects == ["vorher", "danach 0", "danach 1", "danach 2", "Frage", f"AW: {last.subject}"]
    assert not set(office.numbers()[1:]) & set(known), "a number that was given is never given again"
    office.once()
    assert len(office.letters()) == sent, "what is held waits"
    assert office.run("books").returncode == 0
    assert office.run("outbox", "release").returncode == 0
    office.once()
    assert len(office.letters()) == sent + 6


def test_phone_logs_read_since_the_backup_are_named_and_can_be_put_back(office: Installation) -> None:
    head = "Datum;Uhrzeit;Anliegen\n"
    (office.drop / "vorher.csv").write_text(f"{head}10.06.2026;09:00;{journeys.RUBBISH}\n", encoding="utf-8")
    office.once()
    file = backed_up(office)
    (office.drop / "danach.csv").write_text(
        f"{head}10.06.2026;09:00;{journeys.RUBBISH}\n10.06.2026;10:00;{journeys.RATS}\n", encoding="utf-8"
    )
    office.once()
    assert office.count("messages") == 2

    run = office.run("restore", str(file), "--yes")

    assert (run.returncode, run.stderr) == (4, "")
    assert "Seit der Sicherung gelesen und jetzt unbekannt: 1 Telefonliste." in run.stdout
    assert str(office.drop / "erledigt" / "danach.csv") in run.stdout
    assert "vorher.csv" not in run.stdout
    assert office.count("messages") == 1
    (office.drop / "erledigt" / "danach.csv").rename(office.drop / "danach.csv")
    office.once()
    assert office.count("messages") == 2
    assert office.run("books", "--store").returncode == 0


def test_what_was_planned_and_answered_since_is_not_sent_again(office: Installation) -> None:
    """The letter is in the backup, frozen and not sent; its answer lies in the mailbox."""
    office.smtp["send"] = False
    office.write()
    office.deliver(mail(journeys.OIL))
    office.once()
    office.smtp["send"] = True
    office.write()
    office.run("outbox", "release")
    file = backed_up(office)
    office.once()
    assert len(office.letters()) == 2
    kbk = office.letters("kbk")[0]
    answer = mail("erledigt", f"AW: {kbk.subject}", sender=journeys.ADDRESSES["kbk"], In_Reply_To=kbk.message_id)
    office.deliver(answer)
    office.once()

    run = office.run("restore", str(file), "--yes")

    assert "Als versandt erkannt (beantwortet oder zurückgekommen): 1 Schreiben." in run.stdout
    assert "angehalten: 1 Schreiben" in run.stdout
    assert office.count("concerns", "state = 'answered' OR state = 'closed'") == 1


def test_a_digest_that_went_out_since_is_held_and_a_later_one_is_not(office: Installation) -> None:
    clock = Clock("2026-06-10 09:00")
    office.deliver(mail(journeys.RUBBISH), received_at=clock.now)
    office.once(clock)
    file = backed_up(office)

    office.run("restore", str(file), "--yes")

    assert office.rows("SELECT state, held FROM deliveries") == [{"state": "held", "held": "restore"}]


def test_the_mail_server_is_out_then_the_restore_is_finished_later(office: Installation) -> None:
    office.deliver(mail(journeys.UNKNOWN))
    office.once()
    file = backed_up(office)
    port = office.mailbox["port"]
    office.mailbox["port"] = 1
    office.write()

    run = office.run("restore", str(file), "--yes")
    refused = office.run("once")

    assert run.returncode == 1
    assert "restore --continue" in run.stderr
    assert refused.returncode == 1
    assert "das Zurückspielen ist nicht zu Ende" in refused.stderr
    office.mailbox["port"] = port
    office.write()
    assert office.run("restore", "--continue").returncode == 0
    assert office.run("once").returncode == 0
    assert office.run("restore", "--continue").returncode == 1


def test_what_was_there_is_kept(either: Installation) -> None:
    office = either
    office.once()
    file = backed_up(office)
    office.deliver(mail(journeys.UNKNOWN))
    office.once()

    run = office.run("restore", str(file), "--yes")

    assert run.returncode == 0
    (kept,) = (one for one in (office.folder / "data").glob("*vor-restore*") if one.suffix != ".identity")
    assert str(kept) in run.stdout
    assert list((office.folder / "data").glob("aus-sicherung-*/configuration/config.toml"))


def test_it_asks_first_and_refuses_beside_a_working_daemon(office: Installation) -> None:
    office.once()
    file = backed_up(office)
    asked = office.run("restore", str(file))
    with office.process():
        beside = office.run("restore", str(file), "--yes")

    assert asked.returncode == 1
    assert "Soll die Sicherung an ihre Stelle treten?" in asked.stdout
    assert beside.returncode == 1
    assert "arbeitet" in beside.stderr
    assert office.run("once").returncode == 0


def test_a_backup_while_the_daemon_works_is_whole_and_its_owner_s_alone(office: Installation) -> None:
    with office.process():
        office.deliver(*(mail(journeys.OIL) for _ in range(20)))
        files = [backed_up_as(office, number) for number in range(3)]
    for file in files:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        with tarfile.open(file) as archive:
            assert archive.getnames()[:2] == ["manifest.json", "database.sqlite"]
            assert "configuration/config.toml" in archive.getnames()
    assert office.run("restore", str(files[-1]), "--yes").returncode in {0, 4}
    assert office.run("books").returncode == 0
    assert office.count("messages") == 20


def backed_up_as(office: Installation, number: int) -> Path:
    file = office.folder.parent / f"sicherung{number}.tar.gz"
    assert office.run("backup", str(file)).returncode == 0
    return file


def test_rotation_keeps_so_many(office: Installation) -> None:
    office.once()
    file = office.folder.parent / "kod.tar.gz"
    for _ in range(4):
        assert office.run("backup", str(file), "--keep", "3").returncode == 0

    assert sorted(path.name for path in file.parent.glob("kod.tar*")) == ["kod.tar.gz", "kod.tar.gz.1", "kod.tar.gz.2"]
    again = office.run("backup", str(file))
    assert again.returncode == 1
    assert "gibt es schon" in again.stderr


@pytest.mark.parametrize("damage", ["cut", "flipped", "text", "empty"])
def test_a_damaged_backup_changes_nothing(tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink, damage: str) -> None:
    office = Installation(tmp_path / "kod", dovecot, smtp_sink)
    office.deliver(mail(journeys.UNKNOWN))
    office.once()
    file = backed_up(office)
    content = bytearray(file.read_bytes())
    if damage == "cut":
        del content[len(content) // 2 :]
    elif damage == "flipped":
        content[len(content) // 2] ^= 0xFF
    else:
        content = bytearray(b"" if damage == "empty" else b"keine Sicherung")
    file.write_bytes(content)

    run = office.run("restore", str(file), "--yes")

    assert run.returncode == 1
    assert "lässt sich nicht benutzen" in run.stderr
    assert "Traceback" not in run.stderr
    assert office.count("messages") == 1
    assert office.run("once").returncode == 0


@pytest.mark.parametrize("way", ["to PostgreSQL", "to SQLite"])
def test_a_move_takes_everything_and_closes_the_old(
    tmp_path: Path,
    dovecot: Dovecot,
    smtp_sink: SmtpSink,
    request: pytest.FixtureRequest,
    way: str,
) -> None:
    postgresql = request.getfixturevalue("postgresql").create_database()
    sqlite = f"sqlite:///{tmp_path / 'neu' / 'kod.sqlite'}"
    old, new = ("", postgresql) if way == "to PostgreSQL" else (postgresql, sqlite)
    office = Installation(tmp_path / "kod", dovecot, smtp_sink, database=old)
    office.deliver(mail(journeys.OIL), mail(journeys.UNKNOWN), mail(f"{journeys.LAMP} – „Ümlaute“ 💉"))
    office.once()
    numbers = office.numbers()

    run = office.run("move", "--to", new)

    assert (run.returncode, run.stderr) == (0, "")
    refused = office.run("once")
    assert refused.returncode == 1
    assert "umgezogen" in refused.stderr
    assert office.run("move", "--to", new).returncode == 1
    office.database = new
    office.write()
    office.deliver(mail(journeys.RUBBISH))
    assert office.run("once").returncode == 0
    assert office.numbers()[:3] == numbers
    assert len(office.numbers()) == 4
    assert office.run("books").returncode == 0


def test_a_move_into_what_is_not_empty_is_refused(tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink) -> None:
    office = Installation(tmp_path / "kod", dovecot, smtp_sink)
    office.once()
    other = tmp_path / "anders.sqlite"
    other.write_bytes((office.folder / "data" / "kod-intake.sqlite").read_bytes())
    run = office.run("move", "--to", f"sqlite:///{other}")

    assert run.returncode == 1
    assert "liegt schon etwas" in run.stderr
    assert office.run("once").returncode == 0


def test_a_number_that_a_citizen_made_up_moves_nothing(office: Installation) -> None:
    office.deliver(mail(journeys.UNKNOWN))
    office.once()
    file = backed_up(office)
    office.deliver(
        mail(journeys.UNKNOWN, "KOD-2026-99999999 und KOD-2031-000007 und KOD-2026-888888"),
        mail(journeys.UNKNOWN, "=?utf-8?q?Zu_KOD-2026-000321_f=C3=BCr?= Sie"),
        folder="kod-intake/Erledigt",
    )

    run = office.run("restore", str(file), "--yes")

    year = office.numbers()[0].split("-")[1]
    assert run.returncode == 0
    expected = 421 if year == "2026" else 101
    assert f"Die nächste Nummer nach KOD-{year}-{expected:06d} ist frei." in run.stdout


def test_an_empty_database_beside_a_history_is_no_beginning(office: Installation) -> None:
    office.deliver(mail(journeys.UNKNOWN, "AW: [KOD-2026-000123-1] Ölspur"), folder="kod-intake/Erledigt")
    office.deliver(mail(journeys.OIL))

    refused = office.run("once")

    assert refused.returncode == 1
    assert "bis KOD-2026-000123" in refused.stderr
    assert office.count("messages") == 0
    assert office.run("once", "--new-beginning").returncode == 0
    assert office.count("cases") == 1
    assert office.run("once").returncode == 0
