"""The configuration of a command that judges messages by itself, without the store: what ``check`` would accept.

It loads the rules, which few commands need; so it is no method of the context, which even ``--help`` makes.
"""

from routing.cli.context import CommandContext
from routing.config import last_known_good, loader
from routing.model.settings import Configuration


def configuration(context: CommandContext) -> Configuration:
    """The configuration, proved with its examples, or spared that where the daemon has already done so.

    Raises ConfigurationError.
    """
    path = context.config_path()
    for state in last_known_good.folders(path, context.environ):
        if (unchanged := last_known_good.unchanged(path, state)) is not None:
            return unchanged
    return loader.load(path)
