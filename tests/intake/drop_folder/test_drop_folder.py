"""The drop folder on a real file system: finished files only, nothing lost, nothing overwritten, nothing outside."""

import contextlib
import errno
import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from intake import drop_folder, phone_log
from intake.base import errors
from intake.drop_folder.reading import Reading
from intake.message import Arrival, Kind
from intake.settings import DropFolderSettings

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(seconds=6)
LIST = "Datum;Uhrzeit;Ort;Anliegen\r\n09.06.2023;10:12;Ostwall;Müll\r\n"
WITH_A_BAD_ROW = f"{LIST};10:15;Südwall;\r\n"


def folder(path: Path, settle_seconds: float = 0) -> drop_folder.DropFolder:
    source = drop_folder.DropFolder("telefon", DropFolderSettings(folder=path, settle_seconds=settle_seconds))
    source.check()
    return source


def drop(path: Path, name: str = "liste.csv", text: str = LIST, changed: datetime = NOW) -> Path:
    file = path / name
    file.write_bytes(text.encode("utf-8-sig"))
    os.utime(file, (changed.timestamp(), changed.timestamp()))
    return file


def read(source: drop_folder.DropFolder, file: Path, now: datetime = NOW) -> tuple[list[Arrival], Reading]:
    with source.reading(file, now) as reading:
        return list(reading), reading


def names(path: Path) -> list[str]:
    return sorted(found.name for found in path.iterdir())


def test_check_creates_the_sub_folders(tmp_path: Path) -> None:
    folder(tmp_path)
    folder(tmp_path)

    assert ["erledigt", "unlesbar"] == names(tmp_path)


def test_a_missing_folder_is_a_temporary_error_that_says_which(tmp_path: Path) -> None:
    source = drop_folder.DropFolder("telefon", DropFolderSettings(folder=tmp_path / "weg"))

    with pytest.raises(errors.TemporaryError, match=r"telefon.*weg"):
        source.check()
    with pytest.raises(errors.TemporaryError):
        source.finished(NOW)


def test_only_finished_regular_files_are_seen(tmp_path: Path) -> None:
    source = folder(tmp_path)
    for name in ("~$liste.csv", ".liste.csv", ".~lock.liste.csv#", "a.tmp", "a.CSV.PART", "a.crdownload", "Thumbs.db"):
        drop(tmp_path, name)
    (tmp_path / "ordner.csv").mkdir()
    (tmp_path / "verweis.csv").symlink_to(drop(tmp_path.parent, f"{tmp_path.name}-fremd.csv"))
    os.mkfifo(tmp_path / "rohr.csv")
    file = drop(tmp_path)

    assert [file] == source.finished(NOW)


def test_a_folder_where_a_file_should_be_is_logged_once(tmp_path: Path) -> None:
    source = folder(tmp_path)
    (tmp_path / "ordner\n.csv").mkdir()

    with capture_logs() as logs:
        source.finished(NOW)
        source.finished(LATER)

    assert ["ordner?.csv"] == [entry["file"] for entry in logs]


def test_without_a_settling_time_a_file_is_finished_at_once(tmp_path: Path) -> None:
    assert [drop(tmp_path, changed=NOW)] == folder(tmp_path, 0).finished(NOW)


def test_a_file_is_finished_when_its_last_change_is_old_enough(tmp_path: Path) -> None:
    source = folder(tmp_path, 5)
    file = drop(tmp_path, changed=NOW)

    assert [] == source.finished(NOW + timedelta(seconds=4))
    assert [file] == source.finished(NOW + timedelta(seconds=5))


def test_a_wrong_clock_of_the_server_does_not_hold_a_file_back(tmp_path: Path) -> None:
    source = folder(tmp_path, 5)
    file = drop(tmp_path, changed=NOW + timedelta(hours=1))

    assert [] == source.finished(NOW)
    assert [] == source.finished(NOW + timedelta(seconds=4))
    assert [file] == source.finished(NOW + timedelta(seconds=5))


def test_a_growing_copy_is_not_finished(tmp_path: Path) -> None:
    source = folder(tmp_path, 5)
    for step in range(5):
        now = NOW + timedelta(seconds=4 * step)
        drop(tmp_path, text=LIST * (step + 1), changed=now)
        assert [] == source.finished(now)

    assert [tmp_path / "liste.csv"] == source.finished(NOW + timedelta(seconds=21))


