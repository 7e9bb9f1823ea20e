"""Every place of personal data, with the key of [retention] that ends it: the one table, in code.

A column, a file or a folder that is not in it fails a test: who adds one says here whether it is about a person, and
what ends it. ``record`` and the erasure's list of places are made of it. Pure.
"""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from types import MappingProxyType

from msgspec import Struct


class Rows(Struct, frozen=True):
    """A database table: German name, the key that ends its rows ("" = they are of no person), and its columns.

    ``personal`` columns hold, or may hold, words about a person: an erasure empties them. ``other`` ones hold none.
    """

    name: str
    key: str
    personal: tuple[str, ...] = ()
    other: tuple[str, ...] = ()


class Files(Struct, frozen=True):
    """Files or folders: how their names look, what they are (German), the key that ends them, and who does that.

    ``key`` is "" where no person is in them. ``by`` is German.
    """

    pattern: str
    name: str
    key: str
    by: str = "das Programm"


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


TABLES: Mapping[str, Rows] = MappingProxyType(
    {
        "messages": Rows(
            "Nachrichten",
            "cases",
            _words(
                "subject from_name from_addr reply_to contact place text new_text attachments mail_id references "
                "case_number returned problems consent date"
            ),
            _words(
                "id identity channel source received_at stored_at automatic kind follows edited size bytes_gone_at"
            ),
        ),
        "raw_messages": Rows("Urschriften mit Anhängen", "raw", ("data",), ("message_id",)),
        "arrivals": Rows("Fundstellen", "cases", ("key",), _words("id source message_id seen_at")),
        "files": Rows(
            "Zahlen zu gelesenen Listen",
            "",
            (),
            _words("source digest read_at rows stored forgotten handed_back unread"),
        ),
        "waiting": Rows("Was auf eine Entscheidung wartet", "", (), _words("message_id turn")),
        "stubborn": Rows(
            "Post, die der Mailserver nicht hergibt",
            "operations",
            _words("key reason"),
            _words("source tries copied since last_at"),
        ),
        "sources": Rows("Lesemarken", "", (), _words("name uid_validity uid_mark first_seen")),
        "heartbeats": Rows("Lebenszeichen", "", (), _words("name at")),
        "leases": Rows("Wer woran arbeitet", "", (), _words("name holder beat")),
        "events": Rows(
            "Verlauf: wer was wann getan hat",
            "cases",
            _words("actor detail"),
            _words("id at action case_id message_id"),
        ),
        "forgotten": Rows("Schlüsselhashes des Gelöschten", "figures", ("digest",), _words("why at")),
        "installation": Rows("Was die Installation von sich weiß", "", (), _words("name value")),
        "probes": Rows("Probesendungen", "operations", ("address",), _words("nonce sent_at state letter_id")),
        "snapshots": Rows(
            "Regelstände mit ihren Beispielen", "operations", ("texts",), _words("fingerprint version first_used")
        ),
        "decisions": Rows(
            "Entscheidungen mit gefundenen Wörtern",
            "cases",
            _words("actor reason detail"),
            _words("id message_id case_id at state kind category urgency recipients fingerprint"),
        ),
        "cases": Rows("Vorgänge", "cases", ("number",), _words("id opened_at message_id")),
        "counters": Rows("Zähler der Nummern", "", (), _words("name value")),
        "concerns": Rows(
            "Hinweise",
            "cases",
            _words("place waits_for likeness told"),
            _words("id case_id message_id position state category category_id urgency district opened_at"),
        ),
        "forwards": Rows(
            "Weiterleitungen",
            "cases",
            ("reason",),
            _words(
                "id concern_id recipient urgency template report_id photos planned_at due_at state letter_id answer "
                "answered_at chase_at chased call_at called"
            ),
        ),
        "letters": Rows(
            "Schreiben",
            "raw",
            _words("subject raw desk"),
            _words("id mail_id recipient urgency sender composed_at resend_of addresses forwards token listed"),
        ),
        "deliveries": Rows(
            "Zustellungen",
            "raw",
            _words("address reply"),
            _words("id letter_id rank state held due_at attempts in_doubt instance started_at finished_at"),
        ),
        "stopped": Rows("Adressen, die ein Server nicht kennt", "operations", _words("address reason"), ("since",)),
        "acknowledgements": Rows(
            "Antworten an Bürgerinnen und Bürger",
            "cases",
            ("address",),
            _words("id message_id case_id kind at letter_id"),
        ),
        "conditions": Rows("Störungen", "operations", ("text",), _words("name since")),
        "condition_observers": Rows(
            "Wer eine Störung sieht", "operations", ("causes",), _words("name observer instance")
        ),
        "figures": Rows(
            "Statistik",
            "figures",
            (),
            _words(
                "id counts first channel kind automatic state category category_id district urgency rules received_at "
                "stored_at decided_at closed_at reports was_in_review corrected handed_back"
            ),
        ),
        "figure_forwards": Rows(
            "Statistik: an wen",
            "figures",
            (),
            _words(
                "id figure_id recipient urgency state further planned_at due_at composed_at accepted_at answer "
                "answered_at chased"
            ),
        ),
        "holds": Rows(
            "Sperren",
            "protocol",
            _words("reason actor ended_by"),
            _words("id kind message_id since until ended_at"),
        ),
        "looks": Rows("Wer was angesehen hat", "looks", _words("actor what"), _words("id at action")),
        "deletions": Rows("Löschprotokoll", "protocol", ("actor",), _words("id at rule place count oldest newest")),
        "accounts": Rows(
            "Konten der Seiten",
            "operations",
            _words("name shown password"),
            _words("is_new roles created_at ended_at"),
        ),
        "web_sessions": Rows(
            "Wer auf den Seiten angemeldet ist",
            "operations",
            _words("account said"),
            _words("id form_token created_at seen_at"),
        ),
        "alembic_version": Rows("Stand der Datenbank", "", (), ("version_num",)),
    }
)
"""Every table of the database."""

