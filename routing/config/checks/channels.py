"""What must hold of the channels' tables beyond their types: nothing is read twice, and nothing runs in a circle."""

from collections.abc import Iterator
from typing import Any

from routing.config.problems import Fault, KeyPath, shown
from routing.model.settings import Settings


def faults(settings: Settings) -> Iterator[Fault]:
    """Everything wrong with the tables of the channels, in order of the file.

    A new kind of channel has its check here.
    """
    for check in (_mailbox_folders, _same_mailbox, _drop_folders):
        yield from check(settings)


def _mailbox_folders(settings: Settings) -> Iterator[Fault]:
    """The folders of a mailbox are three different ones."""
    for name, mailbox in settings.mailboxes.items():
        used: dict[str, str] = {}
        for key in ("folder", "done", "unreadable"):
            folder = getattr(mailbox, key)
            other = used.setdefault(folder.casefold().strip("/"), key)
            if not folder.strip():
                yield Fault(("mailboxes", name, key), "Der Name des Ordners ist leer.")
            elif other != key:
                what = f"{shown(folder)} ist auch der Ordner von {other}; Nachrichten würden im Kreis laufen."
                yield Fault(("mailboxes", name, key), what, "Nehmen Sie drei verschiedene Ordner.")


def _same_mailbox(settings: Settings) -> Iterator[Fault]:
    """A folder polled under two names would bring every mail twice."""
    seen: dict[tuple[str, str, str], str] = {}
    for name, mailbox in settings.mailboxes.items():
        source = (mailbox.host.casefold(), mailbox.user.casefold(), mailbox.folder)
        other = seen.setdefault(source, name)
        if other != name:
            what = f"Denselben Ordner desselben Postfachs holt schon [mailboxes.{other}] ab."
            yield Fault(("mailboxes", name, "folder"), what, "Jeder Ordner darf nur einmal abgeholt werden.")


def _drop_folders(settings: Settings) -> Iterator[Fault]:
    seen = {settings.service.data: "[service] data"}
    for name, drop in settings.drop_folders.items():
        path: KeyPath = ("drop_folders", name, "folder")
        clash = next((other for folder, other in seen.items() if _overlap(drop.folder, folder)), None)
        if clash is not None:
            what = f"Dieser Ordner und der aus {clash} liegen ineinander."
            yield Fault(path, what, "Nehmen Sie einen eigenen Ordner, in den nur die Telefonliste gelegt wird.")
        seen.setdefault(drop.folder, f"[drop_folders.{name}] folder")


def _overlap(one: Any, other: Any) -> bool:
    return one == other or one in other.parents or other in one.parents
