"""The templates of letters: sandboxed Jinja2, read once, the staff's own folder before the shipped one.

Templates are code of the staff, never of citizens: what a citizen wrote is a value in them. A template of the own
folder that fails is replaced by the shipped one at once, with the reason; `check` finds it before that.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
import jinja2.environment
import jinja2.runtime
from jinja2.sandbox import ImmutableSandboxedEnvironment
from msgspec import Struct

from routing.letters.view import ForwardView
from routing.model.settings import CitySettings

WIDTH = 78
_LABEL = 15
ENDING = ".j2"


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2's sandbox, quicker where it knows the object: of a view, a macro file, a loop all but ``_…`` is open."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if type(obj) in _PLAIN and not attribute.startswith("_"):
            found = getattr(obj, attribute, _MISSING)
            if found is not _MISSING:
                return found
        return super().getattr(obj, attribute)

    def call(self, context: jinja2.runtime.Context, obj: Any, *args: Any, **kwargs: Any) -> Any:
        if type(obj) is jinja2.runtime.Macro and not kwargs:
            return obj(context.eval_ctx, *args)
        return super().call(context, obj, *args, **kwargs)


_MISSING = object()
_PLAIN = frozenset({ForwardView, jinja2.environment.TemplateModule, jinja2.runtime.LoopContext})


class Templates(Struct, frozen=True):
    """Both sets: ``own`` (with the shipped ones behind it), ``shipped``; ``names`` are the files of the own folder.

    Every template sees the ``city``.
    """

    own: ImmutableSandboxedEnvironment
    shipped: ImmutableSandboxedEnvironment
    names: frozenset[str]
    city: CitySettings


def environment(folder: Path | None, shipped: Path, city: CitySettings) -> Templates:
    """The templates of both folders, read now; later changes count from the next call on. Raises OSError."""
    own = _read(folder) if folder is not None and folder.is_dir() else {}
    supplied = _read(shipped)
    return Templates(_environment(supplied | own, city), _environment(supplied, city), frozenset(own), city)


def render(templates: Templates, name: str, spare: str, values: Mapping[str, Any]) -> tuple[str, str, str]:
    """(text, HTML, reason): ``name`` filled with ``values``; when that fails, the shipped ``spare`` and why.

    A shipped template that fails is a defect of the program and raises.
    """
    try:
        return _fill(templates.own, f"{name}.txt.j2", values), _fill(templates.own, f"{name}.html.j2", values), ""
    except Exception as problem:  # a template may raise anything, and the letter must go out
        if name == spare and f"{name}.txt.j2" not in templates.names and f"{name}.html.j2" not in templates.names:
            raise
        reason = explained(name, problem)
    return (
        _fill(templates.shipped, f"{spare}.txt.j2", values),
        _fill(templates.shipped, f"{spare}.html.j2", values),
        reason,
    )


def render_text(templates: Templates, name: str, values: Mapping[str, Any]) -> tuple[str, str]:
    """(text, reason) of a template that has no HTML; the shipped one when the own one fails."""
    try:
        return _fill(templates.own, f"{name}.txt.j2", values), ""
    except Exception as problem:  # as above
        if f"{name}.txt.j2" not in templates.names:
            raise
        return _fill(templates.shipped, f"{name}.txt.j2", values), explained(name, problem)


def explained(name: str, problem: Exception) -> str:
    """A German sentence about a template that cannot be filled."""
    if isinstance(problem, jinja2.TemplateSyntaxError):
        return f"Vorlage „{problem.name or name}“, Zeile {problem.lineno}: Schreibfehler ({problem.message})."
    if isinstance(problem, jinja2.TemplateNotFound):
        return f"Vorlage „{problem.name or name}“ fehlt."
    if isinstance(problem, jinja2.UndefinedError):
        return f"Vorlage „{name}“ verwendet eine Angabe, die es nicht gibt ({problem.message})."
    return f"Vorlage „{name}“ lässt sich nicht ausfüllen ({type(problem).__name__}: {problem})."


def problems(
    templates: Templates, files: Iterable[str], samples: Callable[[str], Sequence[Mapping[str, Any]]]
) -> tuple[str, ...]:
    """What is wrong with these files, tried with each of ``samples(file)``; German sentences, one per file at most."""
    found = []
    for name in files:
        try:
            for values in samples(name):
                _fill(templates.own, name, values)
        except Exception as problem:  # a template may raise anything
            found.append(explained(name, problem))
    return tuple(found)


def wrapped(text: str, indent: int = 0, first: str = "", width: int = WIDTH) -> str:
    """``text`` in lines of at most ``width`` characters, all but the first indented by ``indent`` spaces.

    The first begins with ``first`` (or the indent).
    """
    if len(text) <= width - max(indent, len(first)) and "\n" not in text:
        return (first or " " * indent) + text
    margin = " " * indent
    lines: list[str] = []
    for line in text.split("\n"):
        room = width - max(indent, len(first))
        lines += _broken(line, room)
    begin, *rest = lines
    return "\n".join((f"{first or margin}{begin}".rstrip(), *(f"{margin}{line}".rstrip() for line in rest)))


def _broken(line: str, room: int) -> Iterator[str]:
    """``line`` in pieces of at most ``room``, broken at blanks, or within a word that is longer.

    As ``textwrap`` does without hyphens, but that takes thirty times as long: a third of a letter.
    """
    line = line.expandtabs().rstrip(" ")
    start = 0
    while len(line) - start > room:
        word = line.rfind(" ", start, start + room + 1) + 1  # the one that does not fit any more
        is_long = len(line) - word > room and line.find(" ", word, word + room + 1) < 0
        end = start + room if is_long or word <= start else word
        if piece := line[start:end].rstrip(" "):
            yield piece
        start = end
        while line.startswith(" ", start):
            start += 1
    yield line[start:]


def row(value: object, label: str, width: int = WIDTH) -> str:
    """A line "Label:  value" with the value in a column of its own."""
    return wrapped(str(value), _LABEL, f"{label}:".ljust(_LABEL), width)


class _Loader(jinja2.BaseLoader):
    """Templates from memory; one that could not be read says so when it is used."""

    def __init__(self, sources: Mapping[str, str | Exception]) -> None:
        self._sources = sources

    def get_source(
        self, environment: jinja2.Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        del environment
        source = self._sources.get(template)
        if source is None:
            raise jinja2.TemplateNotFound(template)
        if isinstance(source, UnicodeError):
            raise jinja2.TemplateSyntaxError("die Datei ist nicht in UTF-8 gespeichert", 1, template)
        if isinstance(source, Exception):
            raise jinja2.TemplateSyntaxError(f"die Datei ist nicht lesbar: {source}", 1, template)
        return source, None, None


def _read(folder: Path) -> dict[str, str | Exception]:
    found: dict[str, str | Exception] = {}
    for path in sorted(folder.glob(f"*{ENDING}")):
        try:
            found[path.name] = path.read_text("utf-8")
        except (OSError, UnicodeError) as problem:
            found[path.name] = problem
    return found


def _environment(sources: Mapping[str, str | Exception], city: CitySettings) -> ImmutableSandboxedEnvironment:
    made = _Sandbox(
        loader=_Loader(sources),
        undefined=jinja2.StrictUndefined,
        autoescape=lambda name: name is not None and ".html" in name,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    made.globals["city"] = city
    made.filters.update(wrapped=wrapped, row=row)
    return made


def _fill(made: ImmutableSandboxedEnvironment, name: str, values: Mapping[str, Any]) -> str:
    return made.get_template(name).render(values)
