"""What a login needs: the password, or where its access tokens come from; secrets are read when they are used.

Tokens outlive connections: a mailbox that connects again within the hour asks the provider for nothing. A login whose
settings changed starts anew. Safe for several threads.
"""

import threading
from collections.abc import Mapping
from pathlib import Path

from intake import oauth
from intake.settings import Login, OAuthSettings
from routing.config import secrets


class Logins:
    """The logins of one process; replaced refresh tokens are kept in ``folder``."""

    def __init__(self, environ: Mapping[str, str], folder: Path) -> None:
        self._environ = environ
        self._folder = folder
        self._lock = threading.Lock()
        self._tokens: dict[str, tuple[Login, oauth.TokenSource]] = {}

    def of(self, login: Login, place: str, owner: str) -> str | oauth.TokenSource | None:
        """For ``login``, which stands at ``place`` in config.toml ("mailboxes.kod"); ``owner`` names it in German.

        None without a user. Raises ConfigurationError when a password is not to be had; a secret that is missing for
        a token is said when the token is asked for.
        """
        if login.oauth is None or not login.user:
            return secrets.read(login, place, environ=self._environ)
        with self._lock:
            seen, tokens = self._tokens.get(place, (None, None))
            if tokens is None or seen != login:
                tokens = self._new(login.oauth, place, owner)
                self._tokens[place] = (login, tokens)
            return tokens

    def _new(self, settings: OAuthSettings, place: str, owner: str) -> oauth.TokenSource:
        def read() -> oauth.Secrets:
            return oauth.Secrets(
                secrets.client_secret(settings, place, environ=self._environ),
                secrets.refresh_token(settings, place, environ=self._environ),
            )

        return oauth.TokenSource(settings, owner, read, kept=self._folder / f"{place}.refresh_token")
