"""What pydantic found wrong, said in German; and how a place in the file is named.

Every type of error that the models can raise has its sentence here (a test holds that); one that is not known yet
comes out as a general German sentence, never in English.
"""

from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from intake.base import did_you_mean, german
from routing.config import model_keys, secrets
from routing.config.problems import Fault, KeyPath, shown
from routing.config.toml.positions import Positions

Context = dict[str, Any]


def _bounds(context: Context, key: str) -> str:
    value = context.get(key)
    return f"{value:g}".replace(".", ",") if isinstance(value, float) else str(value)


def _unexpected(_context: Context) -> tuple[str, str]:
    return "dieser Wert ist hier nicht erlaubt", "Siehe die mitgelieferte config.toml."


SENTENCES: dict[str, Callable[[Context], tuple[str, str]]] = {
    "string_type": lambda _: ("hier muss ein Text stehen", 'Schreiben Sie ihn in Anführungszeichen: "so".'),
    "int_type": lambda _: ("hier muss eine ganze Zahl stehen", "Schreiben Sie sie ohne Anführungszeichen."),
    "int_parsing": lambda _: ("hier muss eine ganze Zahl stehen", "Schreiben Sie nur Ziffern, z. B. 993."),
    "int_parsing_size": lambda _: ("diese Zahl ist zu groß", "Schreiben Sie eine kleinere Zahl."),
    "int_from_float": lambda _: ("hier muss eine ganze Zahl stehen", "Lassen Sie die Nachkommastellen weg."),
    "float_type": lambda _: ("hier muss eine Zahl stehen", "Schreiben Sie sie ohne Anführungszeichen."),
    "float_parsing": lambda _: ("hier muss eine Zahl stehen", "Schreiben Sie nur Ziffern, z. B. 60."),
    "finite_number": lambda _: ("hier muss eine endliche Zahl stehen", "Schreiben Sie nur Ziffern, z. B. 60."),
    "bool_type": lambda _: ("hier muss true (ja) oder false (nein) stehen", "Ohne Anführungszeichen."),
    "bool_parsing": lambda _: ("hier muss true (ja) oder false (nein) stehen", "Ohne Anführungszeichen."),
    "path_type": lambda _: ("hier muss ein Pfad stehen", 'Schreiben Sie ihn in Anführungszeichen: "ordner/datei".'),
    "date_type": lambda _: ("hier muss ein Datum stehen", "Schreiben Sie es so: 2026-01-31."),
    "date_parsing": lambda _: ("hier muss ein Datum stehen", "Schreiben Sie es so: 2026-01-31."),
    "date_from_datetime_parsing": lambda _: ("hier muss ein Datum stehen", "Schreiben Sie es so: 2026-01-31."),
    "date_from_datetime_inexact": lambda _: ("hier muss ein Tag ohne Uhrzeit stehen", "So: 2026-01-31."),
    "tuple_type": lambda _: ("hier muss eine Liste stehen", 'Schreiben Sie sie so: ["eins", "zwei"].'),
    "dict_type": lambda _: ("hier muss eine Tabelle stehen", 'Schreiben Sie sie so: { name = "wert" }.'),
    "model_type": lambda _: ("hier muss eine Tabelle mit Schlüsseln stehen", "Siehe die mitgelieferte config.toml."),
    "greater_than": lambda c: (f"der Wert muss größer als {_bounds(c, 'gt')} sein", ""),
    "greater_than_equal": lambda c: (f"der Wert muss mindestens {_bounds(c, 'ge')} sein", ""),
    "less_than": lambda c: (f"der Wert muss kleiner als {_bounds(c, 'lt')} sein", ""),
    "less_than_equal": lambda c: (f"der Wert darf höchstens {_bounds(c, 'le')} sein", ""),
    "too_short": lambda _: ("hier muss mindestens ein Eintrag stehen", ""),
    "string_too_short": lambda _: ("hier darf kein leerer Text stehen", ""),
    "value_error": lambda c: (str(c.get("error", "dieser Wert ist nicht erlaubt")).rstrip("."), ""),
}
_CHOICES = ("literal_error", "enum")


def fault(error: ErrorDetails, model: type[BaseModel]) -> Fault:
    """One error of pydantic as a German fault; ``model`` is what the whole file was checked against."""
    path = tuple(part for part in error["loc"] if part != "[key]")
    kind = error["type"]
    if kind == "missing":
        return _missing(path, model)
    if kind == "extra_forbidden":
        return _unknown(path, model, is_table=isinstance(error["input"], dict | list))
    if kind in _CHOICES:
        return _choice(path, model, error["input"])
    what, advice = SENTENCES.get(kind, _unexpected)(error.get("ctx", {}))
    if kind in ("tuple_type", "model_type") and isinstance(error["input"], dict | list):
        return _brackets(path, is_list=kind == "tuple_type")
    if isinstance(error["input"], str | int | float) and kind != "value_error":
        return Fault(path, f"{shown(error['input'])} ist nicht möglich, {what}.", advice)
    return Fault(path, f"{what[0].upper()}{what[1:]}.", advice)


