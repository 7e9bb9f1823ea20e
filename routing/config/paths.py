"""Where config.toml and the shipped templates are."""

from collections.abc import Mapping
from pathlib import Path

from routing.config.problems import ConfigurationError, Problem

SYSTEM = Path("/etc/kod-intake/config.toml")
VARIABLE = "KOD_INTAKE_CONFIG"


def find(option: Path | None, environ: Mapping[str, str]) -> Path:
    """``--config``, else ``$KOD_INTAKE_CONFIG``, else ./config.toml, else /etc/kod-intake/config.toml; absolute.

    A file that was named must exist; no other is taken in its place. Raises ConfigurationError listing the places.
    """
    if option is not None:
        return _named(option, "Option --config")
    if named := environ.get(VARIABLE):
        return _named(Path(named), f"Umgebungsvariable {VARIABLE}")
    places = (Path("config.toml").absolute(), SYSTEM)
    for path in places:
        if path.is_file():
            return path
    looked = "\n".join(f"    {path}" for path in (f"Option --config und Umgebungsvariable {VARIABLE} (leer)", *places))
    what = f"Es gibt keine config.toml. Gesucht wurde hier:\n{looked}"
    raise ConfigurationError((Problem(None, None, "", what, "Nennen Sie die Datei: kod-intake --config DATEI …"),))


def _named(path: Path, how: str) -> Path:
    if path.is_file():
        return path.absolute()
    kind = "ist keine Datei" if path.exists() else "gibt es nicht"
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
