"""What every command is handed: which configuration is wanted, and the environment."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from routing.config import paths


class CommandContext(Struct, frozen=True):
    """The object of click's context: ``--config`` as it was given (None when it was not), and the environment."""

    option: Path | None
    environ: Mapping[str, str]

    def config_path(self) -> Path:
        """The configuration file to use, absolute. Raises ConfigurationError when there is none."""
        return paths.find(self.option, self.environ)
