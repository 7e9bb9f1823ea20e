"""Dispatch: every message without a decision gets one, in the order of arrival.

Classify and plan, then record all of a batch in one transaction: a crash leaves its messages waiting. Of two daemons
that judged the same message only one records it. A message whose
classification fails goes to review with the reason; it never holds up the next one. Nothing is sent here.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

import structlog
from msgspec import Struct
from sqlalchemy.engine import Connection, Engine

from intake import storage
from intake.message import Stored
from routing import replies, rules
from routing.model.decision import Decision, State
from routing.model.settings import Configuration
from routing.pipeline import acknowledgements, probe
from routing.planning import plan, release
from routing.replies import recognise
from routing.store import cases
from routing.text.redaction import city_words

log = structlog.get_logger(__name__)


Take = Callable[[Connection, Sequence[plan.Ruling], Configuration, datetime], tuple[list[plan.Ruling], frozenset[int]]]
"""The rulings in order, some replaced, and the messages (ids) about which everything is said with that."""


def _none(
    _: Connection, rulings: Sequence[plan.Ruling], __: Configuration, ___: datetime
) -> tuple[list[plan.Ruling], frozenset[int]]:
    return list(rulings), frozenset()


class Dispatched(Struct):
    """How many messages were looked at, and how many of them got which decision."""

    seen: int = 0
    routed: int = 0
    review: int = 0
    kept: int = 0

    @property
    def total(self) -> int:
        return self.routed + self.review + self.kept

    def count(self, rulings: Sequence[plan.Ruling]) -> None:
        """Add what these rulings came to."""
        for ruling in rulings:
            state = ruling.decision.state
            if state is State.ROUTED:
                self.routed += 1
            elif state is State.REVIEW:
                self.review += 1
            else:
                self.kept += 1


def batch(
    engine: Engine,
    configuration: Configuration,
    rule_set: rules.RuleSet,
    now: datetime,
    limit: int = 200,
    *,
    urgent_alone: bool = False,
    take: Take = _none,
) -> Dispatched:
    """Decide up to ``limit`` waiting messages; nothing waiting gives a total of 0.

    ``urgent_alone``: what looks urgent waits for no others to be decided with it. ``take``: who takes what answers the
    desk's mail (``routing.pipeline.desk_mail.answers``).
    """
    done = Dispatched()
    with storage.reading(engine) as connection:
        waiting = storage.undecided(connection, limit, urgent_alone=urgent_alone)
    if not waiting:
        return done
    done.seen = len(waiting)
    waiting = probe.answered(engine, waiting, configuration, rule_set, now)
    dates = plan.Dates(configuration.settings, now)
    judged = _rulings(waiting, rule_set, configuration, dates)  # outside: receiving goes on
    with storage.writing(engine) as connection:
        ours = storage.claim(connection, [stored.id for stored in waiting])
        rulings = [ruling for ruling in judged if ruling.stored.id in ours]
        cases.keep_snapshot(connection, configuration, now)
        rulings, by_desk = take(connection, rulings, configuration, now)
        others = [ruling for ruling in rulings if ruling.stored.id not in by_desk]
        answered = replies.find(connection, others, configuration.settings)
        judged = [
            one
            if one.stored.id in by_desk
            else replies.judged(one, answered.get(one.stored.id), configuration.settings)
            for one in rulings
        ]
        joined = {one: back.case_id for one, back in answered.items() if back.case_id is not None}
        linking = configuration.settings.linking
        written = cases.record(
            connection,
            judged,
            configuration.fingerprint,
            now,
            answers=joined,
            linking=linking,
            prefix=configuration.settings.city.reference,
        )
        replies.record(connection, answered, configuration.settings, city_words.of_configuration(configuration), now)
        corrected = cases.correct(connection, judged, written)
        cases.plan_further(connection, judged, written, corrected, configuration.settings, now)
        acknowledgements.plan(connection, written, configuration.settings, now)
        storage.decided(connection, list(ours))
        numbers = cases.numbers(connection, [ruling.stored.id for ruling in written])
    done.count(written)
    for ruling in written:
        _tell(ruling, numbers.get(ruling.stored.id, ""))
    return done


def _tell(ruling: plan.Ruling, number: str) -> None:
    """A line of the log for each message: what became of it, and nothing of what it says."""
    decision, message = ruling.decision, ruling.stored
    log.info("message decided", message=message.id, number=number, outcome=str(decision.state), kind=decision.kind)


def _rulings(
    waiting: Sequence[Stored], rule_set: rules.RuleSet, configuration: Configuration, dates: plan.Dates
) -> list[plan.Ruling]:
    """A ruling on each message; where one fails, they are judged one by one, and that one goes to review."""
    messages = [recognise.as_judged(stored.message, dates.settings.city.reference) for stored in waiting]
    try:
        decisions = rules.classify_all(messages, rule_set)
        guarded = [
            release.guarded(decision, message, configuration)
            for decision, message in zip(decisions, messages, strict=True)
        ]
        return [plan.plan(stored, decision, dates) for stored, decision in zip(waiting, guarded, strict=True)]
    except Exception as error:
        if len(waiting) > 1:
            return [ruling for stored in waiting for ruling in _rulings((stored,), rule_set, configuration, dates)]
        log.exception("classification failed", message=waiting[0].id)
        reason = f"Die Einordnung ist gescheitert ({type(error).__name__}); bitte ordnen Sie die Nachricht selbst zu."
        return [plan.Ruling(waiting[0], Decision(State.REVIEW, "unclear", (), reason), ())]
