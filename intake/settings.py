"""What config.toml may say about the sources: mailboxes and drop folders. Frozen values, checked by pydantic.

The German descriptions are the reference for staff: they appear in the JSON Schema that editors show. The file itself
is read, and its mistakes are explained, in ``routing.config``; nothing here does I/O, but that the descriptions are
read from the source when somebody asks for them: at every start (``use_attribute_docstrings``) that would take longer
than all else about the models. Paths are absolute once
``routing.config`` has loaded the file (relative ones count from the file's folder).
"""

import ast
import inspect
import sys
from collections.abc import Mapping
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetJsonSchemaHandler
from pydantic_core import CoreSchema

Security = Literal["tls", "starttls", "none"]
Port = Annotated[int, Field(ge=1, le=65535)]


class Table(BaseModel):
    """A table of config.toml: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The JSON Schema with what each key means."""
        described = handler(core_schema)
        keys = handler.resolve_ref_schema(described).get("properties", {})
        meanings = meanings_of(cls)
        for name, field in cls.model_fields.items():
            key = field.alias if field.alias in keys else name
            if key in keys and name in meanings:
                keys[key].setdefault("description", meanings[name])
        return described


def meanings_of(table: type) -> Mapping[str, str]:
    """What the fields of a class mean, by their names, inherited ones too: the strings below them; never fails."""
    said: dict[str, str] = {}
    for owner in reversed(table.__mro__):
        said |= _said_in(owner.__module__).get(owner.__qualname__, {})
    return said


@cache
def _said_in(module: str) -> Mapping[str, Mapping[str, str]]:
    try:
        tree = ast.parse(inspect.getsource(sys.modules[module]))
    except (KeyError, OSError, TypeError):  # it has no source
        return {}
    return {table.name: _said_below(table) for table in tree.body if isinstance(table, ast.ClassDef)}


def _said_below(table: ast.ClassDef) -> Mapping[str, str]:
    return {
        field.target.id: inspect.cleandoc(text.value.value)
        for field, text in pairwise(table.body)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant) and isinstance(text.value.value, str)
    }


def _one_or_many(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Words = Annotated[tuple[str, ...], BeforeValidator(_one_or_many)]


class OAuthSettings(Table):
    """[mailboxes.NAME.oauth] und [smtp.oauth]: Anmeldung mit einem Token statt mit einem Passwort."""

    token_url: str
    """Adresse, die Token ausstellt (token endpoint); nur https."""
    client_id: str
    """Kennung der Anwendung, unter der das Programm beim Anbieter angemeldet ist."""
    scope: str = ""
    """Wofür das Token gelten soll, z. B. "https://outlook.office365.com/.default"."""
    grant: Literal["client_credentials", "refresh_token"] = "client_credentials"
    """Woher das Recht kommt: "client_credentials" (die Anwendung selbst) oder "refresh_token" (ein Mensch gab es)."""
    client_secret_file: Path | None = None
    """Datei, in deren erster Zeile das Geheimnis der Anwendung steht."""
    client_secret_env: str | None = None
    """Name einer Umgebungsvariablen mit dem Geheimnis der Anwendung."""
    refresh_token_file: Path | None = None
    """Datei, in deren erster Zeile das Refresh-Token steht."""
    refresh_token_env: str | None = None
    """Name einer Umgebungsvariablen mit dem Refresh-Token."""
    ca_file: Path | None = None
    """Eigene Zertifizierungsstelle (PEM), wenn token_url kein öffentlich bekanntes Zertifikat hat."""
    timeout_seconds: Annotated[float, Field(gt=0, le=120)] = 20
    """So lange darf eine Anfrage nach einem Token dauern."""


class Login(Table):
    """How to reach a mail server: shared by mailboxes and the sending side."""

    host: str
    """Name des Servers, z. B. "imap.example.de"."""
    port: Port | None = None
    """Port; ohne Angabe der übliche der gewählten Verschlüsselung."""
    security: Security = "tls"
    """Verschlüsselung: "tls", "starttls" oder "none" ("none" nur für den eigenen Rechner)."""
    user: str = ""
    """Anmeldename; leer = ohne Anmeldung."""
    password_file: Path | None = None
    """Datei, in deren erster Zeile das Passwort steht. Nie das Passwort selbst in diese Datei schreiben."""
    password_env: str | None = None
    """Name einer Umgebungsvariablen mit dem Passwort."""
    ca_file: Path | None = None
    """Eigene Zertifizierungsstelle (PEM), wenn der Server kein öffentlich bekanntes Zertifikat hat."""
    timeout_seconds: Annotated[float, Field(gt=0, le=600)] = 60
    """So lange darf ein einzelner Schritt mit dem Server dauern."""
    oauth: OAuthSettings | None = None
    """Anmeldung mit einem Token statt mit einem Passwort, wie Exchange Online sie verlangt."""


class MailboxSettings(Login):
    """[mailboxes.NAME]: ein Postfach, das abgeholt wird."""

    folder: str = "INBOX"
    """Ordner, der abgeholt wird."""
    done: str = "kod-intake/Erledigt"
    """Ordner für gelesene Nachrichten; wird angelegt, wenn er fehlt."""
    unreadable: str = "kod-intake/Unlesbar"
    """Ordner für Nachrichten, die zu groß oder nicht lesbar sind; wird angelegt, wenn er fehlt."""
    poll_seconds: Annotated[float, Field(ge=1, le=86400)] = 60
    """So oft wird nachgesehen, auch wenn der Server sich nicht meldet."""
    idle: bool = True
    """Auf neue Post warten (IMAP IDLE), statt nur alle poll_seconds nachzusehen."""
    max_size: Annotated[int, Field(ge=1_000_000)] = 40_000_000
    """Größte Nachricht in Byte; von größeren werden Kopf und das erste Megabyte gespeichert."""
    since: date | None = None
    """Stichtag für die erste Inbetriebnahme: Ältere Nachrichten bleiben unberührt liegen."""
    trusted_authserv_id: str = ""
    """Name, unter dem der eigene Mailserver den Absender prüft (Kopfzeile Authentication-Results). Mit einer
    Angabe zählen nur Antworten, deren Absender er belegt (DMARC, SPF oder DKIM der eigenen Domäne); leer = es genügt,
    dass nichts gegen den Absender spricht."""


class DropFolderSettings(Table):
    """[drop_folders.NAME]: ein Ordner, in den die Telefonliste gelegt wird."""

    folder: Path
    """Der Ordner; gelesene Dateien kommen in seinen Unterordner "erledigt"."""
    channel: str = "Telefon"
    """Name des Eingangswegs, wie er in Schreiben steht."""
    settle_seconds: Annotated[float, Field(ge=0, le=3600)] = 5
    """Eine Datei gilt als fertig, wenn sie sich so lange nicht geändert hat."""
    encoding: str | None = None
    """Zeichensatz, falls die automatische Wahl falsch ist, z. B. "cp1252"."""
    delimiter: Annotated[str, Field(min_length=1, max_length=4)] | None = None
    """Trennzeichen, falls die automatische Wahl falsch ist, z. B. ";" oder "\\t" (Tabulator)."""
    keep_days: Annotated[int, Field(ge=0, le=3650)] = 90
    """So viele Tage bleiben gelesene Dateien und ihre Protokolle liegen; 0 = nie löschen."""
    columns: dict[str, str] = Field(default_factory=dict)
    """Spaltennamen, falls die automatische Wahl falsch ist: columns = { text = "Sachverhalt" }."""