def _missing(path: KeyPath, model: type[BaseModel]) -> Fault:
    *parents, key = path
    if not parents:
        opened = model_keys.header(model, str(key))
        advice = f"Schreiben Sie {opened} und darunter ihre Schlüssel."
        return Fault(path, f"Die Tabelle {opened} fehlt.", advice, is_about_table=True)
    table = model_keys.model_at(model, tuple(parents))
    meaning = model_keys.meaning(table, str(key)) if table else ""
    advice = f"Schreiben Sie eine Zeile {key} = … dazu.{f' Gemeint ist: {meaning}' if meaning else ''}"
    return Fault(path, f"Der Schlüssel {key} fehlt.", advice, is_about_table=True)


def _unknown(path: KeyPath, model: type[BaseModel], *, is_table: bool) -> Fault:
    *parents, key = path
    if secrets.written_down(str(key)):
        return Fault(path, "Passwörter gehören nicht in diese Datei.", secrets.ADVICE)
    if moved := model_keys.MOVED.get(path):
        return Fault(path, moved, "Löschen Sie die Zeile hier, nachdem Sie sie übertragen haben.")
    table = model_keys.model_at(model, tuple(parents)) or model
    guess = _in_outer_table(path, model) or model_keys.guess(str(key), table, model)
    known = german.listed(sorted(model_keys.by_key(table)))
    what = "Unbekannte Tabelle." if is_table and not parents else "Unbekannter Schlüssel."
    return Fault(path, f"{what}{guess}", f"Hier sind möglich: {known}.")


def _brackets(path: KeyPath, *, is_list: bool) -> Fault:
    """[rules] where [[rules]] is meant, or the other way round."""
    name = ".".join(str(part) for part in path if isinstance(part, str))
    if is_list:
        what, advice = "Hier muss eine Liste stehen.", f"Eine Tabelle beginnt hier mit zwei Klammern: [[{name}]]."
    else:
        what, advice = "Diese Tabelle gibt es nur einmal.", f"Schreiben Sie sie mit einer Klammer: [{name}]."
    return Fault(path, what, advice)


def _in_outer_table(path: KeyPath, model: type[BaseModel]) -> str:
    """A rule's key below its [[rules.tests]] belongs to the test for TOML, whatever its author meant."""
    *parents, key = path
    for length in range(len(parents) - 1, 0, -1):
        outer = model_keys.model_at(model, tuple(parents[:length]))
        if outer is not None and str(key) in model_keys.by_key(outer):
            opened = ".".join(str(part) for part in parents if isinstance(part, str))
            brackets = f"[[{opened}]]" if isinstance(parents[-1], int) else f"[{opened}]"
            return f" Er gehört zur Tabelle darüber: Schreiben Sie ihn oberhalb von {brackets}."
    return ""


def _choice(path: KeyPath, model: type[BaseModel], value: Any) -> Fault:
    known = _choices(path, model)
    guess = did_you_mean.sentence(value, known) if isinstance(value, str) else ""
    possible = german.listed((f'"{choice}"' for choice in known), "oder")
    return Fault(path, f"{shown(value)} ist hier nicht möglich.{guess}", f"Möglich ist: {possible}.")


def _choices(path: KeyPath, model: type[BaseModel]) -> list[str]:
    *parents, key = path
    table = model_keys.model_at(model, tuple(parents))
    field = model_keys.by_key(table).get(str(key)) if table else None
    return list(_values(field.annotation)) if field else []


def _values(annotation: Any) -> Iterator[str]:
    """What may be written for an enum, a Literal, or either of them "or nothing" (a key that may be left out)."""
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        yield from map(str, annotation)
    elif get_origin(annotation) is Literal:
        yield from map(str, get_args(annotation))
    else:
        for alternative in get_args(annotation):
            yield from _values(alternative)


def where(path: KeyPath, values: dict[str, Any], positions: Positions) -> str:
    """The place in the words of the file: [[rules]] „Wilder Müll“, Schlüssel recipient."""
    table = positions.table(path)
    parts = [_headers(table, values, positions)] if table else []
    names = [str(part) for part in path[len(table) :] if isinstance(part, str)]
    if names:
        parts.append(f"Schlüssel {shown('.'.join(names)).strip('„“')}")
    return ", ".join(parts)


def _headers(table: KeyPath, values: dict[str, Any], positions: Positions) -> str:
    """[recipients.gsak]; [[rules]] „Wilder Müll“; [[rules]] „Wilder Müll“, [[rules.tests]] Nr. 2."""
    lists = [index for index, part in enumerate(table) if isinstance(part, int)]
    names = shown(".".join(str(part) for part in table if isinstance(part, str))).strip("„“")
    if not lists:
        return f"[{names}]"
    outer = table[: lists[0] + 1]
    first = f"[[{'.'.join(map(str, outer[:-1]))}]] {_rule_name(outer, values)}"
    if table == outer:
        return first
    number = f" Nr. {int(table[-1]) + 1}" if isinstance(table[-1], int) else ""
    brackets = f"[[{names}]]" if positions.tables.get(table) else f"[{names}]"
    return f"{first}, {brackets}{number}"


def _rule_name(path: KeyPath, values: dict[str, Any]) -> str:
    """The rule's own name, or its number where it has none."""
    entry: Any = values
    for part in path:
        try:
            entry = entry[part]
        except (KeyError, IndexError, TypeError):
            entry = None
            break
    name = entry.get("name") if isinstance(entry, dict) else None
    return shown(name) if isinstance(name, str) and name else f"Nr. {int(path[-1]) + 1}"
