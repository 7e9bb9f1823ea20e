"""Letters go out by whatever offers a transport's methods: SMTP is one of them."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from msgspec import structs

from intake.base import errors
from routing.model.transport import AddressOutcome, Outbound, Outgoing, outgoing, sure
from routing.pipeline.sending import Sender
from routing.service import transports
from tests.servers.smtp import SmtpSink
from tests.support import office


class Pigeon:
    """A way out that takes every letter and has no server."""

    def __init__(self) -> None:
        self.carried: list[tuple[bytes, str, tuple[str, ...]]] = []

    def send(
        self, raw: bytes, *, sender: str, to: Sequence[str], confirm: Callable[[], None] = sure
    ) -> dict[str, AddressOutcome]:
        self.carried.append((raw, sender, tuple(to)))
        return {address: AddressOutcome("sent", 0, "gelandet") for address in to}

    def close(self) -> None:
        """Pigeons need no farewell."""


def test_a_letter_goes_out_by_another_transport_than_smtp(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with office.opened(tmp_path, smtp_sink, "2026-06-10 09:00") as place:
        place.store("am Ostwall 12 ist die Laterne aus")
        place.work.dispatch()
        place.work.freeze_letters()
        pigeon = Pigeon()
        transport = Outbound(pigeon, outgoing(place.work.settings))
        done = Sender(place.work.engine, "kod-test", place.clock).everything(lambda: transport)

    assert 1 == done.sent
    [(raw, sender, to)] = pigeon.carried
    assert b"Strassenbeleuchtung" in raw
    assert sender
    assert to


def test_trial_operation_holds_for_every_transport() -> None:
    pigeon = Pigeon()
    known = Outgoing("kod@krefeld.invalid", "kod@krefeld.invalid", sends=True, redirect_to="probe@krefeld.invalid")
    to = ["Tiefbau <tiefbau@krefeld.invalid>", "kbk@krefeld.invalid"]

    outcomes = Outbound(pigeon, known).send(b"Subject: Laterne\r\n\r\n", sender="kod@krefeld.invalid", to=to)

    assert dict.fromkeys(to, AddressOutcome("sent", 0, "gelandet")) == outcomes
    [(raw, _, carried_to)] = pigeon.carried
    assert ("probe@krefeld.invalid",) == carried_to
    assert raw == (
        b"X-KOD-Intake-Redirected-From: tiefbau@krefeld.invalid, kbk@krefeld.invalid\r\nSubject: Laterne\r\n\r\n"
    )
    held = Outbound(pigeon, structs.replace(known, sends=False))
    assert not held.sends
    with pytest.raises(errors.TemporaryError, match="ausgeschaltet"):
        held.send(b"Subject: Laterne\r\n\r\n", sender="kod@krefeld.invalid", to=to)
    assert 1 == len(pigeon.carried)


def test_every_transport_is_named_by_the_table_of_its_connection() -> None:
    assert ["smtp"] == list(transports.TRANSPORTS)
