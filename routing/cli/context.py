"""What every command is handed: which configuration is wanted, and the environment."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from routing.config import last_known_good, loader, paths
from routing.model.settings import Configuration


class CommandContext(Struct, frozen=True):
    """The object of click's context: ``--config`` as it was given (None when it was not), and the environment."""

    option: Path | None
    environ: Mapping[str, str]

    def config_path(self) -> Path:
        """The configuration file to use, absolute. Raises ConfigurationError when there is none."""
        return paths.find(self.option, self.environ)

    def configuration(self) -> Configuration:
        """What ``check`` would accept, proved with its examples, or spared that where the daemon has already done so.

        Raises ConfigurationError.
        """
        path = self.config_path()
        for state in last_known_good.folders(path, self.environ):
            if (unchanged := last_known_good.unchanged(path, state)) is not None:
                return unchanged
        return loader.load(path)
