"""Vorgang: merge, split, reopen, correct the place, release photos; and the same as commands do it."""

import contextlib

import pytest

from intake import storage
from intake.base import errors
from routing import cli
from routing.desk import actions, case_views
from tests.routing.web.conftest import House

UNKNOWN = "Am {0} ist etwas Seltsames, können Sie bitte nachsehen?"
RUBBISH = "Am {0} liegt ein Müllsack."


def _case(house: House, text: str, place: str = "Westwall 3", sender: str = "anna@example.org") -> str:
    house.office.receive(text.format(place), sender=sender)
    return str(house.office.rows("SELECT number FROM cases ORDER BY id DESC")[0]["number"])


def _do(house: House, number: str, **fields: str) -> tuple[int, str]:
    """Send the case's form as petra; status, and the page that follows."""
    browser = house.browser("petra")
    seen = browser.get(f"/vorgang/{number}")[2].partition('name="seen" value="')[2].partition('"')[0]
    status, headers, text = browser.post(f"/vorgang/{number}", **({"seen": seen} | fields))
    return status, text if status != 303 else browser.get(headers["Location"])[2]


def _states(house: House) -> list[str]:
    return [str(row["state"]) for row in house.office.rows("SELECT state FROM concerns ORDER BY id")]


def test_merged_messages_show_in_the_other_case_and_both_timelines_say_so(house: House) -> None:
    one, other = _case(house, UNKNOWN, sender="berta@example.org"), _case(house, UNKNOWN, "Ostwall 5")
    status, text = _do(house, one, do="merge", into=other.lower())
    assert 303 == status
    engine = house.office.work.engine
    target, source = case_views.show(engine, other), case_views.show(engine, one)

    assert f"{one} ist geschlossen; 1 Nachricht steht jetzt in {other}." in text
    assert ["closed", "review"] == _states(house)
    assert {"anna@example.org", "berta@example.org"} == {stored.message.from_addr for stored in target.messages}
    line = f"Petra hat {one} mit {other} zusammengeführt."
    assert all(any(line in entry.what for entry in case.timeline) for case in (source, target))


def test_what_was_planned_for_the_merged_case_ends_and_the_other_s_letter_goes(house: House) -> None:
    one, other = _case(house, RUBBISH, "Ostwall 5"), _case(house, RUBBISH)
    _do(house, one, do="merge", into=other)
    house.office.at("2026-06-10 13:30")

    [letter] = house.office.letters("gsak")
    assert other in letter.text
    assert one not in letter.text


@pytest.mark.parametrize("into", ["", "KOD-2026-999999", "//boese.invalid", "{0}", "{0}-7"])
def test_a_case_is_merged_with_another_one_only(house: House, into: str) -> None:
    number = _case(house, UNKNOWN)
    status, _ = _do(house, number, do="merge", into=into.format(number))

    assert 400 == status
    assert ["review"] == _states(house)


def test_what_waits_is_not_merged_into_what_is_closed(house: House) -> None:
    one, other = _case(house, UNKNOWN), _case(house, UNKNOWN, "Ostwall 5")
    actions.close(house.office.work.engine, other, house.office.clock(), actor="petra")

    assert "ist geschlossen" in _do(house, one, do="merge", into=other)[1]
    assert ["review", "closed"] == _states(house)


def test_a_further_matter_is_decided_by_itself(house: House) -> None:
    number = _case(house, RUBBISH)
    status, text = _do(house, number, do="split", about="Ratten am Container")

    assert 303 == status
    assert f"{number}-2 entscheiden" in text
    assert "Ratten am Container" in text
    assert ["open", "review"] == _states(house)


def test_a_closed_case_waits_again(house: House) -> None:
    number = _case(house, RUBBISH)
    actions.close(house.office.work.engine, number, house.office.clock(), actor="petra")
    status, _ = _do(house, number, do="reopen", reason="liegt noch da")

    assert 303 == status
    assert ["review"] == _states(house)
    assert "liegt noch da" in house.browser("petra").get("/klaerung")[2]
    assert "ist nicht geschlossen" in _do(house, number, do="reopen")[1]


