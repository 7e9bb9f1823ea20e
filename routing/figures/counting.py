"""Counting concerns one after the other: living ones and what is left of forgotten ones look the same here. Pure.

Memory grows with the number of different values, and by four whole numbers a concern for the waiting times.
"""

from array import array
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime

from intake.base import german
from routing.figures.values import OTHER_PLACE, SHARES, SMALLEST, TIMES, Counts, Spot, Times
from routing.store.figures import Figure, Forward

GONE = "replaced"
"""The state of a concern that a later decision put another one in place of: it was none."""
NOT_SENT = "cancelled"
MOST_SPOTS = 20


class Tally:
    """Takes figures, each once, and gives what they come to."""

    def __init__(self, since: datetime, until: datetime) -> None:
        """Only what was received ``since`` then and before ``until`` counts; aware, UTC."""
        self._since, self._until = since, until
        self._concerns = 0
        self._by: dict[str, Counter[str]] = defaultdict(Counter)
        self._grid = [[0] * 24 for _ in range(7)]
        self._days: dict[str, Counter[date]] = defaultdict(Counter)
        self._times = {name: array("q") for name in TIMES}
        self._shares = Counter(dict.fromkeys(SHARES, 0))
        self._further = 0
        self._others: Counter[str] = Counter()
        self._spots: Counter[tuple[str, str]] = Counter()
        self._first: datetime | None = None

    def add(self, figure: Figure) -> None:
        """Count a concern, or a message without one."""
        if not self._since <= figure.received_at < self._until:
            return
        if figure.counts != "concern":
            self._others[figure.kind] += 1
            return
        self._further += figure.reports if figure.first else 0
        if figure.state == GONE:
            return
        self._concerns += 1
        self._first = min(self._first or figure.received_at, figure.received_at)
        self._moment(figure)
        for name, value in (
            ("channel", figure.channel),
            ("category", figure.category),
            ("district", figure.district),
            ("urgency", figure.urgency),
        ):
            self._by[name][value] += 1
        told = [one for one in figure.forwards if one.state != NOT_SENT and not one.further]
        for body in {one.recipient for one in told}:
            self._by["body"][body] += 1
        self._shares.update(
            without_person=not figure.was_in_review and not figure.corrected,
            review=figure.was_in_review,
            corrected=figure.corrected and not figure.was_in_review,
            handed_back=figure.handed_back,
            repeated=figure.reports > 0,
        )
        self._waited(figure, told)

    def add_places(self, street: str, category: str, count: int) -> None:
        """So many concerns of this category (as stored) in this street; they are counted by ``add`` as well."""
        self._by["street"][street] += count
        if street and street != OTHER_PLACE:
            self._spots[street, category] += count

    def counts(self) -> Counts:
        """What all of them come to."""
        spots = [Spot(*where, count) for where, count in self._spots.items() if count >= SMALLEST and where[1]]
        spots.sort(key=lambda one: (-one.concerns, one.street, one.category))
        return Counts(
            concerns=self._concerns,
            by={name: dict(found) for name, found in self._by.items()},
            grid=tuple(tuple(row) for row in self._grid),
            days={name: dict(found) for name, found in self._days.items()},
            times={name: _times(values) for name, values in self._times.items()},
            shares=dict(self._shares),
            further=self._further,
            others=dict(self._others),
            spots=tuple(spots[:MOST_SPOTS]),
            first_at=self._first,
        )

    def _moment(self, figure: Figure) -> None:
        at = german.local(figure.received_at)
        year, week, _ = at.isocalendar()
        self._by["weekday"][str(at.weekday())] += 1
        self._by["hour"][str(at.hour)] += 1
        self._by["week"][f"{year}-W{week:02}"] += 1
        self._by["month"][f"{at:%Y-%m}"] += 1
        self._grid[at.weekday()][at.hour] += 1
        self._days[figure.channel][at.date()] += 1

    def _waited(self, figure: Figure, told: Collection[Forward]) -> None:
        moments = {
            "decision": figure.decided_at,
            "letter": min((one.accepted_at for one in told if one.accepted_at), default=None),
            "answer": min((one.answered_at for one in told if one.answered_at), default=None),
            "done": figure.closed_at if figure.state == "closed" else None,
        }
        for name, moment in moments.items():
            if moment is not None:
                self._times[name].append(max(0, int((moment - figure.received_at).total_seconds())))


def _times(values: Sequence[int]) -> Times:
    ordered = sorted(values)
    return Times(len(ordered), _rank(ordered, 5), _rank(ordered, 9))


def _rank(ordered: Sequence[int], tenths: int) -> int | None:
    """By nearest rank: a value that occurred, which at least so many tenths do not exceed."""
    return ordered[(tenths * len(ordered) + 9) // 10 - 1] if ordered else None
