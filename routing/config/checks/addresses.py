"""Mail addresses in config.toml: do they look like one, and are they ours?

Deliberately narrower than RFC 5321: what a city writes into its configuration, nothing that could carry a second
header or a second recipient.
"""

import re

from routing.model.settings import Settings

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+")


def complaint(text: str) -> tuple[str, str] | None:
    """The pair of why ``text`` is no usable address and what to do, in German; None when it is one."""
    if _ADDRESS.fullmatch(text) and len(text) <= 254 and len(text.partition("@")[0]) <= 64:
        return None
    if not text.isprintable():
        return "Die Adresse enthält einen Zeilenumbruch oder ein Steuerzeichen.", "Schreiben Sie sie neu."
    if text.count("@") > 1 or (any(mark in text for mark in ",;") and "@" in text):
        return "Hier stehen mehrere Adressen in einem Text.", 'Schreiben Sie eine Liste: ["eine@…", "andere@…"].'
    if "<" in text or " " in text.strip():
        return "Hier darf nur die Adresse selbst stehen, ohne Namen.", 'Zum Beispiel: "stelle@example.invalid".'
    if not text.isascii():
        return "Umlaute und Sonderzeichen sind in einer Adresse nicht möglich.", "Schreiben Sie sie ohne Umlaute."
    return "Das sieht nicht wie eine E-Mail-Adresse aus.", 'Zum Beispiel: "stelle@example.invalid".'


def plain(address: str) -> str:
    """The mailbox behind an address: case and a +suffix do not make it another one."""
    local, _, domain = address.strip().casefold().rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"


def own(settings: Settings) -> dict[str, str]:
    """The addresses that a letter must never go to, each with the key that makes it ours."""
    found: dict[str, str] = {}
    for name, mailbox in settings.mailboxes.items():
        if "@" in mailbox.user:
            found.setdefault(plain(mailbox.user), f"[mailboxes.{name}] user")
    found.setdefault(plain(settings.smtp.from_), "[smtp] from")
    if settings.smtp.reply_to:
        found.setdefault(plain(settings.smtp.reply_to), "[smtp] reply_to")
    return found
