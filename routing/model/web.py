"""What config.toml may say about the pages in the house ([web]), and the roles of those who use them.

Frozen values, checked by pydantic; German descriptions are for staff, see ``routing.model.settings``.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field

from intake.settings import Table, Words


class Role(StrEnum):
    """What an account may do; each sees the pages of its own role and „Heute“."""

    DESK = "desk"  # decide, look at cases, search
    RULES = "rules"  # read and change the rules
    PRIVACY = "privacy"  # rights of persons, holds, who looked
    ADMIN = "admin"  # accounts, letters that wait, figures for machines


class WebSettings(Table):
    """[web]: die Seiten im Haus, mit denen die Leitstelle im Browser arbeitet."""

    listen: str = ""
    """Adresse und Port der Seiten, z. B. "127.0.0.1:8642"; leer = keine Seiten."""
    certificate: Path | None = None
    """Eigenes Zertifikat mit seiner Kette (PEM-Datei). Ohne Angabe ist die Verbindung unverschlüsselt: dann nur auf
    127.0.0.1 hinter einem Proxy, der verschlüsselt."""
    key: Path | None = None
    """Privater Schlüssel zum Zertifikat (PEM-Datei ohne Passwort, nur für das Programm lesbar)."""
    trusted_proxies: Words = ()
    """IP-Adressen der Proxys, deren Angaben über Absender, Verschlüsselung und Anmeldung gelten."""
    trusted_header: str = ""
    """Kopfzeile, in der ein Proxy aus trusted_proxies den angemeldeten Benutzer nennt (Single Sign-on), z. B.
    "X-Remote-User"; leer = Anmeldung mit Passwort."""
    metrics: bool = False
    """true = Messwerte für Prometheus unter /metrics, ohne Anmeldung."""
    session_hours: Annotated[int, Field(ge=1, le=24)] = 10
    """Nach so vielen Stunden muss man sich neu anmelden; nach zwei Stunden ohne Klick immer."""

    @property
    def address(self) -> tuple[str, int]:
        """(host, port) to listen on. Raises ValueError for what is none."""
        host, _, port = self.listen.rpartition(":")
        if not host or not 0 < int(port) < 65536:
            raise ValueError(f"no address with a port: {self.listen!r}")
        return host.strip("[]"), int(port)
