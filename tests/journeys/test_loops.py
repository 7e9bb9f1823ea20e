"""Machines wired to each other: two installations of ours and a ticket system that answers everything. No loop."""

from pathlib import Path

import pytest

from tests.servers.smtp import Received, SmtpSink
from tests.support import journeys, office
from tests.support.office import Office

LIMIT = 5
ROUNDS = 12
MORE = f"[brake]\nletters_per_sender = {LIMIT}\n[acknowledgement]\nsend = true\nforwarded = true\n"


def answered(received: Received, number: int, *, polite: bool) -> bytes:
    """What a ticket system sends back to a mail: a new number, the old subject and words, now and then no thread."""
    letter = journeys.read_letter(received)
    head = f"From: ticket@ngn.invalid\r\nTo: {office.OWN}\r\nMessage-ID: <t{number}@ngn.invalid>\r\n"
    head += f"Subject: [Ticket#{number}] {letter.subject if number % 2 else 'Neue Anfrage'}\r\n"
    head += f"In-Reply-To: {letter.message_id}\r\n" if number % 3 else ""
    head += "Auto-Submitted: auto-replied\r\n" if polite else ""
    return f"{head}\r\nIhr Anliegen wird bearbeitet. Laterne am Ostwall {number} ist aus.\r\n".encode()


def forwarded(received: Received, *, stripped: bool) -> bytes:
    """A letter as it reaches another mailbox; a careless gateway strips our own marks."""
    if not stripped:
        return received.content
    head, _, body = received.content.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith((b"x-kod", b"auto-", b"x-auto"))]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


@pytest.mark.parametrize("polite", [True, False], ids=["with headers", "without a header"])
def test_a_ticket_system_that_answers_everything_gets_no_more_letters(
    tmp_path: Path, smtp_sink: SmtpSink, *, polite: bool
) -> None:
    with office.opened(tmp_path, smtp_sink, more=MORE) as place:
        place.receive("Am Ostwall 3 ist die Laterne aus.")
        place.run()
        seen = 0
        for number in range(1, ROUNDS):
            new, seen = place.sink.messages[seen:], len(place.sink.messages)
            for received in new:
                if "stoerung@ngn.invalid" in received.recipients:
                    place.put(answered(received, number, polite=polite))
            place.put(answered(smtp_sink.messages[0], number + 100, polite=polite))
            place.clock.advance(minutes=1)
            place.run()
        assert 1 == len(place.letters("ngn"))
        assert [] == place.letters("ticket@ngn.invalid")


def _exchange(one: Office, other: Office, seen: int, *, stripped: bool) -> int:
    """What ``one`` has sent since goes to ``other``; how many letters it has sent in all."""
    new = one.sink.messages[seen:]
    for received in new:
        other.put(forwarded(received, stripped=stripped))
    other.clock.advance(minutes=1)
    other.run()
    return seen + len(new)


@pytest.mark.parametrize("stripped", [False, True], ids=["as they are", "marks stripped"])
def test_two_installations_that_send_to_each_other_end_within_the_limit(tmp_path: Path, *, stripped: bool) -> None:
    with (
        SmtpSink() as first,
        SmtpSink() as second,
        office.opened(tmp_path / "one", first, more=MORE) as one,
        office.opened(tmp_path / "two", second, more=MORE) as two,
    ):
        one.receive("Am Ostwall 3 ist die Laterne aus.")
        one.run()
        sent = [0, 0]
        for _ in range(ROUNDS):
            sent = [
                _exchange(one, two, sent[0], stripped=stripped),
                _exchange(two, one, sent[1], stripped=stripped),
            ]
        quiet = (len(first.messages), len(second.messages))
        for _ in range(3):
            sent = [
                _exchange(one, two, sent[0], stripped=stripped),
                _exchange(two, one, sent[1], stripped=stripped),
            ]
        assert quiet == (len(first.messages), len(second.messages))
        assert max(quiet) <= 3 + LIMIT
        if not stripped:
            assert quiet == (3, 0)  # the letter, its acknowledgement, and where it went