def test_older_files_come_first(tmp_path: Path) -> None:
    late = drop(tmp_path, "a.csv", changed=NOW)
    early = drop(tmp_path, "b.csv", changed=NOW - timedelta(days=1))

    assert [early, late] == folder(tmp_path).finished(NOW)


def test_rows_arrive_with_the_files_hash_and_their_number(tmp_path: Path) -> None:
    source = folder(tmp_path)
    file = drop(tmp_path)

    arrivals, log = read(source, file, NOW)

    assert [f"{hashlib.sha256(file.read_bytes()).hexdigest()}:2"] == [arrival.key for arrival in arrivals]
    assert ["folder:telefon"] == [arrival.source for arrival in arrivals]
    assert ["Telefon"] == [arrival.message.channel for arrival in arrivals]
    assert [datetime(2023, 6, 9, 8, 12, tzinfo=UTC)] == [arrival.received_at for arrival in arrivals]
    assert ["09.06.2023;10:12;Ostwall;Müll\r\n".encode()] == [arrival.raw for arrival in arrivals]
    assert log.protocol.stored == 1


def test_a_row_without_a_date_counts_from_the_files_time(tmp_path: Path) -> None:
    changed = NOW - timedelta(days=3)
    file = drop(tmp_path, text="Ort;Anliegen\r\nOstwall;Müll\r\n", changed=changed)

    arrivals, _ = read(folder(tmp_path), file)

    assert [changed] == [arrival.received_at for arrival in arrivals]


def test_a_file_time_ahead_of_us_is_not_believed(tmp_path: Path) -> None:
    file = drop(tmp_path, text="Ort;Anliegen\r\nOstwall;Müll\r\n", changed=NOW + timedelta(days=3))

    arrivals, _ = read(folder(tmp_path), file)

    assert [NOW] == [arrival.received_at for arrival in arrivals]


def test_an_unreadable_file_is_parked_with_its_reason(tmp_path: Path) -> None:
    source = folder(tmp_path)
    file = drop(tmp_path, text="Wann;Was\r\n")

    with pytest.raises(phone_log.UnreadableError) as raised:
        read(source, drop(tmp_path, text="Wann;Vorgang\r\n1;2\r\n"), NOW)
    parked = source.park(file, str(raised.value), NOW)

    assert tmp_path / "unlesbar" / "liste.csv" == parked
    assert ["liste.csv", "liste.grund.txt"] == names(tmp_path / "unlesbar")
    reason = (tmp_path / "unlesbar" / "liste.grund.txt").read_text(encoding="utf-8-sig")
    assert 'columns = { text = "Vorgang", date = "Wann" }' in reason
    assert "23.11.2026 10:30 Uhr" in reason


def test_a_vanished_file_is_a_temporary_error(tmp_path: Path) -> None:
    source = folder(tmp_path)

    with pytest.raises(errors.TemporaryError, match=r"weg\.csv"):
        read(source, tmp_path / "weg.csv", NOW)
    with pytest.raises(errors.TemporaryError, match=r"weg\.csv"):
        source.park(tmp_path / "weg.csv", "Grund", NOW)


def test_a_symbolic_link_is_never_read(tmp_path: Path) -> None:
    source = folder(tmp_path)
    (tmp_path / "verweis.csv").symlink_to("/etc/passwd")

    with pytest.raises(errors.TemporaryError):
        read(source, tmp_path / "verweis.csv", NOW)


def test_a_file_outside_the_folder_is_refused(tmp_path: Path) -> None:
    source = folder(tmp_path)

    for path in (tmp_path.parent / "x.csv", tmp_path / "erledigt" / "x.csv", tmp_path / "erledigt", tmp_path / ".."):
        with pytest.raises(ValueError, match="no file of the drop folder"):
            read(source, path, NOW)


def test_a_read_file_is_filed_away(tmp_path: Path) -> None:
    source = folder(tmp_path)
    file = drop(tmp_path)
    _, log = read(source, file, NOW)

    filed = source.file_away(file, log, NOW)

    assert tmp_path / "erledigt" / "liste.csv" == filed
    assert ["liste.csv", "liste.protokoll.txt"] == names(tmp_path / "erledigt")
    assert LIST == filed.read_bytes().decode("utf-8-sig")
    assert [] == source.finished(NOW)


