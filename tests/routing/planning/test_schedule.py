"""When a letter is due, as tables: slots, office hours, holidays, closed days, clock changes."""

from datetime import UTC, date, datetime, time, timedelta
from typing import get_args

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.base import german
from routing.model.decision import Urgency
from routing.model.settings import FederalState, OfficeHours, Recipient
from routing.planning import holidays as own_holidays
from routing.planning import schedule

OFFICE = OfficeHours(holidays="NW", closed=("24.12.", "31.12.", "Rosenmontag", "Altweiber"))
GSAK = Recipient(name="GSAK", address=("a@gsak.invalid",), schedule=("Mo-Fr 07:30", "Mo-Fr 13:00", "Sa 09:00"))
WEEKLY = Recipient(name="KBK", address=("a@kbk.invalid",), schedule=("Fr 08:00",), weekly="Mo 08:00")
DESK = Recipient(
    name="KOD",
    address=("a@kod.invalid",),
    schedule=("Mo-So 08:00",),
    office=OfficeHours(days="Mo-So", times="08:00-24:00", holidays=""),
)


def local(text: str) -> datetime:
    return datetime.strptime(text, "%d.%m.%Y %H:%M").replace(tzinfo=german.BERLIN)


def shown(moment: datetime) -> str:
    assert moment.tzinfo is UTC
    return german.short_moment(moment)


@pytest.mark.parametrize(
    ("text", "days", "times"),
    [
        ("Mo-Fr 07:30", (0, 1, 2, 3, 4), (time(7, 30),)),
        ("Sa 09:00", (5,), (time(9),)),
        ("Mo, Mi 08:00", (0, 2), (time(8),)),
        ("  Mo–Fr   7:30 Uhr ", (0, 1, 2, 3, 4), (time(7, 30),)),
        ("Montag bis Mittwoch und Sonnabend 08:00", (0, 1, 2, 5), (time(8),)),
        ("montags 03:00", (0,), (time(3),)),
        ("Fr-Mo 01:59", (0, 4, 5, 6), (time(1, 59),)),
        ("täglich 08:00, 13:00", tuple(range(7)), (time(8), time(13))),
    ],
)
def test_a_slot_is_written_as_days_and_times(text: str, days: tuple[int, ...], times: tuple[time, ...]) -> None:
    assert tuple(schedule.Slot(days, at) for at in times) == schedule.parse_slots(text)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("30 7 * * 1-5", "Cron"),
        ("0 7 1 1 1", "Cron"),
        ("*/5 * * * *", "Cron"),
        ("Mo-Fr 02:00", "zwischen 02:00 und 02:59"),
        ("So 02:59", "Uhr umgestellt"),
        ("Mo-Fr 24:00", "00:00"),
        ("Mo-Fr 25:00", "keine Uhrzeit"),
        ("Mo-Fr 07:60", "keine Uhrzeit"),
        ("Mo-Mi-Fr 08:00", "keine Wochentage"),
        ("Mx 07:30", "kein Wochentag"),
        ("Monntag 08:00", "Meinten Sie „Montag“?"),
        ("Mo, 08:00 Di 09:00", "keine Zeit"),
        ("07:30", "keine Zeit"),
        ("Mo", "keine Zeit"),
        ("", "keine Zeit"),
        ("Mo ٠٧:٣٠", "keine"),
    ],
)
def test_a_wrong_slot_is_explained_in_german(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        schedule.parse_slots(text)
    assert sentence.casefold() in str(caught.value).casefold()


@given(st.text(max_size=40))
def test_any_text_is_a_slot_a_closed_day_or_a_german_sentence(text: str) -> None:
    for parse in (schedule.parse_slots, schedule.parse_closed, lambda hours: schedule.parse_hours("Mo", hours)):
        try:
            parse(text)
        except ValueError as problem:
            assert str(problem).endswith((".", "?", ")"))  # noqa: PT017 - either outcome is right


def test_office_hours_may_end_at_midnight() -> None:
    assert schedule.Hours(tuple(range(7)), 480, 1440) == schedule.parse_hours("Mo-So", "08:00-24:00")


@pytest.mark.parametrize("times", ["08:00", "16:00-08:00", "08:00-08:00", "02:30-08:00", "08:00-24:01", "x-y", ""])
def test_wrong_office_hours_are_refused(times: str) -> None:
    with pytest.raises(ValueError, match="„"):
        schedule.parse_hours("Mo-Fr", times)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("24.12.", "24.12.2026"),
        ("24.12.", "24.12.2031"),
        ("02.01.2027", "02.01.2027"),
        ("Rosenmontag", "08.02.2027"),
        ("Rosenmontag", "16.02.2026"),
        ("altweiber", "04.02.2027"),
        ("Veilchendienstag", "09.02.2027"),
        ("Silvester", "31.12.2027"),
        ("29.02.", "29.02.2028"),
    ],
)
def test_a_closed_day_holds_on_its_day_alone(text: str, day: str) -> None:
    closed = schedule.parse_closed(text)
    at = local(f"{day} 12:00").date()
    assert closed.holds(at)
    assert not closed.holds(at + timedelta(days=1))
    assert not closed.holds(at - timedelta(days=1))


