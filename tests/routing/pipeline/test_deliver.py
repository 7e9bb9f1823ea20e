"""Letters go out by whatever offers a transport's methods: SMTP is one of them."""

from collections.abc import Sequence
from pathlib import Path

from routing.model.transport import AddressOutcome, Transport
from routing.pipeline import deliver
from routing.service import transports
from tests.servers.smtp import SmtpSink
from tests.support import office


class Pigeon:
    """A way out that takes every letter and has no server."""

    sends = True

    def __init__(self) -> None:
        self.carried: list[tuple[bytes, str, tuple[str, ...]]] = []

    def send(self, raw: bytes, *, sender: str, to: Sequence[str]) -> dict[str, AddressOutcome]:
        self.carried.append((raw, sender, tuple(to)))
        return {address: AddressOutcome("sent", 0, "gelandet") for address in to}

    def close(self) -> None:
        """Pigeons need no farewell."""


def test_a_letter_goes_out_by_another_transport_than_smtp(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with office.opened(tmp_path, smtp_sink, "2026-06-10 09:00") as place:
        place.store("am Ostwall 12 ist die Laterne aus")
        place.work.dispatch()
        place.work.compose()
        transport: Transport = Pigeon()
        done = deliver.send(place.work.engine, transport, "kod-test", place.clock)

    assert 1 == done.sent
    assert isinstance(transport, Pigeon)
    [(raw, sender, to)] = transport.carried
    assert b"Strassenbeleuchtung" in raw
    assert sender
    assert to


def test_every_transport_is_named_by_the_table_of_its_connection() -> None:
    assert ["smtp"] == list(transports.TRANSPORTS)
