"""When a channel is silent for longer than it ever is: learned from histories of many kinds, all seeded."""

import itertools
import random
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import pytest

from intake.base.german import local
from routing.planning import holidays, silence
from tests.support.journeys import moment

START = moment("2026-01-05 00:00")
DAYS = 150
Rate = Callable[[datetime], float]  # arrivals an hour


def is_holiday(day: date) -> bool:
    return day in holidays.of("NW", day.year)


def office(when: datetime) -> float:
    """A mailbox: busy on working days, a little at night and at weekends."""
    here = local(when)
    if is_holiday(here.date()) or here.weekday() > 4:
        return 0.3 if 8 <= here.hour < 22 else 0.02
    return 4 if 8 <= here.hour < 17 else 0.2


def quiet(when: datetime) -> float:
    """A village: two on a working day."""
    here = local(when)
    return 0.0 if is_holiday(here.date()) or here.weekday() > 4 else 0.2 if 8 <= here.hour < 18 else 0.0


def drawn(rate: Rate, seed: int, days: int = DAYS) -> list[datetime]:
    """What comes by chance at this rate."""
    chance = random.Random(seed)

    def arrivals() -> Iterator[datetime]:
        for hour in range(days * 24):
            when = START + timedelta(hours=hour)
            for _ in range(_poisson(chance, rate(when))):
                yield when + timedelta(seconds=chance.randrange(3600))

    return sorted(arrivals())


def _poisson(chance: random.Random, mean: float) -> int:
    number, left = 0, chance.expovariate(1.0)
    while left < mean:
        number, left = number + 1, left + chance.expovariate(1.0)
    return number


def daily(days: int = DAYS) -> list[datetime]:
    """A list each working day at 17:05, all its rows at once."""
    when = [START + timedelta(days=day, hours=17, minutes=5) for day in range(days)]
    return [one for one in when if one.weekday() < 5 and not is_holiday(one.date()) for _ in range(30)]


def alarm_after(arrivals: list[datetime], stopped: datetime, last: timedelta = timedelta(days=21)) -> timedelta | None:
    """How long after ``stopped`` nothing comes any more until it is told."""
    before = [one for one in arrivals if one < stopped]
    habit = silence.learned(before, stopped, is_holiday)
    assert habit is not None
    steps = (timedelta(minutes=30 * step) for step in range(int(last / timedelta(minutes=30))))
    return next((step for step in steps if habit.is_silent(before[-1], stopped + step)), None)


@pytest.mark.parametrize("seed", range(6))
def test_a_busy_mailbox_that_stops_on_a_morning_is_told_the_same_day(seed: int) -> None:
    after = alarm_after(drawn(office, seed), moment("2026-06-01 08:30"))

    assert after is not None
    assert after <= timedelta(hours=6)


def test_at_a_weekend_and_on_a_holiday_silence_is_nothing() -> None:
    arrivals = drawn(office, 1)
    friday, holiday = moment("2026-05-22 18:00"), moment("2026-05-25 12:00")  # Whit Monday

    habit = silence.learned([one for one in arrivals if one < friday], friday, is_holiday)

    assert habit is not None
    assert not habit.is_silent(friday, holiday)


def test_a_quiet_channel_is_given_its_days() -> None:
    after = alarm_after(drawn(quiet, 3), moment("2026-05-26 08:00"))

    assert after is not None
    assert timedelta(days=1) < after < timedelta(days=10)


def test_a_daily_list_may_be_missing_once_and_is_told_the_second_time() -> None:
    after = alarm_after(daily(), moment("2026-05-18 17:00"))  # a Monday, before its list

    assert after is not None
    assert timedelta(days=1) <= after <= timedelta(days=2, hours=1)


def test_holidays_in_a_row_are_no_silence_of_a_daily_list() -> None:
    """Good Friday to Easter Monday: from Thursday's list to Tuesday's are five days."""
    thursday, tuesday = moment("2026-04-02 17:05"), moment("2026-04-07 17:00")
    habit = silence.learned([one for one in daily() if one <= thursday], thursday, is_holiday)

    assert habit is not None
    assert not habit.is_silent(thursday, tuesday)


def test_one_outage_in_the_history_does_not_blunt_it() -> None:
    arrivals = drawn(office, 2)
    gone = (moment("2026-04-13 00:00"), moment("2026-04-23 00:00"))
    after = alarm_after([one for one in arrivals if not gone[0] <= one < gone[1]], moment("2026-06-01 08:30"))

    assert after is not None
    assert after <= timedelta(hours=6)


@pytest.mark.parametrize(("rate", "most"), [(office, 1), (quiet, 1)])
def test_false_alarms_are_rare(rate: Rate, most: int) -> None:
    """Six channels that never fail, watched for ten weeks each after eleven weeks of learning."""
    false = 0
    for seed in range(6):
        arrivals = drawn(rate, 100 + seed)
        began = START + timedelta(days=78)
        for week in range(10):
            now = began + timedelta(days=7 * week)
            habit = silence.learned([one for one in arrivals if one < now], now, is_holiday)
            assert habit is not None
            during = [one for one in arrivals if now <= one < now + timedelta(days=7)]
            false += sum(habit.is_silent(a, b) for a, b in itertools.pairwise(during))
    assert false <= most


@pytest.mark.parametrize("days", [5, 27])
def test_without_a_history_nothing_is_learned(days: int) -> None:
    now = START + timedelta(days=days)

    assert silence.learned(drawn(office, 1, days), now, is_holiday) is None
    assert silence.learned([], now, is_holiday) is None
