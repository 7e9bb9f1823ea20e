"""What a page is handed and what it gives back: plain values, so that a page is a function that tests can call.

A page never sees a cookie, a header or a socket; who may see it and whether a form is genuine was settled before
(``routing.web.door``). What it gives is turned into an answer after it (``routing.web.answers``).
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct

from routing.model.settings import Settings
from routing.model.web import Role

if TYPE_CHECKING:
    from routing.service.runtime import Runtime
    from routing.web.memory import Memory


class Visitor(Struct, frozen=True):
    """Who is signed in. ``session``: its id as stored; ``form_token`` stands in every form of the session."""

    account: str
    name: str
    roles: frozenset[str]
    session: str
    form_token: str
    is_new: bool = False

    def may(self, role: Role) -> bool:
        """Whether the account has this role."""
        return role in self.roles


NOBODY = Visitor("", "", frozenset(), "", "")


class Visit(Struct, frozen=True):
    """One request. ``parts``: what the address has in place of {…}; ``form`` and ``query``: the last value of a name.

    ``now``: aware, UTC; ``client``: the browser's IP address; ``said``: what the last page left to be said.
    """

    work: "Runtime"
    visitor: Visitor
    path: str
    now: datetime
    memory: "Memory"
    parts: Mapping[str, str] = {}
    query: Mapping[str, str] = {}
    form: Mapping[str, str] = {}
    client: str = ""
    said: str = ""

    @property
    def settings(self) -> Settings:
        """config.toml as it is in force now."""
        return self.work.settings


def row_number(text: str) -> int:
    """The number of a row as an address or a form says it; 0, which no row has, for what is none or too large."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else 0


class Page(Struct, frozen=True):
    """A page made by the template of this name."""

    template: str
    values: Mapping[str, Any] = {}
    status: int = 200


class Go(Struct, frozen=True):
    """To another page, which says in German what was done (``said``).

    ``begin``: the secret of a session that begins with this answer; ``end``: the session ends.
    """

    path: str
    said: str = ""
    begin: str = ""
    end: bool = False


class File(Struct, frozen=True):
    """Something to look at or to save; ``name`` (without a path) makes it a download."""

    content: bytes
    content_type: str
    name: str = ""
    status: int = 200


Answer = Page | Go | File
Handler = Callable[[Visit], Answer]


class Route(Struct, frozen=True):
    """Which function answers which address, and who may ask.

    ``roles``: one of them is enough; empty: whoever is signed in. ``is_open``: nobody need be signed in.
    """

    path: str
    handler: Handler
    method: Literal["GET", "POST"] = "GET"
    roles: tuple[Role, ...] = ()
    is_open: bool = False