def test_a_closed_day_with_a_year_holds_in_that_year_alone() -> None:
    assert not schedule.parse_closed("02.01.2027").holds(local("02.01.2028 12:00").date())


@pytest.mark.parametrize("text", ["24.12", "31.02.", "29.02.2027", "Weihnachten", "", "Rosenmontg"])
def test_a_wrong_closed_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="„"):
        schedule.parse_closed(text)


@pytest.mark.parametrize("urgency", [Urgency.NOTFALL, Urgency.SOFORT])
def test_what_is_urgent_is_due_at_once_at_any_hour(urgency: Urgency) -> None:
    now = local("25.12.2026 03:14")
    assert now == schedule.due(urgency, GSAK, OFFICE, now)
    assert schedule.due(urgency, GSAK, OFFICE, now).tzinfo is UTC


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("23.11.2026 10:12", "23.11.2026 10:12"),  # within office hours
        ("23.11.2026 08:00", "23.11.2026 08:00"),  # their first minute
        ("23.11.2026 16:29", "23.11.2026 16:29"),
        ("23.11.2026 16:30", "24.11.2026 08:00"),  # the minute after the last
        ("23.11.2026 07:59", "23.11.2026 08:00"),
        ("20.11.2026 17:00", "23.11.2026 08:00"),  # over the weekend
        ("23.12.2026 17:00", "28.12.2026 08:00"),  # 24.12. closed, 25. and 26. holidays, 27. Sunday
        ("30.12.2026 18:00", "04.01.2027 08:00"),  # the turn of the year
        ("05.02.2027 17:00", "09.02.2027 08:00"),  # Rosenmontag 2027
        ("25.03.2027 17:00", "30.03.2027 08:00"),  # Easter
        ("28.03.2026 12:00", "30.03.2026 08:00"),  # the clock goes forward on the 29th
        ("24.10.2026 12:00", "26.10.2026 08:00"),  # and back on the 25th
    ],
)
def test_heute_goes_within_office_hours_or_at_their_next_start(now: str, due: str) -> None:
    assert due == shown(schedule.due(Urgency.HEUTE, GSAK, OFFICE, local(now)))


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("25.12.2026 23:59", "25.12.2026 23:59"),
        ("26.12.2026 00:00", "26.12.2026 08:00"),
        ("24.10.2026 23:00", "24.10.2026 23:00"),
        ("25.10.2026 02:30", "25.10.2026 08:00"),
        ("29.03.2026 01:30", "29.03.2026 08:00"),
    ],
)
def test_the_duty_desk_works_on_holidays_until_midnight(now: str, due: str) -> None:
    assert due == shown(schedule.due(Urgency.HEUTE, DESK, OFFICE, local(now)))


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("23.11.2026 07:29", "23.11.2026 07:30"),
        ("23.11.2026 07:30", "23.11.2026 13:00"),  # strictly after
        ("23.11.2026 13:00", "24.11.2026 07:30"),
        ("20.11.2026 14:00", "21.11.2026 09:00"),  # a Saturday that a slot names
        ("21.11.2026 09:00", "23.11.2026 07:30"),  # the weekend merges
        ("23.12.2026 13:00", "28.12.2026 07:30"),  # the Saturday slot of 26.12. merges with Monday's
        ("31.12.2026 07:00", "02.01.2027 09:00"),  # closed, holiday, Saturday
        ("02.10.2026 14:00", "05.10.2026 07:30"),  # 3.10.2026 is a holiday on a Saturday
        ("03.06.2026 14:00", "05.06.2026 07:30"),  # Fronleichnam
    ],
)
def test_a_sammel_goes_with_the_next_digest(now: str, due: str) -> None:
    assert due == shown(schedule.due(Urgency.SAMMEL, GSAK, OFFICE, local(now)))


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("20.11.2026 09:00", "27.11.2026 08:00"),
        ("24.12.2026 09:00", "28.12.2026 08:00"),  # Friday 25.12. moves to Monday
        ("28.12.2026 08:00", "04.01.2027 08:00"),  # Friday 1.1. moves too
        ("20.03.2027 09:00", "30.03.2027 08:00"),  # Good Friday moves over Easter Monday
    ],
)
def test_a_slot_on_a_holiday_moves_to_the_next_working_day(now: str, due: str) -> None:
    assert due == shown(schedule.due(Urgency.SAMMEL, WEEKLY, OFFICE, local(now)))


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("23.11.2026 07:00", "23.11.2026 08:00"),
        ("23.11.2026 08:00", "30.11.2026 08:00"),
        ("27.03.2027 08:00", "30.03.2027 08:00"),  # Easter Monday
        ("02.02.2027 08:00", "09.02.2027 08:00"),  # Rosenmontag
        ("16.05.2027 08:00", "18.05.2027 08:00"),  # Whit Monday
    ],
)
def test_a_liste_goes_with_the_weekly_list(now: str, due: str) -> None:
    assert due == shown(schedule.due(Urgency.LISTE, WEEKLY, OFFICE, local(now)))


