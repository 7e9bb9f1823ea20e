"""What every command is handed: which configuration is wanted, and the environment."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct


class Door(Struct, frozen=True):
    """What every command gets: the wish for a configuration file, and the environment."""

    option: Path | None
    environ: Mapping[str, str]

    def config_path(self) -> Path:
        """The configuration file to use. Raises ConfigurationError when there is none."""
        from routing.config import paths  # noqa: PLC0415  (pydantic and tree-sitter cost a tenth of a second)

        return paths.find(self.option, self.environ)
