"""Every mail in tests/mails against what stands beside it: one trait a mail, NAME.eml and NAME.json.

The JSON names the fields that the trait is about; what it leaves out is not checked. To add a mail, add the two files.
"""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from intake import mail
from intake.message import Attachment, BouncedLetter, Message
from tests import TESTS

FOLDER = TESTS / "mails"
NAMES = sorted(path.stem for path in FOLDER.glob("*.eml"))
RECEIVED = datetime(2026, 11, 23, 9, 5, tzinfo=UTC)


def shown(message: Message, field: str, wanted: Any) -> Any:
    """The field as the JSON beside the mail writes it."""
    value = getattr(message, field)
    if field == "attachments":
        return [subset(attachment, each) for attachment, each in zip(value, wanted, strict=True)]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, BouncedLetter):
        return json.loads(msgspec.json.encode(value))
    return list(value) if isinstance(value, tuple) else value


def subset(attachment: Attachment, wanted: dict[str, Any]) -> dict[str, Any]:
    return {key: getattr(attachment, key) for key in wanted}


@pytest.mark.parametrize("name", NAMES)
def test_a_mail_is_read_as_written_beside_it(name: str) -> None:
    raw = (FOLDER / f"{name}.eml").read_bytes()
    wanted = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    message = mail.parse(raw, received_at=RECEIVED)
    assert wanted == {field: shown(message, field, expected) for field, expected in wanted.items()}


def test_the_corpus_is_complete() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(NAMES)
    assert len(NAMES) >= 150
    assert all(json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")) for name in NAMES)