def test_a_waiting_letter_names_the_right_place_and_a_sent_one_is_corrected(house: House) -> None:
    number = _case(house, RUBBISH)
    assert "Ostwall 5" in _do(house, number, do="place", place="  ostwall   5 ")[1]
    house.office.at("2026-06-10 13:30")
    [first] = house.office.letters("gsak")
    assert "Ostwall 5" in first.text
    _, text = _do(house, number, do="place", place="Südwall 7")
    assert "Eine Berichtigung geht an gsak" in text
    house.office.at("2026-06-11 07:31")

    _, second = house.office.letters("gsak")
    assert "Berichtigung" in second.text
    assert "Südwall 7" in second.text


@pytest.mark.parametrize("place", ["", " ", "x" * 121])
def test_a_place_is_a_short_line(house: House, place: str) -> None:
    assert 400 == _do(house, _case(house, RUBBISH), do="place", place=place)[0]
    assert "Westwall 3" == house.office.value("SELECT place FROM concerns")


def test_photos_are_released_for_what_waits_and_for_nothing_else(house: House) -> None:
    number = _case(house, RUBBISH)
    _do(house, number, do="photos")
    assert 1 == house.office.value("SELECT photos FROM forwards")
    house.office.at("2026-06-10 13:30")

    assert "wartet kein Schreiben" in _do(house, number, do="photos")[1]


def test_two_people_do_not_overwrite_each_other(house: House) -> None:
    number = _case(house, RUBBISH)

    assert "Inzwischen ist etwas geschehen" in _do(house, number, do="place", place="Ostwall 5", seen="0.0.0")[1]


def test_nothing_is_changed_by_a_page_that_is_old_or_says_not_what_it_showed(house: House) -> None:
    one, other = _case(house, RUBBISH), _case(house, UNKNOWN, "Ostwall 5")
    browser = house.browser("petra")
    for what in ("split", "requeue", "reopen", "place", "photos", "merge", "close"):
        for seen in ("", "0.0.0"):
            status, _, text = browser.post(f"/vorgang/{one}", do=what, place="Südwall 7", into=other, seen=seen)
            assert (400, True) == (status, "Inzwischen ist etwas geschehen" in text), (what, seen)


def test_a_letter_that_comes_back_and_a_restriction_are_news(house: House) -> None:
    number = _case(house, RUBBISH)
    house.office.at("2026-06-10 13:30")
    engine = house.office.work.engine
    for change in (
        "UPDATE concerns SET told = 'x'",  # the desk's mail about it is no news to who looks at it
        "UPDATE deliveries SET state = 'bounced'",
        (
            "INSERT INTO events (id, at, actor, action, case_id, detail) "
            "SELECT 1000, composed_at, 'daemon', 'bounced', 1, 'kam zurück' FROM letters"
        ),
        (
            "INSERT INTO holds (id, kind, message_id, reason, actor, since) "
            "SELECT 1, 'restricted', 1, 'x', 'x', composed_at FROM letters"
        ),
        "UPDATE holds SET ended_at = since",
    ):
        before = case_views.show(engine, number).revision
        with storage.writing(engine) as connection:
            connection.exec_driver_sql(change)
        assert (case_views.show(engine, number).revision == before) == ("told" in change), change


def test_the_commands_do_the_same(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    one, other = _case(house, UNKNOWN), _case(house, UNKNOWN, "Ostwall 5")
    path = str(house.office.work.active.configuration.path)
    commands = (
        ["place", one, "Südwall 7"],
        ["split", one, "--about", "Ratten"],
        ["merge", one, other],
        ["reopen", one],
        ["photos", other],
    )
    said = []
    for arguments in commands:
        with contextlib.suppress(errors.UsageError):
            cli.group(["--config", path, *arguments], standalone_mode=False)
        said.append(capsys.readouterr().out)

    assert "Der Ort ist jetzt Südwall 7" in said[0]
    assert f"{one}-2 wartet" in said[1]
    assert f"jetzt in {other}" in said[2]
    assert "warten wieder" in said[3]
    assert "" == said[4]
