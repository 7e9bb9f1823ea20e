"""Delivering, its second half: frozen letters are sent, what is urgent first, over several connections.

Each letter is announced in the database (intent, commit), sent, and the outcome of each of its addresses committed
together with the next intent: a crash leaves at most one letter a connection in doubt. Where several daemons share the
work, one that was stopped for long asks before the letter's first byte whether another has taken it over. A temporary
refusal is tried
again with growing pauses for five days, a permanent one is parked, each address by itself.

``urgent`` is the lane of what cannot wait: it sends urgent letters over a connection of its own and nothing else.
``everything`` sends the others over up to so many connections, opened only while there is something for them; before
each letter it looks for urgent ones that nobody has taken, and those go first. Letters to one body about one case keep
their order.

A connection that the server does not want while others work is given up: the server gets fewer for a while. When none
is left nothing counts as an attempt, and the pass ends with TemporaryError.
"""

import contextlib
import functools
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent import futures

import structlog
from msgspec import Struct
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from intake import storage
from intake.base import background, errors
from intake.base.clock import Clock
from routing.model.transport import AddressOutcome, Outbound
from routing.planning import retry
from routing.store import outbox

log = structlog.get_logger(__name__)

LISTED = 200
FEWER_SECONDS = 600.0  # so long a server that wanted fewer connections gets fewer
_NUMBER = re.compile(rb"^X-KOD-Intake: *([\w-]+)", re.MULTILINE)
HEAD = 8192  # bytes in which a letter's header fields stand
_WANTS_FEWER = re.compile(r"(?i)\b4\.3\.2\b|too many|too much|concurren|thread limit|connection|throttl|rate limit")


class Delivered(Struct):
    """What a sending pass came to, counted by address."""

    sent: int = 0
    later: int = 0
    parked: int = 0

    def count(self, results: Sequence[outbox.Result]) -> None:
        """Add the outcomes of one letter."""
        self.sent += sum(1 for result in results if result.state == "sent")
        self.later += sum(1 for result in results if result.state == "planned")
        self.parked += sum(1 for result in results if result.state == "parked")


class Unwanted(Struct, frozen=True):
    """The server does not want this connection; ``error`` says so of a letter that was not tried because of it."""

    error: errors.TemporaryError | None = None


