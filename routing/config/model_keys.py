"""Which keys a table may have: questions to the pydantic models, in the words of the file.

The models (``routing.model.settings``) are the single list of keys; the guesses and the German place names are made
here.
"""

import types
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from intake.base import did_you_mean, german
from intake.settings import meanings_of
from routing.config.problems import KeyPath

_GERMAN_KEYS = {
    "absender": "from",
    "adresse": "address",
    "anschrift": "address",
    "antwort_an": "reply_to",
    "ausser": "except",
    "außer": "except",
    "benutzer": "user",
    "beispiele": "tests",
    "dringlichkeit": "urgency",
    "email": "address",
    "empfaenger": "recipient",
    "empfänger": "recipient",
    "bundesland": "holidays",
    "feiertage": "holidays",
    "kategorie": "category",
    "kontakt": "contact",
    "kuerzel": "id",
    "kürzel": "id",
    "leitstelle": "duty_desk",
    "mail": "address",
    "ordner": "folder",
    "recipients": "recipient",
    "schluesselwoerter": "keywords",
    "schlüsselwörter": "keywords",
    "server": "host",
    "stadt": "city",
    "stelle": "recipient",
    "stichworte": "keywords",
    "stichwörter": "keywords",
    "strassen": "gazetteer",
    "straßen": "gazetteer",
    "tage": "days",
    "to": "recipient",
    "verschluesselung": "security",
    "verschlüsselung": "security",
    "vorlage": "template",
    "zeiten": "times",
    "zeitplan": "schedule",
}


_TABLES = {
    "rule": "rules",
    "change": "changes",
    "recipient": "recipients",
    "kind": "kinds",
    "regel": "rules",
    "form": "forms",
}
"""Names of tables as one might write them."""
MOVED: dict[KeyPath, str] = {
    ("desk", "recipient"): "Dieser Schlüssel heißt jetzt duty_desk und steht in der Tabelle [city].",
    ("files", "gazetteer"): "Dieser Schlüssel steht jetzt in der Tabelle [city]; die Datei ist jetzt eine TOML-Datei.",
    ("service", "timezone"): "Diesen Schlüssel gibt es nicht mehr; alle Uhrzeiten sind die in Deutschland.",
}
"""Keys of earlier versions, and what has become of them."""
_IN_CHANGES = {
    "except_for": "except",
    "keyword": "add",
    "keywords": "add",
    "name": "rule",
    "schlüsselwörter": "add",
    "wort": "add",
}
_OF_THE_LINE = "Wer eine Kategorie bekommt, steht unter [responsible], in der Zeile ihrer Kennung."


def by_key(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The fields of a table keyed by the names that stand in the file."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def meaning(model: type[BaseModel], key: str) -> str:
    """What a key means, in German; "" for an unknown one."""
    said = meanings_of(model)
    return next((said.get(name, "") for name, field in model.model_fields.items() if key in {name, field.alias}), "")


def table_of(annotation: Any) -> type[BaseModel] | None:
    """The table that a value of this type is, holds or lists: ``dict[str, Recipient]`` → Recipient."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (Union, types.UnionType, tuple, dict, Annotated):
        return next(filter(None, map(table_of, get_args(annotation))), None)
    return None


def is_named(annotation: Any) -> bool:
    """Whether the value is a set of named tables, such as [recipients.gsak]."""
    return get_origin(annotation) is dict


def model_at(model: type[BaseModel], path: KeyPath) -> type[BaseModel] | None:
    """The table at ``path``, or None when there is something else."""
    current: Any = model
    for part in path:
        table = current if isinstance(current, type) and issubclass(current, BaseModel) else None
        if isinstance(part, int) or is_named(current):
            current = table_of(current)
        elif table is not None and part in (fields := by_key(table)):
            current = fields[part].annotation
        else:
            return None
    return current if isinstance(current, type) and issubclass(current, BaseModel) else table_of_optional(current)


def table_of_optional(annotation: Any) -> type[BaseModel] | None:
    """``OfficeHours | None`` → OfficeHours; a list or set of tables is not itself one."""
    return table_of(annotation) if get_origin(annotation) in (Union, types.UnionType) else None


def guess(key: str, model: type[BaseModel], root: type[BaseModel]) -> str:
    """What an unknown key was probably meant to be, as a German sentence, or nothing."""
    known = by_key(model)
    if model is root and key in _TABLES:
        return f" Meinten Sie {header(root, _TABLES[key])}?"
    if "remove" in known and key in _IN_CHANGES:
        return f" Meinten Sie „{_IN_CHANGES[key]}“?"
    if "remove" in known and _GERMAN_KEYS.get(key.casefold(), key) == "recipient":
        return f" {_OF_THE_LINE}"
    if _GERMAN_KEYS.get(key.casefold()) in known:
        return f" Meinten Sie „{_GERMAN_KEYS[key.casefold()]}“?"
    if homes := [header(root, name) for name, field in by_key(root).items() if key in _keys_inside(field)]:
        return f" Er gehört in die Tabelle {german.listed(homes, 'oder')}."
    return did_you_mean.sentence(key, known)


def _keys_inside(field: FieldInfo) -> dict[str, FieldInfo]:
    inner = table_of(field.annotation)
    return by_key(inner) if inner else {}


def header(root: type[BaseModel], name: str) -> str:
    """How the table ``name`` is opened in the file: [smtp], [recipients.NAME] or [[rules]]."""
    annotation = by_key(root)[name].annotation
    if get_origin(annotation) is tuple:
        return f"[[{name}]]"
    return f"[{name}.NAME]" if is_named(annotation) else f"[{name}]"
