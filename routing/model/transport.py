"""The way out, whatever carries letters: what a transport offers, and what [smtp] says of all outgoing mail.

A new way (Microsoft Graph, an Open311 server) is one more class with ``Transport``'s methods, named in
``routing.service.transports``. The table [smtp] of config.toml holds the connection of one transport and, beside it,
what holds for every one: the sender, trial operation, the redirection. The latter is read here alone, and ``Outbound``
holds every transport to it.
"""

import re
from collections.abc import Callable, Sequence
from email.utils import parseaddr
from functools import lru_cache
from typing import Literal, Protocol

from msgspec import Struct

from intake.base import errors
from routing.model.settings import Settings

_ADDRESS = re.compile(r"[!-;=?-~]{1,64}@[A-Za-z0-9.:\[\]-]{1,255}")  # printable ASCII without blanks and angles


class AddressOutcome(Struct, frozen=True):
    """What became of a letter at one address; ``code`` is the server's last word on it, 0 where there was none."""

    state: Literal["sent", "temporary", "permanent", "in doubt"]
    code: int
    text: str


def sure() -> None:
    """Nobody else can have taken the letter."""


class Transport(Protocol):
    """Carries letters out, for one thread; it connects by itself when a letter comes."""

    def send(
        self, raw: bytes, *, sender: str, to: Sequence[str], confirm: Callable[[], None] = sure
    ) -> dict[str, AddressOutcome]:
        """The outcome for each address of ``to``; ``raw`` is a whole message (RFC 5322), ``sender`` may be "".

        ``confirm`` is called at the last moment at which nobody has the letter; what it raises stops the letter, and
        passes through. "in doubt" is for a letter that may or may not have been taken. Raises TemporaryError for what
        concerns every letter: nobody answers, or we are refused altogether. Nothing was sent then.
        """
        ...

    def close(self) -> None:
        """Give the connection back; ``send`` may be called again."""
        ...


class Outgoing(Struct, frozen=True):
    """What holds for every letter; ``sender`` and ``reply_to`` may carry names ("KOD <kod@krefeld.invalid>")."""

    sender: str
    reply_to: str
    sends: bool  # False: trial operation, letters are composed and held
    redirect_to: str | None  # trial operation: everything goes to this address alone

    @property
    def domain(self) -> str:
        """The part behind the @ of the sender's address, for Message-IDs."""
        return _bare(self.sender).rpartition("@")[2] or "kod-intake.invalid"


def outgoing(settings: Settings) -> Outgoing:
    """What config.toml says of outgoing mail."""
    smtp = settings.smtp
    return Outgoing(smtp.from_, smtp.reply_to or smtp.from_, smtp.send, smtp.redirect_to)


def own_addresses(settings: Settings) -> frozenset[str]:
    """The set of addresses, folded, that we send from or fetch mail from: nothing that goes there would leave us."""
    known = outgoing(settings)
    ours = (known.sender, known.reply_to, *(box.user for box in settings.mailboxes.values()))
    return frozenset(_bare(one).casefold() for one in ours if one)


class Outbound:
    """A transport held to trial operation: nothing leaves without ``sends``, and all goes to ``redirect_to`` alone."""

    def __init__(self, transport: Transport, known: Outgoing) -> None:
        self._transport = transport
        self._known = known

    @property
    def sends(self) -> bool:
        """Whether letters may leave the house; without it ``send`` is not to be called."""
        return self._known.sends

    def send(
        self, raw: bytes, *, sender: str, to: Sequence[str], confirm: Callable[[], None] = sure
    ) -> dict[str, AddressOutcome]:
        """As ``Transport.send``; what is redirected gets a field that names whom it was for.

        Raises TemporaryError without ``sends``, too.
        """
        if not self.sends:
            raise errors.TemporaryError("Der Versand ist ausgeschaltet ([smtp] send = false).")
        redirected = self._known.redirect_to
        if redirected is None:
            return self._transport.send(raw, sender=sender, to=to, confirm=confirm)
        meant = ", ".join(known for address in to if (known := envelope_address(address)))
        raw = f"X-KOD-Intake-Redirected-From: {meant}\r\n".encode("ascii", "replace") + raw
        outcomes = self._transport.send(raw, sender=sender, to=[redirected], confirm=confirm)
        return dict.fromkeys(to, outcomes[redirected])

    def close(self) -> None:
        """Give the connection back; ``send`` may be called again."""
        self._transport.close()


@lru_cache(maxsize=256)
def envelope_address(address: str) -> str | None:
    """The address alone of "Name <address>", when it can stand in an envelope (RFC 5321), else None."""
    if not address.isprintable():
        return None
    found = _bare(address)
    return found if _ADDRESS.fullmatch(found) else None


@lru_cache(maxsize=64)
def _bare(address: str) -> str:
    """The address alone of "Name <address>"; asked for each letter."""
    return parseaddr(address)[1]
