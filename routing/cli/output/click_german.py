"""click in German: help pages, usage lines, and what was wrong with a call. The one place for click's own words.

Commands and the group are click's classes with German headings and errors; ``Word``, ``Count`` and ``ExistingFile``
are the values of options. ``told`` gives the German text of whatever click raised; exit codes stay click's.
"""

import contextlib
import importlib
import inspect
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from intake.base import did_you_mean, german

OPTIONS = "[OPTIONEN]"


class Formatter(click.HelpFormatter):
    """Help pages with "Aufruf:" before the usage line."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The usage line."""
        super().write_usage(prog, args, "Aufruf: " if prefix is None else prefix)


class Context(click.Context):
    """click's context with the German formatter."""

    formatter_class = Formatter


class Command(click.Command):
    """A command whose help page and errors are German."""

    context_class = Context

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        settings.setdefault("options_metavar", OPTIONS)
        super().__init__(*arguments, **settings)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """``--help`` with a German text."""
        return _german_help(super().get_help_option(ctx))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options under a German heading."""
        _write_options(self, ctx, formatter)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse in German what was given too much. Raises UsageError; gives the list of what is left, in order."""
        ctx.allow_extra_args = True
        with _known(ctx):
            rest = super().parse_args(ctx, args)
        if rest and not ctx.resilient_parsing:
            raise click.UsageError(f"Das ist zu viel: „{' '.join(rest)}“.", ctx)
        return rest


