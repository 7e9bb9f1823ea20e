"""What somebody is about to make of config.toml: a text, what is wrong with it, what it would change.

A draft is its account's own, lives in memory, and changes nothing until it is saved. The comparison over the last 90
days runs beside, and its end is waited for by nobody.
"""

from collections.abc import Iterator
from concurrent import futures
from datetime import datetime, timedelta

from sqlalchemy.engine import Engine

from intake.base import background
from routing import rules
from routing.config.problems import Problem
from routing.model.settings import Configuration
from routing.planning import release
from routing.replies import recognise
from routing.rules.backtest import Tally
from routing.store import history

DAYS = timedelta(days=90)


class Draft:
    """A text for config.toml and what checking it gave. ``before``: what the file said then."""

    def __init__(
        self, text: str, before: str, configuration: Configuration | None, problems: tuple[Problem, ...] = ()
    ) -> None:
        self.text = text
        self.before = before
        self.configuration = configuration
        self.problems = problems
        self._comparison: futures.Future[Tally] | None = None
        self.judged = 0
        self.total = 0

    @property
    def hints(self) -> tuple[str, ...]:
        """What is not wrong but should be known: a tuple of German sentences."""
        return self.configuration.warnings if self.configuration else ()

    def compare(self, engine: Engine, active: Configuration, now: datetime) -> None:
        """Begin to compare with the configuration in force, once, and anew where that failed. ``now``: aware, UTC."""
        if self.configuration is None or self.is_comparing or self.tally is not None:
            return
        changed = self.configuration
        self.total = history.count(engine, now - DAYS)
        self._comparison = background.start(
            lambda: self._compared(engine, active, changed, now), name="rules compared"
        )

    @property
    def is_comparing(self) -> bool:
        """Whether the comparison has begun and not ended."""
        return self._comparison is not None and not self._comparison.done()

    @property
    def tally(self) -> Tally | None:
        """What would have been otherwise over 90 days, when the comparison has ended well."""
        ended = self._comparison if self._comparison is not None and self._comparison.done() else None
        return ended.result() if ended is not None and ended.exception() is None else None

    @property
    def has_failed(self) -> bool:
        """Whether the comparison broke off; it can be begun anew."""
        return self._comparison is not None and not self.is_comparing and self.tally is None

    def _compared(self, engine: Engine, active: Configuration, changed: Configuration, now: datetime) -> Tally:
        tally = Tally()
        old, new = rules.compiled(active)[0], rules.compiled(changed)[0]
        for past in self._counted(history.messages(engine, now - DAYS)):
            if past.is_comment:
                continue
            message = recognise.as_judged(past.message, changed.settings.city.reference)
            before = release.guarded(rules.classify(message, old), message, active)
            after = release.guarded(rules.classify(message, new), message, changed)
            tally.add(past.name, message, before, after)
        return tally

    def _counted(self, past: Iterator[history.Past]) -> Iterator[history.Past]:
        for one in past:
            self.judged += 1
            yield one


class Drafts:
    """The drafts of all accounts, by name. May be used from several threads."""

    def __init__(self) -> None:
        self._drafts: dict[str, Draft] = {}

    def of(self, account: str) -> Draft | None:
        """What this account, found by name, is about to change."""
        return self._drafts.get(account)

    def keep(self, account: str, draft: Draft) -> None:
        """Take the place of the account's draft before."""
        self._drafts[account] = draft

    def drop(self, account: str) -> None:
        """Nothing is about to be changed any more."""
        self._drafts.pop(account, None)
