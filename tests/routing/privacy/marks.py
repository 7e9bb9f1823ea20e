"""Persons with marks: words that nothing else has, one for each place, to be looked for as bytes in every file.

``Person`` writes a mail, or is a row of a phone log; ``found`` says which marks are in which files of some folders.
"""

import email.policy
import re
from collections.abc import Iterable, Iterator
from email.message import EmailMessage
from pathlib import Path

from msgspec import Struct

PLACES = ("subject", "name", "address", "phone", "text", "quote", "file", "content", "mailid", "reply", "signature")
"""Of a mail. A row of a phone log has name, phone, text and place."""
ROW = ("name", "phone", "text", "place")
_DIGITS = str.maketrans("0123456789", "bdfghjklmn")


class Person(Struct, frozen=True):
    """A person by number; what is written of her has her marks."""

    number: int

    def mark(self, place: str) -> str:
        """The word for this place: letters alone, alike in address, name and text; a telephone number for "phone"."""
        if place == "phone":
            return f"0157{7_000_000 + self.number:07}"
        return f"{place}{f'{self.number:05}'.translate(_DIGITS)}x"

    @property
    def marks(self) -> list[str]:
        """All marks of her mail, in order."""
        return [self.mark(place) for place in PLACES]

    @property
    def row_marks(self) -> list[str]:
        """All marks of her row, in order."""
        return [self.mark(place) for place in ROW]

    @property
    def address(self) -> str:
        return f"{self.mark('address')}@example.org"

    def mail(self, words: str) -> bytes:
        """Her mail: what she reports, and her marks around it."""
        message = EmailMessage()
        message["From"] = f"Anna {self.mark('name').title()} <{self.address}>"
        message["Reply-To"] = f"{self.mark('reply')}@example.org"
        message["To"] = "kod@krefeld.invalid"
        message["Subject"] = f"Hinweis {self.mark('subject')}"
        message["Date"] = "Tue, 01 Dec 2026 08:00:00 +0100"
        message["Message-ID"] = f"<{self.mark('mailid')}@example.org>"
        message.set_content(
            f"Guten Tag,\n\n{words}, sagt {self.mark('text')}.\nMeine Nummer ist {self.mark('phone')}.\n\n"
            f"Mit Grüßen\n{self.mark('signature').title()}\n\n> Am Montag schrieb jemand:\n> {self.mark('quote')}\n"
        )
        message.add_attachment(f"{self.mark('content')}\n", filename=f"{self.mark('file')}.txt")
        return message.as_bytes(policy=email.policy.SMTP)

    def row(self, words: str) -> str:
        """Her row of a phone log, as CSV."""
        return (
            f"01.12.2026;09:{self.number % 60:02};Anna {self.mark('name').title()};{self.mark('phone')};"
            f"{self.mark('place').title()}weg 3;{words}, sagt {self.mark('text')}\n"
        )


HEADER = "Datum;Uhrzeit;Name;Telefon;Ort;Anliegen\n"


def found(wanted: Iterable[str], *folders: Path) -> dict[str, list[str]]:
    """Which of these marks stand where: mark to the names of files, small letters or not, whatever they are in."""
    patterns = list(wanted)
    anywhere: dict[str, list[str]] = {}
    for path, content in _contents(folders):
        for mark in patterns:
            if mark.encode() in content:
                anywhere.setdefault(mark, []).append(path)
    return anywhere


def _contents(folders: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    """Every file as it lies on the disk, in small letters, without the line ends of quoted-printable."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                yield path.name, re.sub(rb"=\r?\n", b"", path.read_bytes()).lower()
                yield path.name, path.name.encode().lower()
