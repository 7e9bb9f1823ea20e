"""OAuth access tokens in place of a password: what the client of a mail server needs to know of them."""

from typing import Protocol


class AccessTokens(Protocol):
    """Where access tokens come from (``intake.oauth``)."""

    def access(self) -> str:
        """A token that is good for some minutes; raises a TemporaryError."""

    def refused(self) -> bool:
        """The server took the last token for nothing. True when asking for a new one may help."""