DATA_FOLDER: tuple[Files, ...] = (
    Files("kod-intake.sqlite", "die Datenbank", "cases"),
    Files("kod-intake.sqlite-wal", "das Protokoll der Datenbank (WAL)", "cases"),
    Files("kod-intake.sqlite-shm", "gemeinsamer Speicher der Datenbank", ""),
    Files("kod-intake.sqlite-turn", "wer gerade schreibt", ""),
    Files("kod-intake.sqlite-turn-first", "wer es eilig hat", ""),
    Files("kod-intake.sqlite.identity", "Kennung der Datenbank", ""),
    Files("kod-intake.lock", "Sperre des Dienstes", ""),
    Files("kod-intake.sqlite.vor-restore-*", "die Datenbank von vor einem Zurückspielen", "copies"),
    Files("vor-restore-*.tar.gz", "Sicherung von vor einem Zurückspielen (PostgreSQL)", "copies"),
    Files("aus-sicherung-*", "Konfiguration und Zustand aus einer Sicherung", "copies"),
    Files(".kod-intake-*", "was gerade entsteht; danach gelöscht", "copies"),
    Files("last-good-config.json", "die letzte gute Konfiguration mit ihren Beispielen", "operations"),
    Files(".last-good-config.json.*", "dieselbe, während sie entsteht", "operations"),
    Files("outages", "Störungen, die gemeldet sind", "operations"),
    Files("erased", "Schlüsselhashes des Gelöschten, für ein Zurückspielen", "figures"),
    Files("erased.new", "dieselben, während sie entstehen", "figures"),
    Files("config-history", "frühere Fassungen von config.toml mit ihren Beispielen", "operations"),
    Files("in-hand-*", "welche Post gerade gelesen wird (Nummern)", ""),
    Files("tokens", "Anmeldung am Mailserver (OAuth)", ""),
)
"""What lies in the data folder, by name."""

ELSEWHERE: tuple[Files, ...] = (
    Files("Postfach: abgeholter Ordner", "Post, bis sie gespeichert ist", "raw", "das Programm räumt sie um"),
    Files("Postfach: Ordner für Gelesenes", "gelesene Post", "raw"),
    Files("Postfach: Ordner für Unlesbares", "unlesbare und zu große Post", "raw"),
    Files("Ablageordner", "Telefonlisten, bis sie gelesen sind", "", "das Programm räumt sie um"),
    Files("Ablageordner: erledigt", "gelesene Telefonlisten, Protokolle, Reste", "keep_days"),
    Files("Ablageordner: unlesbar", "unlesbare Telefonlisten", "keep_days"),
    Files("Sicherungen (backup)", "Abzüge der Datenbank und des Zustands", "", "der Betrieb (--keep)"),
    Files("Systemprotokoll (journald)", "Meldungen des Dienstes, ohne Inhalte", "", "der Betrieb (MaxRetentionSec)"),
    Files("Postfächer der Stellen und der Leitstelle", "Schreiben des Programms", "", "die Stelle, auf Nachricht"),
    Files("Adresse und Kommando des Betriebs", "Störungsmeldungen, ohne Inhalte von Nachrichten", "", "der Betrieb"),
    Files("Ausgaben von classify, export, show", "was ein Mensch sich ausgeben ließ", "", "wer sie angefordert hat"),
)
"""Places outside database and data folder."""


def of_file(name: str) -> Files | None:
    """The entry for what lies in the data folder under ``name`` (its first part counts); None when it is unknown."""
    first = name.split("/", 1)[0]
    return next((one for one in DATA_FOLDER if fnmatchcase(first, one.pattern)), None)


def personal() -> Iterator[tuple[str, Rows]]:
    """The tables that hold words about persons: pairs of (name, table), in order."""
    return ((name, rows) for name, rows in TABLES.items() if rows.personal)
