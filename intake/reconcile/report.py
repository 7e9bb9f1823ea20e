"""What a reconciliation found, as values, and said in German for staff and operator. Pure.

The count always works out: what lies on the server is what is stored, less what is gone, plus copies, mail on its way,
old mail that stays, mail stored through another mailbox, and what is unexplained.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct

from intake.base import german


class Why(StrEnum):
    """What explains a mail on the server."""

    STORED = "stored"
    COPY = "copies"  # of a message that was counted already
    WAITING = "waiting"  # arrived, and not received yet
    OLDER = "older"  # than the cut-off date: it stays where it is
    PROBE = "probes"  # our own probe mails, which are not kept
    DELETED = "deleted"  # here by age or on demand, and not yet on the server
    UNEXPLAINED = "unexplained"


class Folder(Struct, frozen=True):
    """A folder of the mailbox and how its mails are explained."""

    name: str
    counts: Mapping[Why, int]

    @property
    def on_server(self) -> int:
        return sum(self.counts.values())


class Difference(Struct, frozen=True):
    """A mail on the server that is not stored; not ``readable``: the server would not give it."""

    folder: str
    uid: int
    received_at: datetime
    polled: bool
    readable: bool

    @property
    def sentence(self) -> str:
        """Which mail, and what to do."""
        which = f"{self.folder}, Nr. {self.uid}, eingegangen {german.short_moment(self.received_at)}"
        if not self.readable:
            return f"{which}: Der Mailserver gibt sie nicht heraus. Bitte den Mailadministrator fragen."
        if self.polled:
            return f"{which}: nicht gespeichert. Sie wird mit dem nächsten vollständigen Durchgang abgeholt."
        return f"{which}: nicht gespeichert. In den Eingang verschoben, wird sie abgeholt."


class Comparison(Struct, frozen=True, kw_only=True):
    """One mailbox compared. ``stored`` counts its messages in the store, ``gone`` those no longer on the server.

    ``elsewhere`` counts mails here whose message came through another mailbox; ``differences`` are the first of the
    unexplained ones, ``since`` is the cut-off date.
    """

    mailbox: str
    folders: tuple[Folder, ...]
    stored: int
    gone: int
    elsewhere: int
    since: date | None
    differences: tuple[Difference, ...]

    @property
    def on_server(self) -> int:
        return sum(folder.on_server for folder in self.folders)

    @property
    def unexplained(self) -> int:
        return self.count(Why.UNEXPLAINED)

    def count(self, why: Why) -> int:
        """Mails on the server with this explanation."""
        return sum(folder.counts.get(why, 0) for folder in self.folders)

    @property
    def summary(self) -> str:
        """1.204 auf dem Server, 1.204 gespeichert, 0 ungeklärt."""
        counts = (self.on_server, "auf dem Server"), (self.stored, "gespeichert"), (self.unexplained, "ungeklärt")
        told = ", ".join(f"{german.number(value)} {words}" for value, words in counts)
        return f"Postfach „{self.mailbox}“: {told}."

    def explanations(self) -> Iterator[str]:
        """Every difference between the numbers of the summary, one per sentence."""
        stays = f"älter als der Stichtag ({self.since:%d.%m.%Y})" if self.since else "älter als der Stichtag"
        for value, one, many in (
            (self.count(Why.WAITING), "ist eingetroffen und wird noch abgeholt", _WAIT),
            (self.count(Why.OLDER), f"ist {stays} und bleibt liegen", f"sind {stays} und bleiben liegen"),
            (self.count(Why.COPY), "liegt ein weiteres Mal auf dem Server", "liegen ein weiteres Mal auf dem Server"),
            (self.count(Why.PROBE), "ist eine Probesendung des Programms", "sind Probesendungen des Programms"),
            (self.count(Why.DELETED), f"ist {_DELETED}", f"sind {_DELETED}"),
            (self.elsewhere, "kam über ein anderes Postfach", "kamen über ein anderes Postfach"),
            (self.gone, f"ist gespeichert, liegt aber {_GONE}", f"sind gespeichert, liegen aber {_GONE}"),
            (self.unexplained, "liegt auf dem Server und ist nicht gespeichert", _UNEXPLAINED),
        ):
            if value:
                yield f"{german.counted(value, 'Nachricht', 'Nachrichten')} {one if value == 1 else many}."

    def as_json(self) -> dict[str, Any]:
        """For machines: plain values, keyed by name."""
        return {
            "mailbox": self.mailbox,
            "on_server": self.on_server,
            "stored": self.stored,
            **{why.value: self.count(why) for why in Why if why is not Why.STORED},
            "gone": self.gone,
            "elsewhere": self.elsewhere,
            "folders": [{"name": folder.name, "on_server": folder.on_server} for folder in self.folders],
            "differences": [
                {
                    "folder": one.folder,
                    "uid": one.uid,
                    "received_at": one.received_at.isoformat(),
                    "readable": one.readable,
                }
                for one in self.differences
            ],
        }


_DELETED = "hier gelöscht (Frist oder Verlangen) und auf dem Server noch nicht"
_WAIT = "sind eingetroffen und werden noch abgeholt"
_GONE = "nicht mehr in diesen Ordnern (gelöscht oder verschoben)"
_UNEXPLAINED = "liegen auf dem Server und sind nicht gespeichert"
