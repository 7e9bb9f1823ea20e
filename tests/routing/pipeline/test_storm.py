"""The storm brake holds the storm alone, and what it held goes out cause by cause."""

from pathlib import Path

from routing import desk
from tests.servers.smtp import SmtpSink
from tests.support import office
from tests.support.journeys import LAMP
from tests.support.office import Office

LIMITS = "[brake]\nletters_per_hour = 4\nletters_per_sender = 0"
FLOOD = "flut@example.org"


def release(place: Office, **cause: str) -> str:
    said = desk.letters.release(place.work.engine, None, place.clock(), actor="anna", **cause)
    place.run()
    return said


def test_letters_of_today_of_others_go_out_while_one_sender_floods(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with office.opened(tmp_path, smtp_sink, more=LIMITS) as place:
        for number in range(10):
            place.receive(f"am Ostwall {number} {LAMP}", sender=FLOOD)
        assert 4 == len(place.letters("ngn"))
        for number in range(3):
            place.receive(f"an der Marktstraße {number} {LAMP}", sender=f"neu{number}@example.org")
        assert 7 == len(place.letters("ngn"))
        place.receive(f"am Südwall 5 {LAMP}", sender=FLOOD)
        assert 7 == len(place.letters("ngn"))
        assert [(FLOOD, "ngn", 7)] == desk.letters.causes(place.work.engine)


def test_a_flood_of_others_is_held_after_twice_the_limit_all_the_same(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with office.opened(tmp_path, smtp_sink, more=LIMITS) as place:
        for number in range(10):
            place.receive(f"am Ostwall {number} {LAMP}", sender=FLOOD)
        for number in range(12):
            place.receive(f"an der Marktstraße {number} {LAMP}", sender=f"neu{number}@example.org")
        assert 8 == len(place.letters("ngn"))


def test_what_was_held_is_released_by_sender_and_by_body(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with office.opened(tmp_path, smtp_sink, more=LIMITS) as place:
        for number in range(8):
            place.receive(f"am Ostwall {number} {LAMP}", sender=FLOOD if number % 2 else "zwei@example.org")
        assert 4 == len(place.letters("ngn"))
        release(place, recipient="kbk")
        assert 4 == len(place.letters("ngn"))
        assert "2 Schreiben sind freigegeben." == release(place, sender=FLOOD.upper())
        assert 6 == len(place.letters("ngn"))
        assert [("zwei@example.org", "ngn", 2)] == desk.letters.causes(place.work.engine)
        assert "2 Schreiben sind freigegeben." == release(place, recipient="ngn")
        assert [] == desk.letters.causes(place.work.engine)
