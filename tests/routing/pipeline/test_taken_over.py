"""A daemon that was stopped between claim and SMTP for longer than its lease sends nothing that another has taken."""

from collections.abc import Callable, Sequence
from pathlib import Path

from intake import storage
from routing.model.transport import AddressOutcome, Outbound, outgoing, sure
from routing.pipeline.sending import Sender
from routing.smtp import Smtp
from routing.store import outbox
from tests.servers.postgresql import PostgreSQL
from tests.servers.smtp import SmtpSink
from tests.support import journeys
from tests.support.office import opened


class Stopped(Smtp):
    """The way out of a daemon that is stopped when the server waits for the letter."""

    meanwhile: Callable[[], None]

    def send(
        self, raw: bytes, *, sender: str, to: Sequence[str], confirm: Callable[[], None] = sure
    ) -> dict[str, AddressOutcome]:
        def stopped() -> None:
            self.meanwhile()
            confirm()

        return super().send(raw, sender=sender, to=to, confirm=stopped)


def test_what_was_taken_over_meanwhile_is_sent_by_the_other_alone(
    tmp_path: Path, smtp_sink: SmtpSink, postgresql: PostgreSQL
) -> None:
    with opened(tmp_path, smtp_sink, database=postgresql.create_database()) as office:
        office.store(journeys.EMERGENCY)
        office.work.dispatch()
        office.work.freeze_letters()
        engine, clock, settings = office.work.engine, office.clock, office.work.settings
        first, second = Sender(engine, "daemon-first", clock), Sender(engine, "daemon-second", clock)
        server = office.work.transport()
        done = []

        def take_over() -> None:
            with storage.writing(engine) as connection:
                assert outbox.recover(connection, clock(), lambda instance: instance != "daemon-first") == 1
            done.append(second.urgent(server).sent)

        way_out = Stopped(settings.smtp, None)
        way_out.meanwhile = take_over
        done.append(first.urgent(Outbound(way_out, outgoing(settings))).sent)
        server.close()
        way_out.close()

        assert done == [1, 0]
        assert len(office.letters("kod")) == 1
        [row] = office.rows("SELECT state, in_doubt, attempts FROM deliveries")
        assert (row["state"], bool(row["in_doubt"]), row["attempts"]) == ("sent", True, 2)


def test_a_late_failure_does_not_undo_what_the_other_sent(
    tmp_path: Path, smtp_sink: SmtpSink, postgresql: PostgreSQL
) -> None:
    with opened(tmp_path, smtp_sink, database=postgresql.create_database()) as office:
        office.store(journeys.EMERGENCY)
        office.run()
        [row] = office.rows("SELECT id FROM deliveries")
        late = [outbox.Result(row["id"], "planned", office.clock(), "no answer")]
        with storage.writing(office.work.engine) as connection:
            outbox.record_results(connection, late, office.clock(), "daemon-first")

        assert office.value("SELECT state FROM deliveries") == "sent"