class Sender:
    """Sends for one process, named ``instance`` in the database. ``urgent`` and ``everything`` may run side by side.

    ``stopping`` ends a pass after the letters in hand. Outcomes that could not be written (the disk is full) are kept,
    and written by the next pass.
    """

    def __init__(
        self, engine: Engine, instance: str, clock: Clock, stopping: Callable[[], bool] = lambda: False
    ) -> None:
        self.stopping = stopping
        self._engine = engine
        self._instance = instance
        self._clock = clock
        self._unsettled: deque[outbox.Result] = deque()
        self._fewer: tuple[int, float] | None = None  # how many connections the server bore, and when that was seen

    def urgent(self, transport: Outbound) -> Delivered:
        """Send the urgent letters that are due. Raises TemporaryError when nobody answers."""
        done = Delivered()
        self._settle()
        unwanted = self.letter(transport, None, done.count) if transport.sends else None
        self._settle()
        if unwanted is not None and unwanted.error is not None:
            raise unwanted.error
        return done

    def everything(self, connected: Callable[[], Outbound], most: int = 1, *, urgent_too: bool = True) -> Delivered:
        """Send all letters that are due, over up to ``most`` connections.

        ``connected`` gives a transport for each, which the caller closes; without ``urgent_too`` nothing is begun for
        urgent letters alone. Raises TemporaryError when nobody answers on any connection.
        """
        self._settle()
        try:
            return _Pass(self, connected, self._borne(most), urgent_too=urgent_too).run()
        finally:
            with contextlib.suppress(errors.IntakeError, SQLAlchemyError):  # else the next pass writes them
                self._settle()

    # ---- what a pass is made of ----

    def ordinary(self) -> list[outbox.DueLetter]:
        """Letters that are due and not urgent, some of the most urgent."""
        self._settle()  # what is sent holds up none of its thread
        with storage.reading(self._engine) as connection:
            return outbox.due_ordinary(connection, self._clock(), LISTED)

    def has_urgent(self) -> bool:
        """Whether an urgent letter is due."""
        with storage.reading(self._engine) as connection:
            return bool(outbox.due_urgent(connection, self._clock()))

    def bears(self, connections: int) -> None:
        """The server did not want one more than so many connections."""
        self._fewer = (max(1, connections), time.monotonic())
        log.warning("the mail server wants fewer connections", connections=self._fewer[0])

    def letter(
        self, transport: Outbound, letter: outbox.DueLetter | None, settled: Callable[[Sequence[outbox.Result]], None]
    ) -> Unwanted | None:
        """Send every urgent letter that nobody has taken, then ``letter`` (None: only those).

        ``settled`` is told the outcomes of each. Without an answer ``letter`` is as it was before.
        """
        while True:
            claimed = self._claim(letter)
            if claimed is None:
                return None
            results = self._attempt(transport, claimed)
            if isinstance(results, errors.TemporaryError):
                return Unwanted(results)
            self._unsettled += results
            settled(results)
            _tell(claimed, results)
            if letter is not None and claimed.letter.id == letter.id:
                return Unwanted() if any(map(_wants_fewer, results)) else None
            if self.stopping():
                return None

    def _borne(self, most: int) -> int:
        if self._fewer is not None and time.monotonic() - self._fewer[1] > FEWER_SECONDS:
            self._fewer = None
        return min(most, self._fewer[0]) if self._fewer else most

    def _claim(self, letter: outbox.DueLetter | None) -> outbox.Claimed | None:
        """The next letter that is ours: an urgent one, else ``letter``. What was done before is written with it."""
        with _taken(self._unsettled) as results, storage.writing(self._engine) as connection:
            now = self._clock()
            outbox.record_results(connection, results, now, self._instance)
            for urgent in outbox.due_urgent(connection, now, 2):  # another daemon may have taken the first just now
                if (claimed := outbox.claim(connection, urgent, self._instance, now)) is not None:
                    return claimed
            return outbox.claim(connection, letter, self._instance, now) if letter is not None else None

    def _settle(self) -> None:
        if self._unsettled:
            with _taken(self._unsettled) as results, storage.writing(self._engine) as connection:
                outbox.record_results(connection, results, self._clock(), self._instance)

    def _attempt(self, transport: Outbound, claimed: outbox.Claimed) -> list[outbox.Result] | errors.TemporaryError:
        confirm = functools.partial(self._confirm, claimed)
        to = list(claimed.deliveries)
        try:
            outcomes = transport.send(claimed.raw, sender=claimed.letter.sender, to=to, confirm=confirm)
        except errors.LeaseLostError as taken:
            log.warning("a letter was taken over before it was sent", letter=claimed.letter.id, error=str(taken))
            return []
        except errors.TemporaryError as unreachable:
            try:
                with storage.writing(self._engine) as connection:
                    outbox.release(connection, claimed, self._instance)
            except (errors.IntakeError, SQLAlchemyError):
                said, now = str(unreachable), self._clock()
                self._unsettled += [outbox.Result(row, "planned", now, said) for row in claimed.deliveries.values()]
            return unreachable
        except Exception as error:  # a fault of ours: nobody knows how far the letter came
            log.exception("sending failed", letter=claimed.letter.id)
            outcome = AddressOutcome("in doubt", 0, f"{type(error).__name__}: {error}")
            outcomes = dict.fromkeys(claimed.deliveries, outcome)
        return [_result(claimed, address, outcomes[address], self._clock) for address in claimed.deliveries]

    def _confirm(self, claimed: outbox.Claimed) -> None:
        """Raise LeaseLostError where another daemon has taken the letter over: this one was stopped for too long.

        On SQLite there is no other.
        """
        if self._engine.dialect.name != "postgresql":
            return
        with storage.reading(self._engine) as connection:
            if not outbox.is_ours(connection, claimed, self._instance):
                raise errors.LeaseLostError(f"letter {claimed.letter.id} is no longer ours")