def test_a_recipient_without_digest_times_gets_a_sammel_in_office_hours() -> None:
    person = Recipient(name="Presse", address=("p@krefeld.invalid",))
    assert shown(schedule.due(Urgency.SAMMEL, person, OFFICE, local("20.11.2026 18:00"))) == "23.11.2026 08:00"


def test_each_slot_of_two_years_comes_once_and_none_by_night() -> None:
    moment, found = local("01.01.2026 00:00"), []
    while moment < local("01.01.2028 00:00"):
        moment = schedule.due(Urgency.SAMMEL, GSAK, OFFICE, moment)
        found.append(german.local(moment))
    assert len({at.replace(tzinfo=None) for at in found}) == len(found)
    assert {"07:30", "13:00", "09:00"} == {f"{at:%H:%M}" for at in found}
    assert not [at for at in found if at.weekday() == 6]
    for change in ("27.03.2026", "30.03.2026", "23.10.2026", "26.10.2026", "26.03.2027", "01.11.2027"):
        day = local(f"{change} 12:00").date()
        expected = 0 if day in (local("26.03.2027 12:00").date(), local("01.11.2027 12:00").date()) else 2
        assert expected == len([at for at in found if at.date() == day])


def test_a_calendar_without_working_days_does_not_hold_a_letter_for_ever() -> None:
    closed = OfficeHours(closed=tuple(f"{day:02}.{month:02}." for month in range(1, 13) for day in range(1, 30)))
    only = Recipient(name="X", address=("x@x.invalid",), schedule=("Mo 08:00",))
    now = local("01.02.2027 12:00")
    assert schedule.due(Urgency.SAMMEL, only, closed, now) > now
    never = OfficeHours(closed=(*closed.closed, "30.01.", "31.01.", *_last_days()))
    assert now == schedule.due(Urgency.SAMMEL, only, never, now)
    assert now == schedule.due(Urgency.HEUTE, only, never, now)


def _last_days() -> list[str]:
    long = (1, 3, 5, 7, 8, 10, 12)
    return [f"30.{month:02}." for month in range(1, 13) if month != 2] + [f"31.{month:02}." for month in long]


def test_outside_office_asks_the_recipients_own_hours_first() -> None:
    evening = local("25.12.2026 20:00")
    assert schedule.outside_office(GSAK, OFFICE, evening)
    assert not schedule.outside_office(DESK, OFFICE, evening)
    assert not schedule.outside_office(GSAK, OFFICE, local("23.11.2026 08:00"))


@pytest.mark.parametrize("state", [state for state in get_args(FederalState) if state])
def test_the_holidays_are_those_of_a_library_that_others_keep(state: str) -> None:
    for year in range(2024, 2045):
        assert set(holidays.country_holidays("DE", subdiv=state, years=year)) == set(own_holidays.of(state, year))


def test_every_state_of_the_library_can_be_chosen() -> None:
    assert set(holidays.country_holidays("DE").subdivisions) - {"Augsburg"} == set(get_args(FederalState)) - {""}


@pytest.mark.parametrize(
    ("urgency", "now", "day"),
    [
        (Urgency.NOTFALL, "23.11.2026 10:12", None),
        (Urgency.SOFORT, "23.11.2026 10:12", date(2026, 11, 24)),
        (Urgency.HEUTE, "23.11.2026 10:12", date(2026, 11, 25)),
        (Urgency.HEUTE, "27.11.2026 10:12", date(2026, 12, 1)),  # a Friday
        (Urgency.HEUTE, "23.12.2026 10:12", date(2026, 12, 29)),  # 24. closed, 25. to 27. holidays and Sunday
        (Urgency.SAMMEL, "23.11.2026 10:12", date(2026, 11, 30)),
        (Urgency.LISTE, "23.11.2026 10:12", None),
    ],
)
def test_an_answer_is_asked_for_in_working_days(urgency: Urgency, now: str, day: date | None) -> None:
    assert day == schedule.reply_by(urgency, GSAK, OFFICE, local(now))
