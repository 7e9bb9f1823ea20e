"""Where config.toml and the shipped templates are."""

import contextlib
import stat
from collections.abc import Mapping
from pathlib import Path

from intake.base import german
from routing.config.problems import ConfigurationError, Problem

SYSTEM = Path("/etc/kod-intake/config.toml")
VARIABLE = "KOD_INTAKE_CONFIG"
DATA = "KOD_INTAKE_SERVICE_DATA"
"""The variable that says [service] data."""


def find(option: Path | None, environ: Mapping[str, str]) -> Path:
    """``--config``, else ``$KOD_INTAKE_CONFIG``, else ./config.toml, else /etc/kod-intake/config.toml; absolute.

    A file that was named must exist; no other is taken in its place. Raises ConfigurationError listing the places.
    """
    if option is not None:
        return _named(option, "Option --config")
    if named := environ.get(VARIABLE):
        return _named(Path(named), f"Umgebungsvariable {VARIABLE}")
    places = [SYSTEM]
    with contextlib.suppress(FileNotFoundError):  # the working folder was removed
        places.insert(0, Path("config.toml").absolute())
    for path in places:
        with contextlib.suppress(PermissionError):  # as in root's home after sudo -u
            if path.is_file():
                return path
    looked = "\n".join(f"    {path}" for path in (f"Option --config und Umgebungsvariable {VARIABLE} (leer)", *places))
    what = f"Es gibt keine config.toml. Gesucht wurde hier:\n{looked}"
    raise ConfigurationError((Problem(None, None, "", what, "Nennen Sie die Datei: kod-intake --config DATEI …"),))


def _named(path: Path, how: str) -> Path:
    try:
        if stat.S_ISREG(path.stat().st_mode):
            return path.absolute()
        kind = "ist keine Datei"
    except FileNotFoundError:
        kind = "gibt es nicht"
    except OSError as error:
        kind = f"ist nicht zu lesen ({german.refusal(error)})"
    problem = Problem(None, None, "", f"{path.absolute()} {kind}.", "Prüfen Sie den Namen.", file=how)
    raise ConfigurationError((problem,))


def shipped_templates() -> Path:
    """The folder of the templates that come with the program: in an installed wheel, or in the checkout."""
    return _shipped("templates")


def shipped_config() -> Path:
    """The config.toml that comes with the program."""
    return _shipped("config.toml")


def _shipped(name: str) -> Path:
    package = Path(__file__).resolve().parents[1]
    installed = package / "shipped" / name
    return installed if installed.exists() else package.parent / name
