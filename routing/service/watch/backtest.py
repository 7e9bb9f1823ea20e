"""The back-test after an update: what the new program and library would have done with the last 90 days.

The program is known by the content of its own files, of its library and by the versions of what it stands on, so that
a plain restart, or the same files installed anew, is no update. What it makes of each stored message is compared with
what was decided then; the operator gets one letter with the differences, the urgent ones first, and none where there
are none. A difference that was told after an earlier update, and is still the same, is not told again.

It works beside the daemon, at a fifth of a core, and writes nothing before its end: stopped, it begins anew at the
next start. A decision that another config.toml had a part in is counted with the others and marked, since the
difference may be the city's own.
"""

import functools
import hashlib
import json
import secrets
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

import intake
from intake import storage
from intake.base import german
from intake.message import Message
from routing import letters, rules
from routing.config import files, library
from routing.model.decision import Decision, State, Urgency
from routing.model.settings import Configuration
from routing.model.transport import outgoing
from routing.pipeline import mailing
from routing.pipeline.operator_summary import OPERATOR
from routing.planning import release
from routing.replies import recognise
from routing.rules import backtest_words
from routing.rules.backtest import Routing, Tally, outcome
from routing.store import history

if TYPE_CHECKING:
    from routing.service.runtime import Runtime

log = structlog.get_logger(__name__)

WORK = "backtest"
"""The lease: of several daemons one does it."""
TESTED = "back-tested program"
"""The fact: with which program the history was compared last."""
TOLD = "back-test told"
"""The fact: by message, what the operator knows would be otherwise."""
DAYS = timedelta(days=90)
REST = 4.0  # times as long as a message took
MOST_NAMED = 20  # messages named in each group

_Told = dict[str, str]


def program(configuration: Configuration) -> str:
    """The program as it is installed, its libraries and the rule library in use, as SHA-256 (hex). Raises OSError."""
    digest = hashlib.sha256(_installed())
    for path in library.paths(configuration.settings.files.library):
        _add(digest, path.name, files.text(configuration.texts, path).encode())
    return digest.hexdigest()