def test_the_same_name_again_overwrites_nothing(tmp_path: Path) -> None:
    source = folder(tmp_path)
    for number in range(3):
        file = drop(tmp_path, text=LIST.replace("Müll", f"Müll {number}"))
        _, log = read(source, file, NOW)
        source.file_away(file, log, NOW)

    done = tmp_path / "erledigt"
    assert ["liste (2).csv", "liste (3).csv", "liste.csv"] == [name for name in names(done) if name.endswith(".csv")]
    assert "Müll 0" in (done / "liste.csv").read_text(encoding="utf-8-sig")
    assert "Müll 2" in (done / "liste (3).csv").read_text(encoding="utf-8-sig")


def test_bad_rows_lie_beside_the_file_and_can_be_dropped_again(tmp_path: Path) -> None:
    source = folder(tmp_path)
    file = drop(tmp_path, text=WITH_A_BAD_ROW)
    _, log = read(source, file, NOW)
    source.file_away(file, log, NOW)

    rejects = tmp_path / "erledigt" / "liste.abgelehnt.csv"
    expected = (
        "Datum;Uhrzeit;Ort;Anliegen;Zeile;Grund;Was tun\r\n"
        "09.06.2023;10:15;Südwall;;3;Das Anliegen fehlt.;Bitte tragen Sie das Anliegen nach.\r\n"
    )
    assert expected == rejects.read_bytes().decode("utf-8-sig")

    corrected = drop(tmp_path, rejects.name, expected.replace("Südwall;;", "Südwall;Lärm;"))
    arrivals, log = read(source, corrected, NOW)
    filed = source.file_away(corrected, log, NOW)
    assert [("Lärm", "Südwall")] == [(arrival.message.text, arrival.message.place) for arrival in arrivals]
    assert [datetime(2023, 6, 9, 8, 15, tzinfo=UTC)] == [arrival.received_at for arrival in arrivals]
    assert "liste.abgelehnt (2).csv" == filed.name


def test_rejects_are_never_written_over_older_ones(tmp_path: Path) -> None:
    source = folder(tmp_path)
    (tmp_path / "erledigt" / "liste.abgelehnt.csv").write_text("von gestern")
    file = drop(tmp_path, text=WITH_A_BAD_ROW)
    _, log = read(source, file, NOW)

    source.file_away(file, log, NOW)

    filed = ["liste (2).abgelehnt.csv", "liste (2).csv", "liste (2).protokoll.txt", "liste.abgelehnt.csv"]
    assert filed == names(tmp_path / "erledigt")
    assert "von gestern" == (tmp_path / "erledigt" / "liste.abgelehnt.csv").read_text()


def test_a_file_that_changed_after_it_was_read_stays_to_be_read_again(tmp_path: Path) -> None:
    source = folder(tmp_path)
    file = drop(tmp_path)
    _, log = read(source, file, NOW)
    drop(tmp_path, text=LIST + "09.06.2023;11:00;Ring;Lärm\r\n", changed=LATER)

    with pytest.raises(errors.TemporaryError, match="geändert"):
        source.file_away(file, log, NOW)

    assert [file] == source.finished(LATER)
    assert len(read(source, file, LATER)[0]) == 2
    assert [] == names(tmp_path / "erledigt")


@pytest.mark.parametrize("links", [True, False], ids=["with hard links", "without, as on SMB"])
@pytest.mark.parametrize("moment", range(8))
def test_a_crash_at_any_step_of_filing_away_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: int, *, links: bool
) -> None:
    """The operating system's calls are counted, and the one in question ends everything, as a kill would."""
    source = folder(tmp_path)
    file = drop(tmp_path, text=WITH_A_BAD_ROW)
    _, log = read(source, file, NOW)
    calls = 0

    class KilledError(BaseException):
        pass

    def step(name: str) -> None:
        real = getattr(os, name)

        def counted(*arguments: object, **more: object) -> object:
            nonlocal calls
            if name == "link" and not links:
                raise PermissionError(1, "no links here")
            calls += 1
            if calls > moment:
                raise KilledError
            return real(*arguments, **more)

        monkeypatch.setattr(os, name, counted)

    for name in ("rename", "link", "unlink", "fsync"):
        step(name)
    with contextlib.suppress(KilledError):
        source.file_away(file, log, NOW)
    monkeypatch.undo()
    log.rejects.close()

    restarted = folder(tmp_path)
    for path in restarted.finished(NOW):
        arrivals, log = read(restarted, path, NOW)
        texts = [arrival.message.text for arrival in arrivals if arrival.message.kind is Kind.ORDINARY]
        assert ["Müll"] == texts
        restarted.file_away(path, log, NOW)

    done = tmp_path / "erledigt"
    assert ["erledigt", "unlesbar"] == names(tmp_path)
    assert [name for name in names(done) if name.startswith(".")] == []
    whole = [path for path in done.iterdir() if path.read_bytes().decode("utf-8-sig") == WITH_A_BAD_ROW]
    assert whole
    assert [path for path in done.glob("*.abgelehnt.csv") if b"Anliegen fehlt" in path.read_bytes()]


