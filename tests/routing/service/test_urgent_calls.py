"""The duty desk is called for what is urgent, with number and place alone, until somebody acknowledges it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from intake.base import errors
from routing import desk
from routing.service.alerts import commands, urgent_calls
from routing.service.daemon.calling import CallingThread
from routing.service.daemon.outages import Outages
from routing.service.daemon.signals import Signals
from tests.servers.smtp import SmtpSink
from tests.support import office
from tests.support.office import Office

DANGER = "Hilfe, am Ostwall 12 liegt ein Mann bewusstlos auf dem Boden! Anna Beispiel, Tel. 02151 123456"
SCRIPT = """#!/bin/sh
{ cat; echo "$INTAKE_URGENCY|$INTAKE_NUMBER|$INTAKE_PLACE|$INTAKE_CALL|$*"; } >> "$(dirname "$0")/told"
exit $(cat "$(dirname "$0")/code")
"""


class Pager:
    """A program as an administrator writes one; what it was told, and how it is to end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path, self._told, self._code = (folder / name for name in ("pager", "told", "code"))
        self.path.write_text(SCRIPT)
        self.path.chmod(0o755)
        self.ends_with(0)

    def ends_with(self, code: int) -> None:
        self._code.write_text(str(code))

    @property
    def told(self) -> list[str]:
        return self._told.read_text().splitlines() if self._told.exists() else []


@pytest.fixture
def pager(tmp_path: Path) -> Pager:
    return Pager(tmp_path)


@pytest.fixture
def opened(tmp_path: Path, smtp_sink: SmtpSink, pager: Pager) -> Iterator[Callable[..., Office]]:
    """Opens the installation, as often as asked: with a pager, in trial operation or not."""
    with ExitStack() as stack:

        def start(*, calls: bool = True) -> Office:
            command = (
                f'urgent_command = ["{pager.path}", "-n", "; touch {tmp_path}/hacked"]\nurgent_minutes = 5'
                if calls
                else ""
            )
            return stack.enter_context(office.opened(tmp_path, smtp_sink, operator=command))

        yield start


def _number(office: Office) -> str:
    return str(office.value("SELECT number FROM cases"))


def _call(office: Office) -> tuple[int, bool]:
    made, failed = urgent_calls.make_due(office.work)
    return made, failed is not None


def test_a_call_tells_number_and_place_alone_and_comes_again_until_somebody_acknowledges(
    opened: Callable[..., Office], pager: Pager
) -> None:
    office = opened()
    office.receive(DANGER)
    number = _number(office)

    assert [(1, False), (0, False)] == [_call(office), _call(office)]
    assert [
        f"NOTFALL {number}, Ostwall 12",
        f"notfall|{number}|Ostwall 12|1|-n ; touch {pager.folder}/hacked",
    ] == pager.told
    office.clock.advance(minutes=5)
    assert (1, False) == _call(office)
    assert f"NOTFALL {number}, Ostwall 12 (2. Ruf)" in pager.told
    desk.acknowledge(office.work.engine, number, office.clock(), actor="petra")
    office.clock.advance(days=1)
    assert (0, False) == _call(office)
    timeline = [row["detail"] for row in office.rows("SELECT detail FROM events WHERE action = 'called' ORDER BY id")]
    assert ["Die Rufbereitschaft wurde gerufen (1.).", "Die Rufbereitschaft wurde gerufen (2.)."] == timeline
    assert not (pager.folder / "hacked").exists()


def test_a_doubtful_emergency_calls_and_what_is_only_at_once_does_not(
    opened: Callable[..., Office], pager: Pager
) -> None:
    office = opened()
    office.receive("Auf der Rheinstraße 3 ist eine Ölspur.")
    assert (0, False) == _call(office)
    office.receive("Gestern lag am Ostwall 12 ein Mann bewusstlos auf dem Boden, der Rettungswagen war schon da.")
    assert (1, False) == _call(office)
    assert pager.told[0].startswith("Bitte sofort ansehen KOD-2026-000002, Ostwall 12")


def test_a_restart_forgets_no_call(opened: Callable[..., Office], pager: Pager, smtp_sink: SmtpSink) -> None:
    office = opened()
    office.receive(DANGER)
    assert (1, False) == _call(office)
    office.work.close()
    again = opened()
    again.clock.advance(minutes=6)

    assert (1, False) == _call(again)
    assert 4 == len(pager.told)


def test_what_is_closed_or_decided_by_a_person_calls_nobody(opened: Callable[..., Office], pager: Pager) -> None:
    office = opened()
    office.receive(DANGER)
    desk.close(office.work.engine, _number(office), office.clock(), actor="petra", reason="Fehlalarm")

    assert (0, False) == _call(office)
    assert [] == pager.told


def test_without_a_command_what_came_is_let_go(opened: Callable[..., Office], pager: Pager) -> None:
    without = opened(calls=False)
    without.receive(DANGER)
    assert (0, False) == _call(without)
    without.work.close()
    named = opened()

    assert (0, False) == _call(named)
    assert [] == pager.told


def test_a_command_that_fails_is_told_once_tried_each_minute_and_its_end_is_told(
    opened: Callable[..., Office], pager: Pager
) -> None:
    office = opened()
    told: list[tuple[str, str]] = []

    class Told(Outages):
        """Writes down what the operator is told."""

        def begin(self, condition: str, *_: object) -> None:
            told.append(("begin", condition))

        def end(self, condition: str) -> None:
            told.append(("end", condition))

    thread = CallingThread(
        office.work, Signals(), Told(office.work.alerts, office.work.settings.service.data, office.clock)
    )
    pager.ends_with(3)
    office.receive(DANGER)
    thread.work()
    thread.work()
    office.clock.advance(minutes=1)
    pager.ends_with(0)
    thread.work()

    assert [("begin", "urgent_command"), ("end", "urgent_command")] == told
    assert 4 == len(pager.told)


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("Ostwall 12", "Ostwall 12"),
        ("ostwall 3 a, im Hof", "Ostwall 3 a"),
        ("Ostwall / Rheinstraße", "Ostwall"),
        ("Ostwallstraße 4", ""),
        ("bei Frau Muster im Hof", ""),
        ("-Ostwall", ""),
        ("", ""),
        ("Am Ostwall; rm -rf /", "Am Ostwall"),
    ],
)
def test_a_place_is_one_of_the_gazetteer(said: str, place: str) -> None:
    assert place == urgent_calls.place(said, ("Ostwall", "Am Ostwall", "Rheinstraße"))


def test_a_program_that_is_not_there_is_a_sentence() -> None:
    with pytest.raises(errors.TemporaryError) as caught:
        commands.run(["/nirgends/pager"], "NOTFALL\n")
    assert "/nirgends/pager lässt sich nicht starten" in str(caught.value.german)