@functools.cache
def _installed() -> bytes:
    """The files of the program and its libraries, as SHA-256: as this process found them, whatever comes later."""
    installed = sorted(path.name for path in Path(structlog.__file__).parents[1].glob("*.dist-info"))
    digest = hashlib.sha256(f"{sys.version} {installed}\n".encode())
    for package in (Path(intake.__file__).parent, Path(__file__).parents[2]):
        for path in sorted(package.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                _add(digest, str(path.relative_to(package.parent)), path.read_bytes())
    return digest.digest()


def _add(digest: "hashlib._Hash", name: str, content: bytes) -> None:
    digest.update(f"{name} {len(content)}\n".encode() + content)


def after_update(runtime: "Runtime", stopped: Callable[[float], bool]) -> bool:
    """Compare and tell, where the program is another than last time; whether nothing is left to do.

    ``stopped`` rests for so many seconds, or says that it is told to stop. Raises TemporaryError.
    """
    configuration = runtime.active.configuration
    now_running = program(configuration)
    with storage.reading(runtime.engine) as connection:
        before, told = storage.fact(connection, TESTED), storage.fact(connection, TOLD)
    if before == now_running:
        return True
    if not runtime.leases.take(WORK):
        return False
    comparison = _Comparison(runtime, json.loads(told or "{}"))
    for past in history.messages(runtime.engine, runtime.clock() - DAYS):
        began = time.monotonic()
        comparison.add(past)
        if stopped(REST * (time.monotonic() - began)):
            return False
    _tell(runtime, comparison, now_running)
    return True


class _Comparison:
    """The history under the rules in force now, one message after the other."""

    def __init__(self, runtime: "Runtime", told: Mapping[str, str]) -> None:
        """``told``: by message, the difference that the operator knows."""
        self.tally = Tally(most_examples=MOST_NAMED)
        self.other_file: Counter[tuple[Routing, Routing]] = Counter()
        self.differing: _Told = {}
        self._told = told
        self._engine = runtime.engine
        self._configuration = runtime.active.configuration
        self._rules = runtime.active.rule_set
        self._same: dict[str, bool] = {}

    def add(self, past: history.Past) -> None:
        """Compare what the program decided then, if it did, with what it would now."""
        then = past.by_program
        if then is None or past.is_comment:
            return
        settings = self._configuration.settings
        message = recognise.as_judged(past.message, settings.city.reference)
        before, after = then.decision, _judged(message, self._rules, self._configuration)
        old, new = outcome(before), outcome(after)
        if old != new:
            mark = self.differing[str(past.id)] = _mark(new)
            if self._told.get(str(past.id)) == mark:
                self.tally.total += 1
                return
            if not self._is_of_this_file(then.fingerprint):
                self.other_file[old, new] += 1
        self.tally.add(past.name, message, before, after)

    def _is_of_this_file(self, fingerprint: str) -> bool:
        """Whether it was decided with the city's files as they are now; the library belongs to the program."""
        if fingerprint not in self._same:
            then, settings = history.texts(self._engine, fingerprint), self._configuration.settings
            own = files.behind(self._configuration.path, settings)
            shipped = set(library.paths(settings.files.library))
            now = [(path, files.text(self._configuration.texts, path)) for path in own if path not in shipped]
            self._same[fingerprint] = all(text in {then.get(str(path)), then.get(path.name)} for path, text in now)
        return self._same[fingerprint]


def _judged(message: Message, rule_set: rules.RuleSet, configuration: Configuration) -> Decision:
    try:
        return release.guarded(rules.classify(message, rule_set), message, configuration)
    except Exception:
        log.exception("classification failed", channel=message.channel)  # and dispatch would ask a person
        return Decision(State.REVIEW, "unclear", (), "")


def _mark(routing: Routing) -> str:
    return hashlib.sha256(repr(routing).encode()).hexdigest()[:12]


def _tell(runtime: "Runtime", found: _Comparison, program_now: str) -> None:
    """One letter with the differences, and that they are told, in one commit."""
    tally, now, settings = found.tally, runtime.clock(), runtime.settings
    urgent = sum(group.count for group in tally.groups.values() if group.is_urgent)
    with storage.writing(runtime.engine) as connection:
        storage.note_fact(connection, TESTED, program_now)
        storage.note_fact(connection, TOLD, json.dumps(found.differing))
        if tally.groups:
            token = secrets.token_hex(8)
            envelope = letters.envelope(outgoing(settings), "Update", settings.operator.address, now, token)
            share = f"{german.number(tally.changed)} von {german.number(tally.total)}"
            subject = f"[{settings.city.reference}-Update] Neue Programmfassung: {share} anders eingeordnet"
            letter = letters.compose_plain(envelope, subject, "\n".join(report(tally, found.other_file)))
            mailing.freeze(connection, [mailing.addressed(letter, OPERATOR, Urgency.HEUTE)], settings, now)
    log.info("history compared after an update", messages=tally.total, differ=tally.changed, urgent=urgent)


def report(tally: Tally, other_file: Mapping[tuple[Routing, Routing], int]) -> Iterator[str]:
    """The letter, its lines in order: the groups of differences, urgent ones first. It repeats no words of citizens.

    ``other_file``: by group, how many of it had been decided with another config.toml.
    """
    yield "Das Programm oder seine Regelbibliothek ist neu. Die Nachrichten der letzten 90 Tage wurden zum Vergleich"
    yield "noch einmal eingeordnet; an dem, was schon entschieden und versandt ist, ändert das nichts."
    yield ""
    would = german.counted(tally.changed, "Nachricht würde", "Nachrichten würden")
    yield f"{german.counted(tally.total, 'Nachricht', 'Nachrichten')} verglichen. {would} anders eingeordnet:"
    for group in backtest_words.urgent_first(tally):
        yield ""
        yield backtest_words.title(group)
        yield from backtest_words.causes(group)
        if other := other_file.get((group.before, group.after)):
            many = german.number(other) if other < group.count else "alle"
            yield f"        davon {many} nach einer früheren config.toml entschieden"
        more = f" und {german.number(group.count - len(group.examples))} weitere"
        names = ", ".join(example.name for example in group.examples)
        yield f"        {names}{more if group.count > len(group.examples) else ''}"
    yield ""
    yield "Wie entschieden wird und warum, zeigt: kod-intake show NUMMER. Alle Unterschiede mit Beispielen:"
    yield "kod-intake backtest config.toml --stored --days 90"
