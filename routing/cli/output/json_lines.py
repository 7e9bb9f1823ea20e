"""Values for machines: one line of JSON each, as ``--json`` promises."""

import json
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict


def text(value: Any) -> str:
    """``value`` as one line of JSON: structs by fields, aware moments as ISO 8601, what else there is as text."""
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, Struct):
        return asdict(value)
    return value.isoformat() if isinstance(value, datetime) else str(value)
