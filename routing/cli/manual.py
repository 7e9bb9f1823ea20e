"""``python -m routing.cli.manual`` writes the man page: every command with its options, in German (groff man)."""

import sys

import click

from intake import __version__
from routing.cli import group


def page() -> str:
    """The man page's source, as ``man`` reads it."""
    context = click.Context(group, info_name="kod-intake")
    name = _plain("kod-intake")
    out = [f'.TH {name.upper()} 1 "" "{name} {__version__}" "Befehle"']
    out += [".SH NAME", f"{name} \\- Hinweise annehmen, einordnen und weiterleiten"]
    out += [".SH SYNOPSIS", f".B {name}", "[OPTIONEN] BEFEHL [ARGUMENTE]"]
    out += [".SH DESCRIPTION", _plain(group.help or ""), ".SH OPTIONS", *_options(group, context)]
    out.append(".SH COMMANDS")
    for command in group.list_commands(context):
        out += _command(command, group.get_command(context, command), context)
    out += [".SH FILES", ".TP", f".I {_plain('/etc/kod-intake/config.toml')}"]
    out += ["Die Konfiguration; jeder Schlüssel ist darin erklärt."]
    out += [".TP", f".I {_plain('/var/lib/kod-intake')}", "Datenbank und Zustand."]
    out += [".SH EXIT STATUS"]
    out += ["0 getan; 1 misslungen; 2 falscher Aufruf; 3 Konfiguration fehlerhaft; 4 etwas wartet auf einen Menschen."]
    out += [".SH SEE ALSO", _plain("/usr/share/doc/kod-intake/operations.md")]
    return "\n".join(out) + "\n"


def _command(name: str, command: click.Command | None, parent: click.Context) -> list[str]:
    if command is None or command.hidden:
        return []
    context = click.Context(command, info_name=name, parent=parent)
    arguments = " ".join(one.make_metavar(context) for one in command.params if isinstance(one, click.Argument))
    path = context.command_path.removeprefix("kod-intake ")
    lines = [f".SS {_plain(f'{path} {arguments}'.strip())}", _plain(command.help or ""), *_options(command, context)]
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            lines += _command(inner, command.get_command(context, inner), context)
    return lines


def _options(command: click.Command, context: click.Context) -> list[str]:
    lines = []
    for option in command.get_params(context):
        record = option.get_help_record(context)
        if isinstance(option, click.Option) and record:
            lines += [".TP", f".B {_plain(record[0])}", _plain(record[1])]
    return lines


def _plain(text: str) -> str:
    """As text of a man page: nothing in it is a request or an escape."""
    lines = (line.strip() for line in text.replace("\\", "\\e").replace("-", "\\-").splitlines())
    return "\n".join(f"\\&{line}" if line[:1] in ".'" else line or ".PP" for line in lines)


if __name__ == "__main__":
    sys.stdout.write(page())
