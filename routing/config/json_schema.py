"""What each key of config.toml means, in German: the texts below the fields of the models, read when somebody asks.

Pydantic would read them from the source at every start (``use_attribute_docstrings``), which takes longer than all
else about the models.
"""

import ast
import inspect
import sys
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import BaseModel


def meaning(model: type[BaseModel], field: str) -> str:
    """What the field of a table means; empty when nothing is said."""
    for owner in model.__mro__:
        if issubclass(owner, BaseModel) and (said := _said_in(owner.__module__).get((owner.__qualname__, field))):
            return said
    return ""


def schema(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of a file's model, under the names of the file, with every key's description."""
    described = model.model_json_schema(by_alias=True)
    for name, table in _tables(model).items():
        properties = (described if table is model else described["$defs"].get(name, {})).get("properties", {})
        for field, info in table.model_fields.items():
            if (said := meaning(table, field)) and (info.alias or field) in properties:
                properties[info.alias or field]["description"] = said
    return described


def _tables(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """The model and, by their names, all others of the two modules of settings."""
    modules = {sys.modules[owner.__module__] for owner in model.__mro__ if owner.__module__.endswith("settings")}
    found = {model.__name__: model}
    for module in modules:
        found |= {
            name: one for name, one in vars(module).items() if isinstance(one, type) and issubclass(one, BaseModel)
        }
    return found


@cache
def _said_in(module: str) -> dict[tuple[str, str], str]:
    """(class, field) → the text below it, of a module's source."""
    tree = ast.parse(Path(inspect.getfile(sys.modules[module])).read_text(encoding="utf-8"))
    said: dict[tuple[str, str], str] = {}
    for table in (node for node in tree.body if isinstance(node, ast.ClassDef)):
        for field, text in pairwise(table.body):
            if (
                isinstance(field, ast.AnnAssign)
                and isinstance(field.target, ast.Name)
                and isinstance(text, ast.Expr)
                and isinstance(text.value, ast.Constant)
                and isinstance(text.value.value, str)
            ):
                said[table.name, field.target.id] = inspect.cleandoc(text.value.value)
    return said
