"""One TOML file with its model: bytes → checked value, and every problem with its line, all at once.

Mistakes do not hide each other: what pydantic refuses is taken out or stood in for, so that the checks of meaning
still see the rest; a fault at or below a stand-in is not reported twice.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, TypeVar

from msgspec.structs import replace
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from routing.config import model_keys
from routing.config.problems import Fault, KeyPath, Problem
from routing.config.toml import encoding, messages, syntax
from routing.config.toml import positions as key_positions
from routing.config.toml.environment import Said

Model = TypeVar("Model", bound=BaseModel)

_ROUNDS = 6  # of taking out what is refused; each round sees what the last one uncovered
_STAND_INS: dict[str, Any] = {
    "address": "ersatz@ersatz.invalid",
    "category": "?",
    "city": {"name": "?", "reference": "ERSATZ", "duty_desk": "ersatz"},
    "duty_desk": "ersatz",
    "folder": "?",
    "from": "ersatz@ersatz.invalid",
    "host": "localhost",
    "keywords": ["ersatzwort"],
    "kind": "ersatz",
    "name": "?",
    "operator": {"address": "ersatz@ersatz.invalid"},
    "recipient": "?",
    "reference": "ERSATZ",
    "recipients": {"ersatz": {"name": "?", "address": "ersatz@ersatz.invalid"}},
    "rules": [{"name": "?", "category": "?", "recipient": "?", "urgency": "sammel", "keywords": ["ersatzwort"]}],
    "smtp": {"host": "localhost", "from": "ersatz@ersatz.invalid"},
    "text": "?",
    "urgency": "sammel",
}


@dataclass(frozen=True)
class Document(Generic[Model]):
    """A file as read; where its keys stand is found out when somebody asks.

    ``value`` is None when not even stand-ins help; ``stand_ins`` are the paths not to trust.
    """

    file: str
    text: str
    source: syntax.Source
    model: type[Model]
    value: Model | None = None
    faults: tuple[Fault, ...] = ()
    stand_ins: frozenset[KeyPath] = frozenset()
    problems: tuple[Problem, ...] = field(default=())
    variables: Mapping[KeyPath, str] = field(default_factory=dict)
    """Keys that the environment says, to the variables."""

    @cached_property
    def positions(self) -> key_positions.Positions:
        """Where each table and key stands."""
        return key_positions.find(self.source.sound)

    def trusts(self, path: KeyPath) -> bool:
        """Whether what stands at ``path`` is what the file says."""
        return not any(path[: len(stand_in)] == stand_in for stand_in in self.stand_ins)

    def located(self, faults: tuple[Fault, ...]) -> tuple[Problem, ...]:
        """The faults as problems; those on lines that had to be set aside are left out."""
        return tuple(found for fault in faults if (found := self._locate(fault)).line not in self.source.broken)

    def _locate(self, fault: Fault) -> Problem:
        for path, variable in self.variables.items():
            if fault.path[: len(path)] == path:
                return Problem(
                    None, None, "", fault.what, fault.advice, fault.severity, f"Umgebungsvariable {variable}"
                )
        line, column = self.positions.spot(fault.path) or (None, None)
        named = fault.path[:-1] if fault.is_about_table and fault.path not in self.positions.tables else fault.path
        where = messages.where(named, self.source.values, self.positions)
        return Problem(line, column, where, fault.what, fault.advice, fault.severity, self.file)


def read(
    raw: bytes, file: str, model: type[Model], said: Callable[[Mapping[str, Any]], Said] | None = None
) -> Document[Model]:
    """Everything that the file (its bytes) itself says, checked against ``model``.

    ``said``, given the file's values, is what the environment says in place of it. ``problems`` of the result holds
    encoding and syntax. Raises nothing.
    """
    text, unreadable = encoding.decode(raw, file)
    if unreadable:
        nothing = syntax.Source({}, "", is_complete=False)
        return Document(file, text, nothing, model, problems=unreadable)
    source = syntax.read(text, file)
    problems: tuple[Problem, ...] = ()
    if source.problems:
        found = key_positions.find(source.sound)
        problems = tuple(_in_its_table(problem, source, found) for problem in source.problems)
    if problems and not source.values:
        return Document(file, text, source, model, problems=problems)
    variables: Mapping[KeyPath, str] = {}
    if said is not None:
        instead = said(source.values)
        variables, values = instead.variables, source.values
        for path, new in instead.values.items():
            values = _changed(values, path, new)
        source = replace(source, values=values)
    value, faults, stand_ins = _validate(source, model)
    return Document(file, text, source, model, value, faults, stand_ins, problems, variables)


def _in_its_table(problem: Problem, source: syntax.Source, found: key_positions.Positions) -> Problem:
    """A mistake of syntax named with the table or rule in which it stands."""
    line = problem.line or 0
    above = [(found.spots[path], path) for path in found.tables if found.spots[path][0] <= line]
    above = [(spot, path) for spot, path in above if spot[0] not in source.broken]
    return replace(problem, where=messages.where(max(above)[1], source.values, found)) if above else problem


def _validate(source: syntax.Source, model: type[Model]) -> tuple[Model | None, tuple[Fault, ...], frozenset[KeyPath]]:
    values: Any = source.values
    faults: list[Fault] = []
    stand_ins: set[KeyPath] = set()
    for _ in range(_ROUNDS):
        try:
            return model.model_validate(values), tuple(faults), frozenset(stand_ins)
        except ValidationError as error:
            for detail in _genuine(error.errors(include_url=False)):
                fault = messages.fault(detail, model)
                if not any(fault.path[: len(path)] == path for path in stand_ins):
                    faults += [] if detail["type"] == "missing" and not source.is_complete else [fault]
                values = _without(values, fault.path, model)
                stand_ins.add(_kept_part(fault.path, model))
    return None, tuple(faults), frozenset(stand_ins)


def _genuine(errors: list[ErrorDetails]) -> list[ErrorDetails]:
    """Without the lists that pydantic calls too short only because their entries were refused."""
    places = [error["loc"] for error in errors]
    return [
        error
        for error in errors
        if error["type"] != "too_short" or not any(_is_inside(place, error["loc"]) for place in places)
    ]


def _is_inside(path: KeyPath, outer: KeyPath) -> bool:
    return len(path) > len(outer) and path[: len(outer)] == outer


def _kept_part(path: KeyPath, model: type[BaseModel]) -> KeyPath:
    """The key that was taken out or stood in for when something at ``path`` was refused."""
    for length in range(len(path), 0, -1):
        table = model_keys.model_at(model, path[: length - 1])
        if table is not None:
            return path[:length]
    return path[:1]


def _without(values: Any, path: KeyPath, model: type[BaseModel]) -> Any:
    """A copy of ``values`` in which the key at ``path`` is gone or, where it must be, stood in for."""
    *parents, key = _kept_part(path, model)
    table = model_keys.model_at(model, tuple(parents)) or model
    field_info = model_keys.by_key(table).get(str(key))
    stand_in = _STAND_INS.get(str(key)) if field_info is not None and field_info.is_required() else None
    return _changed(values, (*parents, key), stand_in)


def _changed(values: Any, path: KeyPath, new: Any) -> Any:
    key, *rest = path
    if isinstance(values, list) and isinstance(key, int) and key < len(values):
        inner = _changed(values[key], tuple(rest), new) if rest else new
        return [*values[:key], *([] if inner is None else [inner]), *values[key + 1 :]]
    if not isinstance(values, dict):
        return values
    inner = _changed(values.get(str(key), {}), tuple(rest), new) if rest else new
    if inner is None:
        return {name: value for name, value in values.items() if name != key}
    return {**values, str(key): inner}
