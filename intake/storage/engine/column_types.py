"""The column types and values that both databases share: moments in UTC, ids, JSON."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Dialect


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware datetime, kept in UTC; a naive one is refused. SQLite keeps it as ISO 8601 text, which sorts."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """Text in UTC, which sorts by time, on SQLite; a timestamp with time zone on PostgreSQL."""
        return sa.String(32) if dialect.name == "sqlite" else sa.DateTime(timezone=True)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """The aware moment as the database keeps it. Raises ValueError for a naive one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime never enters the database")
        if dialect.name != "sqlite":
            return value
        return (value if value.tzinfo is UTC else value.astimezone(UTC)).isoformat(" ", "microseconds")

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002  (the base's)
        """The moment that the database kept: aware, UTC."""
        if value is None:
            return None
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


Identifier = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def to_json(value: object) -> str:
    """Compact JSON, of values of ours too, by their fields. Raises ValueError, for half a surrogate pair too."""
    try:
        return msgspec.json.encode(value).decode()
    except TypeError as error:  # whoever stores goes on without the one value that cannot be
        raise ValueError(str(error)) from error