def test_a_sub_folder_that_is_a_symbolic_link_is_refused_and_the_file_stays(tmp_path: Path) -> None:
    outside = tmp_path / "anderswo"
    outside.mkdir()
    inside = tmp_path / "ablage"
    inside.mkdir()
    source = folder(inside)
    file = drop(inside)
    _, log = read(source, file, NOW)
    (inside / "erledigt").rmdir()
    (inside / "erledigt").symlink_to(outside)

    with pytest.raises(errors.TemporaryError):
        source.file_away(file, log, NOW)

    assert file.exists()
    assert [] == names(outside)


def test_a_refusal_of_the_operating_system_is_a_temporary_error_and_the_file_stays(tmp_path: Path) -> None:
    source = folder(tmp_path)
    file = drop(tmp_path)
    _, log = read(source, file, NOW)
    (tmp_path / "erledigt").rmdir()
    (tmp_path / "erledigt").write_text("keine Ablage")

    with pytest.raises(errors.TemporaryError, match="„erledigt“"):
        source.file_away(file, log, NOW)

    assert file.exists()


@pytest.mark.parametrize(
    "name", ["ü" * 120 + ".csv", "Telefonliste Mu\u0308ll.csv", "a\nb.csv", "ohne_endung", "x" * 251 + ".csv"]
)
def test_any_name_is_filed_away(tmp_path: Path, name: str) -> None:
    source = folder(tmp_path)
    file = drop(tmp_path, name, WITH_A_BAD_ROW)
    _, log = read(source, file, NOW)

    filed = source.file_away(file, log, NOW)

    assert filed.exists()
    assert len(names(tmp_path / "erledigt")) == 3


def test_a_name_of_broken_bytes_is_filed_away(tmp_path: Path) -> None:
    source = folder(tmp_path)
    name = os.fsdecode(b"m\xfcll.csv")
    file = drop(tmp_path, name)
    _, log = read(source, file, NOW)

    assert name == source.file_away(file, log, NOW).name


def test_two_daemons_on_one_folder_file_a_file_away_once(tmp_path: Path) -> None:
    one, other = folder(tmp_path), folder(tmp_path)
    file = drop(tmp_path)
    _, log = read(one, file, NOW)
    read(other, file, NOW)
    one.file_away(file, log, NOW)

    with pytest.raises(errors.TemporaryError):
        other.file_away(file, log, NOW)

    assert ["liste.csv", "liste.protokoll.txt"] == names(tmp_path / "erledigt")


