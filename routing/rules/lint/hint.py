"""What the linter says: where in the rules, what it found, and what to do. German, for staff."""

from typing import Literal

from msgspec import Struct

Key = Literal["", "name", "keywords", "except", "unless", "category", "urgency"]


class Hint(Struct, frozen=True):
    """``item`` is the keyword of ``key`` that is meant; without a key the whole rule is (without a rule: the file).

    A grave one refuses the file: it says that an emergency would be silenced.
    """

    rule: str
    key: Key
    item: str
    what: str
    advice: str
    is_grave: bool = False
