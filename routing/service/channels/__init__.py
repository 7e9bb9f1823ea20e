"""The ways messages come in: one class each, all in ``CHANNELS``, which once, daemon, health and reconcile walk along.

A new one (WhatsApp, a web form) is an adapter in ``intake/``, a table in config.toml, a class with the members of
``channel.Channel`` in a module here, and a line in ``CHANNELS``. Nothing is opened before ``receive``.
"""

from routing.model.settings import Settings
from routing.service.channels.channel import Channel, Clearing, Inspector, Surroundings
from routing.service.channels.drop_folder import DropFolderChannel
from routing.service.channels.mailbox import MailboxChannel

__all__ = ("CHANNELS", "Channel", "Clearing", "Inspector", "Surroundings", "clearing", "configured", "inspected")

CHANNELS: tuple[type[Channel], ...] = (MailboxChannel, DropFolderChannel)
"""Every kind of channel; worked in this order."""


def configured(settings: Settings) -> list[Channel]:
    """Every channel that config.toml names, in order of the file, not yet opened."""
    return [channel for kind in CHANNELS for channel in kind.configured(settings)]


def inspected(settings: Settings) -> list[tuple[Channel, Inspector]]:
    """Those that can be compared with the store, each with what opens it for that."""
    return [(channel, channel.inspector) for channel in configured(settings) if channel.inspector is not None]


def clearing(settings: Settings) -> list[tuple[Channel, Clearing]]:
    """Those on which something stays that a deletion must reach, each with what opens it for that."""
    return [(channel, channel.clearing) for channel in configured(settings) if channel.clearing is not None]