def test_the_protocol_names_rows_and_columns_and_what_to_do_but_nothing_that_was_said(tmp_path: Path) -> None:
    source = folder(tmp_path)
    rows = "Datum;Tel.;Ort;Anliegen\r\n09.06.2023;4,91E+11;Ostwall 7;Geheimes Anliegen\r\n;;Südwall 8;\r\nSumme;2\r\n"
    file = drop(tmp_path, text=rows)
    _, log = read(source, file)
    source.file_away(file, log, NOW)

    protocol = (tmp_path / "erledigt" / "liste.protokoll.txt").read_bytes().decode("utf-8-sig")
    expected = (
        "Protokoll zu „liste.csv“",
        "Gelesen am 23.11.2026 10:30 Uhr.",
        "Ergebnis: teilweise übernommen.",
        "  1 Zeile übernommen",
        "  1 Zeile abgelehnt",
        "  2 Zeilen übergangen (Kopfzeile 1, Summe 1)",
        "  Als Summe oder Zwischenzeile übergangen: Zeile 4",
        (
            "Nicht übernommen. Sie stehen in der Datei „liste.abgelehnt.csv“. Bitte berichtigen Sie dort diese Zeilen "
            "und legen Sie die Datei noch einmal in den Ordner:"
        ),
        "  Zeile 3, Spalte „Anliegen“: Das Anliegen fehlt. Bitte tragen Sie das Anliegen nach.",
        "Übernommen, aber bitte prüfen Sie diese Zeilen:",
        (
            "  Zeile 2, Spalte „Tel.“: Die Rufnummer ist beim Speichern in Excel verloren gegangen. Bitte formatieren "
            "Sie die Spalte in Excel als Text und tippen Sie die Nummer neu."
        ),
    )
    assert list(expected) == [line for line in protocol.split("\r\n") if line]


@pytest.mark.parametrize(
    ("text", "result"),
    [
        (LIST, "vollständig übernommen"),
        ("Datum;Ort;Anliegen\r\n", "keine Zeile mit einem Anliegen gefunden"),
        ("Datum;Ort;Anliegen\r\n09.06.2023;Ring;\r\n", "nicht übernommen"),
    ],
)
def test_every_file_has_a_protocol_with_its_result(tmp_path: Path, text: str, result: str) -> None:
    source = folder(tmp_path)
    file = drop(tmp_path, text=text)
    _, log = read(source, file)
    source.file_away(file, log, NOW)

    assert f"Ergebnis: {result}." in (tmp_path / "erledigt" / "liste.protokoll.txt").read_text(encoding="utf-8-sig")


def test_files_and_protocols_are_deleted_after_their_time(tmp_path: Path) -> None:
    settings = DropFolderSettings(folder=tmp_path, settle_seconds=0, keep_days=30)
    source = drop_folder.DropFolder("telefon", settings)
    source.check()
    file = drop(tmp_path, text=WITH_A_BAD_ROW)
    _, log = read(source, file)
    source.file_away(file, log, NOW)
    (tmp_path / "erledigt" / "Ordner der Kollegen").mkdir()
    filed = datetime.now(UTC)

    assert 0 == source.tidy(filed + timedelta(days=29))
    assert 3 == source.tidy(filed + timedelta(days=31))
    assert ["Ordner der Kollegen"] == names(tmp_path / "erledigt")


def test_nothing_is_deleted_when_nothing_shall_be(tmp_path: Path) -> None:
    source = drop_folder.DropFolder("telefon", DropFolderSettings(folder=tmp_path, settle_seconds=0, keep_days=0))
    source.check()
    drop(tmp_path / "erledigt")

    assert 0 == source.tidy(NOW + timedelta(days=9999))


def test_a_read_only_folder_is_read_once_and_filed_when_it_may_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = drop(tmp_path, text=WITH_A_BAD_ROW)

    def refused(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    with monkeypatch.context() as patch:
        for name in ("mkdir", "rename"):
            patch.setattr(os, name, refused)
        source = drop_folder.DropFolder("telefon", DropFolderSettings(folder=tmp_path, settle_seconds=0))
        source.check()
        for rows in (2, 0):  # the call, and the words of the row that is handed back
            assert [file] == source.finished(NOW)
            arrivals, log = read(source, file)
            assert rows == len(arrivals)
            with pytest.raises(errors.TemporaryError):
                source.file_away(file, log, NOW)

    _, log = read(source, file)
    source.file_away(file, log, NOW)
    assert ["liste.abgelehnt.csv", "liste.csv", "liste.protokoll.txt"] == names(tmp_path / "erledigt")


def test_a_share_that_vanishes_while_a_file_is_read_is_a_temporary_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = folder(tmp_path)
    file = drop(tmp_path)
    gone = OSError(errno.EHOSTDOWN, "das Netzlaufwerk antwortet nicht")

    with (
        pytest.raises(errors.TemporaryError, match="das Netzlaufwerk antwortet nicht"),
        source.reading(file, NOW) as reading,
    ):
        monkeypatch.setattr(reading, "_items", lambda: (_ for _ in ()).throw(gone))
        list(reading)

    assert [file] == source.finished(NOW)