class Group(click.Group):
    """The group: German headings, each command's whole sentence beside its name."""

    context_class = Context
    command_class = Command

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        settings.setdefault("options_metavar", OPTIONS)
        settings.setdefault("subcommand_metavar", "BEFEHL …")
        super().__init__(*arguments, **settings)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """``--help`` with a German text."""
        return _german_help(super().get_help_option(ctx))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options under a German heading, then the commands."""
        _write_options(self, ctx, formatter)
        with formatter.section("Befehle"):
            formatter.write_dl(self.summaries(ctx))

    def summaries(self, ctx: click.Context) -> list[tuple[str, str]]:
        """The name of each command and what it is for, pairs of (name, sentence)."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        return [(name, inspect.cleandoc(command.help or "")) for name, command in commands if command is not None]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Options without a command are refused in German, where a command is needed. Raises UsageError.

        Gives the list of what is left, in order.
        """
        with _known(ctx):
            rest = super().parse_args(ctx, args)
        named = rest or ctx._protected_args  # noqa: SLF001  (click keeps it there)
        if not (named or ctx.resilient_parsing or self.invoke_without_command):
            raise click.UsageError("Es fehlt der Befehl.", ctx)
        return rest


class LazyGroup(Group):
    """A group whose commands are imported when they are called; its help page imports none.

    ``modules`` says for each module which commands it lists as ``COMMANDS``, each with what it is for. (As in click's
    documentation, "Lazily Loading Subcommands".)
    """

    def __init__(self, *arguments: Any, modules: Mapping[str, Mapping[str, str]], **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self._modules = {name: module for module, named in modules.items() for name in named}
        self._summaries = {name: text for named in modules.values() for name, text in named.items()}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, in order of the list."""
        del ctx
        return sorted(self._modules)

    def summaries(self, ctx: click.Context) -> list[tuple[str, str]]:
        """The name of each command and what it is for, as it was given: pairs of (name, sentence)."""
        return [(name, self._summaries[name]) for name in self.list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, None when there is none."""
        if cmd_name in self._modules and cmd_name not in self.commands:
            for command in importlib.import_module(self._modules[cmd_name]).COMMANDS:
                self.add_command(command)
        return super().get_command(ctx, cmd_name)


class Word(click.ParamType[str]):
    """One of a few words; the words of ``also`` are taken for them without being shown."""

    name = "word"

    def __init__(self, words: Sequence[str], also: Mapping[str, str] | None = None) -> None:
        self.words = tuple(words)
        self._known = {word.casefold(): word for word in words} | dict(also or {})

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """The words, for the help page."""
        del param, ctx
        return "|".join(self.words)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The word as it is written in the list. Raises UsageError, by ``fail``, with a guess."""
        known = self._known.get(str(value).casefold())
        if known is None:
            guess = did_you_mean.sentence(str(value), self.words)
            self.fail(f"„{value}“ geht hier nicht.{guess} Möglich: {', '.join(self.words)}.", param, ctx)
        return known


class Count(click.ParamType[int]):
    """A whole number."""

    name = "count"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number. Raises UsageError, by ``fail``, for what is none."""
        text = str(value)
        if not (text.isascii() and text.isdecimal() and len(text) < 10):  # what every database takes
            self.fail(f"„{value}“ ist keine ganze Zahl.", param, ctx)
        return int(text)


class ExistingFile(click.ParamType[Path]):
    """A file that is there."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Its path. Raises UsageError, by ``fail``, where there is no such file."""
        path = Path(value)
        if not path.exists():
            self.fail(f"Die Datei {path} gibt es nicht.", param, ctx)
        if path.is_dir():
            self.fail(f"{path} ist ein Ordner.", param, ctx)
        return path


def told(error: click.ClickException) -> str:
    """What click found wrong with a call, as German sentences with the usage line; for no call at all its help."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError) or not isinstance(error, click.UsageError):
        return error.format_message()
    lines = [_sentence(error)]
    if error.ctx is not None:
        lines += [error.ctx.get_usage(), f"Hilfe: {error.ctx.command_path} --help"]
    return "\n".join(lines)


def unreadable(name: str, error: OSError) -> str:
    """Why a file named by the caller cannot be read or written, as a German sentence."""
    if isinstance(error, FileNotFoundError):
        return f"Die Datei {name} gibt es nicht."
    if isinstance(error, IsADirectoryError):
        return f"{name} ist ein Ordner."
    if isinstance(error, PermissionError):
        return f"Die Datei {name} darf das Programm nicht öffnen; es fehlen die Rechte."
    if isinstance(error, NotADirectoryError):
        return f"Den Ordner der Datei {name} gibt es nicht."
    return f"Die Datei {name} lässt sich nicht öffnen ({german.refusal(error)})."


def _sentence(error: click.UsageError) -> str:
    match error:
        case click.exceptions.NoSuchCommand():
            return f"Den Befehl „{error.command_name}“ gibt es nicht.{_guess(error.command_name, error.ctx)}"
        case click.NoSuchOption():
            options = [name for one in _parameters(error.ctx) for name in one.opts if name.startswith("--")]
            guess = did_you_mean.sentence(error.option_name, options)
            return f"Die Option „{error.option_name}“ gibt es hier nicht.{guess}"
        case click.MissingParameter():
            return f"Es fehlt die Angabe {_label(error)}."
        case click.BadOptionUsage():
            flags = {name for one in _parameters(error.ctx) if getattr(one, "is_flag", False) for name in one.opts}
            lacks = "nimmt keinen Wert" if error.option_name in flags else "braucht einen Wert dahinter"
            return f"Die Option „{error.option_name}“ {lacks}."
        case click.BadParameter():
            return f"{_label(error)}: {error.message}"
        case _:
            return error.format_message()


def _guess(name: str, context: click.Context | None) -> str:
    command = context.command if context else None
    known = command.list_commands(context) if context and isinstance(command, click.Group) else ()
    return did_you_mean.sentence(name, known)


def _parameters(context: click.Context | None) -> list[click.Parameter]:
    return context.command.get_params(context) if context else []


def _label(error: click.BadParameter) -> str:
    if error.param is None or error.ctx is None:
        return str(error.param_hint or "")
    if isinstance(error.param, click.Option):
        return max(error.param.opts, key=len)
    return error.param.make_metavar(error.ctx).strip("[]. ")


@contextlib.contextmanager
def _known(context: click.Context) -> Iterator[None]:
    """Add the command that an option was wrong for; click's parser does not say it."""
    try:
        yield
    except click.UsageError as error:
        error.ctx = error.ctx or context
        raise


def _german_help(option: click.Option | None) -> click.Option | None:
    if option is not None:
        option.help = "Diese Hilfe zeigen."
    return option


def _write_options(command: click.Command, context: click.Context, formatter: click.HelpFormatter) -> None:
    options = [one for one in command.get_params(context) if isinstance(one, click.Option)]
    with formatter.section("Optionen"):
        formatter.write_dl([record for one in options if (record := one.get_help_record(context))])