class _Pass:
    """One pass over all that is due: lines of letters, one for each connection, the first in the caller's thread."""

    def __init__(self, sender: Sender, connected: Callable[[], Outbound], most: int, *, urgent_too: bool) -> None:
        self._sender = sender
        self._connected = connected
        self._most = most
        self._urgent_too = urgent_too
        self._done = Delivered()
        self._lock = threading.Lock()
        self._waiting: deque[outbox.DueLetter] = deque()
        self._in_hand: set[int] = set()
        self._lines = 0
        self._beside: list[futures.Future[None]] = []
        self._refused: errors.TemporaryError | None = None  # by the server, while no other line worked
        self._is_over = False

    def run(self) -> Delivered:
        """Send until nothing is left. Raises what ended it."""
        self._waiting += self._sender.ordinary()
        if not self._waiting and not (self._urgent_too and self._sender.has_urgent()):
            return self._done
        before = -1
        while (refused := self._round()) is not None:
            if self._done.sent <= max(before, 0):
                raise refused
            before = self._done.sent
            self._most = 1  # the last line was refused when others had ended well: its letter goes over one
        return self._done

    def _round(self) -> errors.TemporaryError | None:
        """All lines to their end; the server's refusal where it stopped the last one."""
        self._refused = None
        self._lines += 1
        try:
            self._line()
        finally:
            futures.wait(self._beside)
        for line in self._beside:
            line.result()
        self._beside.clear()
        return self._refused

    def _line(self) -> None:
        """One connection's letters, one after another."""
        letter: outbox.DueLetter | None = None
        try:
            with self._lock:
                transport = self._connected()
            if not transport.sends:
                return
            if not self._waiting:
                self._note(self._sender.letter(transport, None, self._settled))
            while (letter := self._next()) is not None:
                unwanted = self._sender.letter(transport, letter, self._settled)
                with self._lock:
                    self._in_hand.discard(letter.id)
                    if unwanted is not None and unwanted.error is not None:
                        self._waiting.appendleft(letter)
                if not self._note(unwanted):
                    return
        except BaseException:
            self._is_over = True  # the database, or a fault of ours: for all lines
            raise
        finally:
            with self._lock:
                self._lines -= 1

    def _note(self, unwanted: Unwanted | None) -> bool:
        """Whether this line goes on."""
        if unwanted is None:
            return True
        with self._lock:
            if self._lines > 1:
                self._most = self._lines - 1
                self._sender.bears(self._most)
                return False
            self._refused = unwanted.error
            return unwanted.error is None

    def _next(self) -> outbox.DueLetter | None:
        with self._lock:
            if self._is_over or self._sender.stopping():
                return None
            if not self._waiting:
                self._waiting += [letter for letter in self._sender.ordinary() if letter.id not in self._in_hand]
            if not self._waiting:
                return None
            letter = self._waiting.popleft()
            self._in_hand.add(letter.id)
            while self._lines < self._most and len(self._waiting) >= self._lines:
                self._lines += 1
                self._beside.append(background.start(self._line, name=f"send {self._lines}"))
            return letter

    def _settled(self, results: Sequence[outbox.Result]) -> None:
        with self._lock:
            self._done.count(results)


@contextlib.contextmanager
def _taken(unsettled: deque[outbox.Result]) -> Iterator[list[outbox.Result]]:
    """What is to be written, ours alone; it goes back when that fails."""
    taken: list[outbox.Result] = []
    with contextlib.suppress(IndexError):
        while True:
            taken.append(unsettled.popleft())
    try:
        yield taken
    except BaseException:
        unsettled.extendleft(reversed(taken))
        raise


def _result(claimed: outbox.Claimed, address: str, outcome: AddressOutcome, clock: Clock) -> outbox.Result:
    now = clock()
    delivery = claimed.deliveries[address]
    reply = f"{outcome.code} {outcome.text}".strip()
    in_doubt = outcome.state == "in doubt"
    if outcome.state == "sent":
        return outbox.Result(delivery, "sent", now, reply)
    again = retry.retry_at(claimed.attempts[address], claimed.letter.composed_at, now)
    if outcome.state == "permanent" or again is None:
        to_a_citizen = not claimed.letter.sender  # an automatic answer: nobody can mend his address
        return outbox.Result(delivery, "cancelled" if to_a_citizen else "parked", now, reply, in_doubt)
    return outbox.Result(delivery, "planned", again, reply, in_doubt)


def _tell(claimed: outbox.Claimed, results: Sequence[outbox.Result]) -> None:
    """A line of the log for each address: how far the letter came; neither what it says nor to whom."""
    found = _NUMBER.search(claimed.raw, 0, HEAD)
    number = found[1].decode() if found else ""
    for result in results:
        outcome = "in doubt" if result.in_doubt else result.state
        log.info("letter tried", letter=claimed.letter.id, number=number, outcome=outcome, code=result.reply[:3])


def _wants_fewer(result: outbox.Result) -> bool:
    """Whether the server said that it is the number of connections, or letters, that it minds."""
    return result.state == "planned" and (
        result.reply.startswith("421") or _WANTS_FEWER.search(result.reply) is not None
    )
