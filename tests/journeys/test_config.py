"""config.toml is saved while the daemon works, or is broken when it starts."""

import os
import signal
from pathlib import Path

from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink
from tests.support.journeys import ADDRESSES, LAMP, OIL, OPERATOR, Clock, Installation, let_all_look, mail
from tests.support.waiting import until

WEDNESDAY = "2026-06-10 10:00"
PHEASANT = "auf der Wiese sitzt ein Goldfasan"
NEW_RULE = """
[[rules]]
name = "Tiere"
category = "Tier"
recipient = "gsak"
urgency = "sofort"
keywords = ["goldfasan"]
"""
BROKEN_RULE = NEW_RULE.replace('"sofort"', '"sofrot"')
REFUSED = "Die geänderte config.toml wurde nicht übernommen."


def test_a_saved_file_is_taken_over_with_a_new_keyword_and_a_new_mailbox(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink)
    second = dovecot.new_user()
    with place.working(Clock(WEDNESDAY)) as daemon:
        before = daemon.runtime.active.configuration.fingerprint
        other = "".join(
            f"{key} = {value}\n"
            for key, value in {
                "host": '"127.0.0.1"',
                "port": dovecot.imap_port,
                "security": '"none"',
                "user": f'"{second}"',
                "password_file": f'"{place.password}"',
            }.items()
        )
        place.more = f"[mailboxes.zweites]\n{other}\n"
        place.write(NEW_RULE)
        until(lambda: daemon.runtime.active.configuration.fingerprint != before)
        dovecot.deliver(second, mail(PHEASANT))
        smtp_sink.wait_for(1)
        place.more = ""
        place.write(NEW_RULE)
        until(lambda: [thread.name for thread in daemon.threads if "mailbox" in thread.name] == ["mailbox kod"])
        place.deliver(mail(PHEASANT))
        smtp_sink.wait_for(2)
    assert [(ADDRESSES["gsak"],)] * 2 == [letter.to for letter in place.letters()]
    assert [] == place.commanded()
    fingerprints = place.rows("SELECT DISTINCT fingerprint FROM decisions")
    assert 2 == len(fingerprints)
    assert before not in {row["fingerprint"] for row in fingerprints}


def test_a_broken_file_is_refused_whole_and_told_once_and_the_old_one_stays_in_force(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink)
    with place.working(Clock(WEDNESDAY)) as daemon:
        before = daemon.runtime.active.configuration.fingerprint
        place.write(BROKEN_RULE)
        (told,) = until(place.commanded)
        assert REFUSED in told
        assert "sofrot" in told
        assert "Meinten Sie" in told or "meinten Sie" in told
        place.deliver(mail(f"{PHEASANT}. {OIL}"))
        smtp_sink.wait_for(3)  # the alarm and the two letters of the old rules
        let_all_look(daemon)  # nothing more is told while the file stays as it is
        assert 1 == len(place.commanded())
        assert before == daemon.runtime.active.configuration.fingerprint
        place.write(NEW_RULE)
        until(lambda: daemon.runtime.active.configuration.fingerprint != before)
        place.deliver(mail(PHEASANT))
        smtp_sink.wait_for(5)  # that it is in force now, and the letter
    assert 1 == len(place.letters("gsak"))
    assert [(OPERATOR,)] * 2 == [alarm.to for alarm in place.alarms()]
    assert ["Störung", "Störung behoben"] == [told.partition(":")[0] for told in place.commanded()]


def test_a_file_that_is_broken_at_the_start_leaves_the_last_good_one_in_force(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink)
    place.once(Clock(WEDNESDAY))
    place.write(BROKEN_RULE)
    place.deliver(mail(OIL))
    with place.process() as running:
        until(lambda: len(place.letters()) == 2)
        code, _ = running.stop()
        assert 0 == code
    (told,) = place.commanded()
    assert REFUSED in told
    assert "sofrot" in told


def test_a_file_that_is_broken_at_the_very_first_start_ends_with_a_german_report(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink)
    place.write(BROKEN_RULE)
    place.deliver(mail(OIL))
    ended = place.run("run")
    assert 3 == ended.returncode
    assert "1 Fehler in" in ended.stderr
    assert "config.toml, Zeile" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert 1 == len(dovecot.messages(place.user))


def test_a_hangup_signal_makes_the_daemon_read_the_file_again(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink)
    place.rules = place.rules.replace('urgency = "heute"', 'urgency = "sofort"')
    place.write()
    with place.process() as running:
        known = place.config.stat()
        changed = place.config.read_text().replace('"laterne"', '"leuchte"')
        with place.config.open("r+") as file:  # as long and as old as before: only the signal says that it changed
            file.write(changed)
        os.utime(place.config, ns=(known.st_atime_ns, known.st_mtime_ns))
        running.popen.send_signal(signal.SIGHUP)
        until(lambda: "configuration in force" in running.log)
        place.deliver(mail("die Leuchte ist aus"), mail(LAMP))
        until(lambda: place.count("decisions") == 2)
        until(lambda: len(place.letters("ngn")) == 1)
    assert "die Leuchte ist aus" in place.letters("ngn")[0].text
    assert 1 == place.count("concerns", "state = 'review'")
