"""pydantic's errors in German: no type of error that the models can raise comes out in English."""

import copy
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from routing.config import model_keys, problems
from routing.config.problems import KeyPath
from routing.config.toml import messages
from routing.model.decision import Urgency
from routing.model.rule_files import ConfigFile

LOGIN = {"host": "h", "port": 1, "security": "tls", "user": "u", "password_file": "p", "password_env": "E"}
RULE = {"name": "n", "keywords": ["k"], "except": ["e"], "unless": ["u"], "tests": [{"text": "t", "matches": True}]}
EVERYTHING: dict[str, Any] = {
    "city": {
        "name": "n",
        "reference": "KOD",
        "duty_desk": "d",
        "holidays": "NW",
        "gazetteer": "g",
        "contact": {"mail": "m", "desks": [{"name": "n", "hours": ["h"]}]},
    },
    "service": {"data": "data", "database": "sqlite://"},
    "mailboxes": {"kod": LOGIN | {"folder": "F", "idle": True, "max_size": 2_000_000, "since": date(2026, 1, 1)}},
    "drop_folders": {
        "t": {"folder": "t", "channel": "c", "settle_seconds": 1, "encoding": "e", "columns": {"a": "b"}}
    },
    "smtp": LOGIN | {"from": "f", "reply_to": "r", "ca_file": "c", "timeout_seconds": 1},
    "operator": {"address": ["a"], "command": ["c"]},
    "office": {"days": "Mo", "times": "t", "closed": ["c"], "holidays": "NW"},
    "files": {"vocabulary": "v", "templates": "t"},
    "recipients": {"gsak": {"name": "G", "address": ["a"], "schedule": ["s"], "weekly": "w", "urgent_address": ["u"]}},
    "rules": [RULE | {"id": "S01", "category": "c", "recipient": ["gsak"], "urgency": "heute"}],
    "kinds": [RULE | {"kind": "k", "recipient": [], "state": "kept"}],
}
WRONG: tuple[Any, ...] = (
    *(-1, 0, 5, 10**30, 1.5, float("nan"), float("inf"), -float("inf"), True, "", "x", "1e999", "9" * 5000),
    *([], [5], ["x"], [[]], [{}], {}, {"a": 1}, {"a": {}}, {"a": {"b": 1}}),
    *(date(2026, 1, 1), time(7, 30), datetime(2026, 1, 1, 7, 30, tzinfo=UTC)),
)
ENGLISH = re.compile(r"\b(should|must|input|valid|required|expected|value|string|the|field|extra|unable|to parse)\b")


def paths(value: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    """Every key and entry below ``value``."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        yield (*path, key)
        yield from paths(inner, (*path, key))


def changed(path: KeyPath, new: Any) -> dict[str, Any]:
    values = copy.deepcopy(EVERYTHING)
    place: Any = values
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = new
    return values


def errors_of(values: dict[str, Any]) -> list[ErrorDetails]:
    try:
        ConfigFile.model_validate(values)
    except ValidationError as error:
        return error.errors()
    return []


def every_error() -> Iterator[ErrorDetails]:
    yield from errors_of({})
    for path in paths(EVERYTHING):
        for wrong in WRONG:
            yield from errors_of(changed(path, wrong))
        yield from errors_of(changed((*path[:-1], "unbekannt"), 1) if isinstance(path[-1], str) else {})


def test_the_sample_of_this_test_is_itself_sound() -> None:
    assert errors_of(EVERYTHING) == []


def test_every_error_of_pydantic_is_told_in_german() -> None:
    seen = set()
    for error in every_error():
        seen.add(error["type"])
        fault = messages.fault(error, ConfigFile)
        text = f"{fault.what} {fault.advice}"
        for quoted in ("to", "value", "string"):  # the German texts may show a key or a value of the file
            text = text.replace(f"„{quoted}“", "")
        assert not ENGLISH.search(text), text
        assert error["msg"] not in text
    specially_told = {"missing", "extra_forbidden", "literal_error", "enum"}
    assert seen - specially_told <= messages.SENTENCES.keys()
    assert len(seen) > 15


def test_an_error_type_of_the_future_is_still_german() -> None:
    error: ErrorDetails = {"type": "brand_new", "loc": ("smtp", "host"), "msg": "Input should be new", "input": "x"}
    assert messages.fault(error, ConfigFile).what == "„x“ ist nicht möglich, dieser Wert ist hier nicht erlaubt."


@pytest.mark.parametrize(
    ("path", "possible"),
    [
        (("rules", 0, "urgency"), list(Urgency)),
        (("mailboxes", "kod", "security"), ["tls", "starttls", "none"]),
        (("kinds", 0, "state"), ["routed", "review", "kept"]),
    ],
)
def test_what_is_possible_is_told_word_for_word(path: KeyPath, possible: list[str]) -> None:
    (error,) = errors_of(changed(path, "x"))
    assert re.findall('"(.+?)"', messages.fault(error, ConfigFile).advice) == possible


def test_a_value_with_a_line_break_cannot_forge_a_line_of_the_report() -> None:
    assert problems.shown("a\nb") == "„a�b“"
    assert len(problems.shown("x" * 1000)) == 60


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ((), "ConfigFile"),
        (("mailboxes", "kod"), "MailboxSettings"),
        (("recipients", "gsak", "office"), "OfficeHours"),
        (("rules", 3, "tests", 0), "RuleTest"),
        (("rules",), None),
        (("recipients",), None),
        (("rules", 0, "keywords"), None),
        (("nothing", "here"), None),
    ],
)
def test_the_model_of_a_place_is_found(path: KeyPath, expected: str | None) -> None:
    model = model_keys.model_at(ConfigFile, path)
    assert expected == (model.__name__ if model else None)


def test_the_schema_describes_every_key_in_german() -> None:
    schema = ConfigFile.model_json_schema(by_alias=True)
    tables = [table for name, table in schema["$defs"].items() if name != "Urgency"]
    described = [key for table in tables for key in table["properties"].values()]
    assert len(described) > 60
    assert all(key.get("description") for key in described)
    assert "from" in schema["$defs"]["SmtpSettings"]["properties"]
    assert not any(table["additionalProperties"] for table in tables)
