"""A disk that fills up under the running daemon: nothing is acknowledged, one alert goes out, work resumes by itself.

The data folder and the log lie on the small disk (``tests/faults/small_disk.py``). Mailbox, drop folder and what the
operator's command writes lie outside.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.small_disk import SmallDisk, small_disk
from tests.servers.dovecot import Dovecot
from tests.servers.fault_proxy import FaultProxy
from tests.servers.smtp import Received, SmtpSink
from tests.support.installation import OPERATOR, Installation, installed, mail
from tests.support.waiting import until


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """The data folder on a disk of 8 MB: an empty database and the kept rules take half of it."""
    with small_disk(tmp_path / "data", 8) as made:
        yield made


def test_with_a_full_disk_nothing_is_acknowledged_and_work_resumes(
    tmp_path: Path, disk: SmallDisk, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    with (
        FaultProxy(dovecot.imap_port) as proxy,
        installed(tmp_path, dovecot, smtp_port=smtp_sink.port, imap_port=proxy.port) as installation,
    ):
        installation.log = disk.folder / "log.txt"
        process_id = installation.start_and_wait()
        _deliver(installation, [mail(1, "ölspur")])
        until(lambda: installation.count("deliveries", "state = 'sent'") == 1, "the first letter was sent")

        with installation.log.open("ab") as log:
            log.write(b"\n" * (-log.tell() % 4096))  # so that not one more line fits into its last block
        disk.fill(process_id)
        waiting = [mail(number, "ölspur") for number in range(2, 8)]
        _deliver(installation, waiting)
        phone_log = installation.drop / "liste.csv"
        phone_log.write_text("Datum;Uhrzeit;Ort;Anliegen\n16.11.2026;08:00;Ostwall 1;Ölspur\n", encoding="utf-8")
        until(installation.calls, "the operator was called")
        tries = proxy.connections
        until(lambda: proxy.connections >= tries + 2, "it tries again and again")
        assert waiting == installation.inbox()
        assert phone_log.exists()
        assert 1 == installation.count("messages")
        [call] = installation.calls()
        assert "Der Datenträger ist voll" in call
        assert 1 == len(alerts(smtp_sink))
        assert "failed" not in installation.logged()  # the disk was full for the log, too

        disk.free(process_id)
        until(lambda: not installation.inbox() and not phone_log.exists(), "all is filed away")
        everything = len(waiting) + 2
        until(lambda: installation.count("deliveries", "state = 'sent'") == everything, "all was sent")
        until(lambda: len(alerts(smtp_sink)) == 2, "the operator was told of the end")
        until(lambda: len(installation.calls()) == 2, "also by the second way")
        assert ["Störung", "Störung behoben"] == [call.partition(":")[0] for call in installation.calls()]
        assert everything == installation.count("messages")
        assert everything == len(smtp_sink.messages) - len(alerts(smtp_sink))
        assert 0 == installation.count("conditions")
        assert 0 == installation.stop()
        assert "stopped" in installation.logged()


def test_a_letter_that_was_taken_while_the_disk_filled_up_is_settled_when_there_is_space(
    tmp_path: Path, disk: SmallDisk, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    with (
        FaultProxy(smtp_sink.port) as proxy,
        installed(tmp_path, dovecot, smtp_port=proxy.port) as installation,
    ):
        process_id = installation.start_and_wait()
        proxy.hold_on_reply = b"queued as"
        _deliver(installation, [mail(1, "ölspur")])
        smtp_sink.wait_for(1)
        assert 1 == installation.count("deliveries", "state = 'sending'")
        disk.fill(process_id)
        proxy.heal()
        until(installation.calls, "the operator was called")
        disk.free(process_id)
        until(lambda: installation.count("deliveries", "state = 'sent'") == 1, "its outcome is known")
        assert 1 == len(smtp_sink.messages) - len(alerts(smtp_sink))


def _deliver(installation: Installation, mails: list[bytes]) -> None:
    for raw in mails:
        installation.dovecot.deliver(installation.user, raw)


def alerts(sink: SmtpSink) -> list[Received]:
    """What the operator got by mail."""
    return [item for item in list(sink.messages) if item.recipients == (OPERATOR,)]
