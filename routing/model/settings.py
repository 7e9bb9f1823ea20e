"""What config.toml may say, and the rules in force: frozen values, checked by pydantic.

With ``rule_files`` the single list of keys: JSON Schema, "meinten Sie …?" and a test of the shipped file rest on it.
German descriptions are for staff. The file is read and explained in ``routing.config``; nothing here does I/O.
"""

from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SkipValidation

from intake.settings import DropFolderSettings, Login, MailboxSettings, Table, Words
from routing.model.decision import Urgency
from routing.model.forms import Form
from routing.model.gazetteer import Gazetteer
from routing.model.library import EMPTY, KeptIndex
from routing.model.retention import RetentionSettings
from routing.model.watching import BrakeSettings, DeskSettings, OperatorSettings
from routing.model.web import WebSettings

FederalState = Literal[
    "BB", "BE", "BW", "BY", "HB", "HE", "HH", "MV", "NI", "NW", "RP", "SH", "SL", "SN", "ST", "TH", ""
]


class ContactDesk(Table):
    """[[city.contact.desks]]: wo Bürgerinnen und Bürger jemanden antreffen."""

    name: str
    """Name der Anlaufstelle."""
    address: str = ""
    """Straße und Hausnummer."""
    hours: Words = ()
    """Öffnungszeiten, wie sie in Schreiben stehen sollen: "Mo-Fr 10-20 Uhr"."""


class Contact(Table):
    """[city.contact]: wie die Stadt zu erreichen ist; steht in Schreiben an Bürgerinnen und Bürger."""

    mail: str = ""
    """E-Mail-Adresse für Hinweise."""
    phone: str = ""
    """Rufnummer für Hinweise."""
    desks: tuple[ContactDesk, ...] = ()
    """Anlaufstellen mit Öffnungszeiten."""


class CitySettings(Table):
    """[city]: die Stadt, für die das Programm arbeitet."""

    name: str
    """Name der Stadt, wie er in Schreiben steht."""
    signature: str = ""
    """Unterschrift der Schreiben; ohne Angabe „Stadt“ und der Name."""
    reference: str
    """Erster Teil der Vorgangsnummern, z. B. "KOD" für KOD-2026-000123; zwei bis zehn große Buchstaben."""
    duty_desk: str
    """Kürzel der Leitstelle: Sie bekommt jeden Notfall, entscheidet Klärungsfälle und bekommt deren Liste."""
    holidays: FederalState = ""
    """Bundesland, dessen Feiertage gelten, z. B. "NW" oder "BY"; leer = keine."""
    gazetteer: Path | None = None
    """Ortsverzeichnis: Straßen, Plätze, Stadtteile, bekannte Orte und Nachbarorte."""
    other_bodies: Words = ()
    """Weitere Stellen, die in Antworten genannt werden und keine Schreiben bekommen."""
    plates: Words = ()
    """Kfz-Kennzeichen der Gegend, z. B. ["KR", "MG"]; geschwärzt werden sie auch klein geschrieben und ohne Strich."""
    self_service: str = ""
    """Adresse der Seite, auf der Bürgerinnen und Bürger selbst melden können."""
    contact: Contact = Field(default_factory=Contact)
    """Wie die Stadt zu erreichen ist."""

    @property
    def signed(self) -> str:
        """How letters are signed."""
        return self.signature or f"Stadt {self.name}"


class ServiceSettings(Table):
    """[service]: das Programm selbst."""

    data: Path = Path("data")
    """Ordner für die Datenbank und den Zustand; gerechnet vom Ordner dieser Datei aus."""
    database: str | None = None
    """Andere Datenbank als SQLAlchemy-URL, z. B. "postgresql+psycopg://kod@localhost/kod"."""


class SmtpSettings(Login):
    """[smtp]: der Server, über den Schreiben hinausgehen."""

    from_: Annotated[str, Field(alias="from")]
    """Absender aller Schreiben."""
    reply_to: str | None = None
    """Adresse für Antworten; ohne Angabe der Absender."""
    send: bool = True
    """false = Probebetrieb ohne Versand: Schreiben werden verfasst und angehalten, keines verlässt das Haus."""
    redirect_to: str | None = None
    """Probebetrieb: Alles, was hinausginge, geht nur an diese eine Adresse."""
    connections: Annotated[int, Field(ge=1, le=20)] = 4
    """So viele Verbindungen gleichzeitig zum Mailserver für gewöhnliche Schreiben; Dringendes hat eine eigene dazu."""


class OfficeHours(Table):
    """[office]: wann gearbeitet wird."""

    days: str = "Mo-Fr"
    """Arbeitstage, z. B. "Mo-Fr" oder "Mo, Mi, Fr"."""
    times: str = "08:00-16:30"
    """Dienstzeit, z. B. "08:00-16:30"."""
    closed: tuple[str, ...] = ()
    """Geschlossene Tage, die keine Feiertage sind: "24.12.", "Rosenmontag", "Altweiber" oder "02.01.2027"."""
    holidays: FederalState | None = None
    """Bundesland, an dessen Feiertagen nicht gearbeitet wird; "" = keine; ohne Angabe das aus [city]."""


class AcknowledgementSettings(Table):
    """[acknowledgement]: Eingangsbestätigung an Bürgerinnen und Bürger, die eine E-Mail geschrieben haben."""

    send: bool = False
    """true = Bestätigung mit Vorgangsnummer und Notrufhinweis, je Absender höchstens eine am Tag."""
    forwarded: bool = False
    """true = dazu die Nachricht, an wen weitergeleitet wurde, sobald die Stelle das Schreiben angenommen hat."""


class LinkingSettings(Table):
    """[linking]: mehrere Meldungen über dasselbe werden gezählt statt mehrmals weitergeleitet; Dringendes nie."""

    days: Annotated[int, Field(ge=0, le=60)] = 7
    """So viele Tage lang zählt eine weitere Meldung zur ersten, solange die offen ist; 0 = jede geht hinaus."""
    place: Literal["hausnummer", "strasse"] = "hausnummer"
    """Wann es derselbe Ort ist: "hausnummer" = Straße und Hausnummer stimmen, "strasse" = die Straße genügt."""
    further_hours: Annotated[int, Field(ge=0, le=720)] = 24
    """Von weiteren Meldungen erfährt die Stelle gesammelt, frühestens so viele Stunden nach ihrem letzten; 0 = nie."""


class FilesSettings(Table):
    """[files]: weitere Dateien neben dieser."""

    library: Path | None = None
    """Ordner mit einer eigenen Regelbibliothek an Stelle der mitgelieferten."""
    vocabulary: Path | None = None
    """Eigene Wortlisten (@name) für die Regeln."""
    templates: Path | None = None
    """Ordner mit eigenen Vorlagen; was dort fehlt, wird mitgeliefert genommen."""


class Recipient(Table):
    """[recipients.NAME]: eine Stelle, an die weitergeleitet wird."""

    name: str
    """Name der Stelle, wie er in Schreiben steht."""
    address: Words
    """E-Mail-Adresse(n)."""
    schedule: Words = ()
    """Zeiten der Sammelliste: "Mo-Fr 07:30"."""
    weekly: str = "Mo 08:00"
    """Zeit der Wochenliste (Dringlichkeit "liste")."""
    urgent_address: Words = ()
    """Adresse(n) für dringende Hinweise außerhalb der Dienstzeit."""
    office: OfficeHours | None = None
    """Eigene Dienstzeiten; ohne Angabe gelten die aus [office]."""
    domains: Words = ()
    """Domänen, aus denen Antworten dieser Stelle kommen; ohne Angabe die ihrer Adressen."""
    acknowledge_minutes: Annotated[int, Field(ge=0, le=1440)] = 0
    """So viele Minuten hat die Stelle, auf ein dringendes Schreiben zu antworten; danach kommt es noch einmal, und die
    Leitstelle wird gerufen. 0 = nie."""
    remind_days: Annotated[int, Field(ge=0, le=365)] = 0
    """Nach so vielen Arbeitstagen ohne Antwort wird die Stelle einmal erinnert; 0 = nie."""
    template: str = "forward"
    """Vorlage der Schreiben: Name im Vorlagenordner ohne Endung."""
    inside: bool = False
    """true = ein Amt der Stadt: Es bekommt auch Fotos und Hinweise, in denen vielleicht noch Personen genannt sind."""
    text: Literal["excerpt", "full", "none"] | None = None
    """Was die Stelle von den Worten der Bürgerin oder des Bürgers bekommt: "excerpt" = die Sätze zur Sache, aus
    bekannten Wörtern; "full" = alles bis auf das, was als Angabe zu Personen erkannt wird; "none" = nichts. Ohne
    Angabe "full" für Ämter der Stadt (inside = true), sonst "excerpt"."""
    share: tuple[Literal["contact"], ...] = ()
    """Was weitergegeben wird, wenn die Zustimmung festgehalten ist: "contact" = Name und Rückrufnummer."""

    @property
    def wording(self) -> Literal["excerpt", "full", "none"]:
        """What it gets of the citizen's words: ``text``, or what is usual for it."""
        return self.text or ("full" if self.inside else "excerpt")

    @cached_property
    def addresses(self) -> tuple[str, ...]:
        """All its addresses in order, those for urgent matters included, each once."""
        return tuple(dict.fromkeys((*self.address, *self.urgent_address)))

    @cached_property
    def folded_addresses(self) -> frozenset[str]:
        """The set of its addresses in small letters."""
        return frozenset(address.casefold() for address in self.addresses)

    @cached_property
    def answering(self) -> frozenset[str]:
        """The set of domains from which its answers come, in small letters."""
        named = self.domains or tuple(address.rpartition("@")[2] for address in self.addresses)
        return frozenset(domain.casefold() for domain in named if domain)

    def may_speak(self, sender: str) -> bool:
        """Whether ``sender``, an address in small letters, is one of its own or has one of its domains."""
        return sender in self.folded_addresses or sender.rpartition("@")[2] in self.answering


class Weights(Table):
    """[weights]: wie viel ein gefundenes Wort zählt."""

    subject: Annotated[float, Field(gt=0, le=10)] = 2
    """Ein Wort im Betreff."""
    text: Annotated[float, Field(gt=0, le=10)] = 1
    """Ein Wort im Text."""
    enough: Annotated[float, Field(gt=0, le=10)] = 1
    """So viel muss für einen Hinweis zusammenkommen, sonst kommt er in Klärung. Dringende Regeln gelten immer."""


class RuleTest(Table):
    """[[rules.tests]]: ein Beispiel, das stimmen muss, bevor eine geänderte Datei gilt."""

    text: str
    """Text einer erdachten Nachricht."""
    matches: bool = True
    """true: die Regel muss zutreffen; false: sie darf nicht zutreffen."""


class Wording(Table):
    """Was Regeln und Arten von Nachrichten gemeinsam haben: Name, Wörter, Beispiele."""

    name: str
    """Name der Regel; jeder nur einmal."""
    keywords: Annotated[tuple[str, ...], Field(min_length=1)]
    """Schlüsselwörter."""
    except_: Annotated[tuple[str, ...], Field(alias="except")] = ()
    """Diese Wörter zählen für diese Regel nicht; der übrige Text zählt weiter."""
    unless: tuple[str, ...] = ()
    """Kommt eines davon vor, gilt die Regel gar nicht."""
    tests: tuple[RuleTest, ...] = ()
    """Beispiele, die stimmen müssen."""


class RuleWording(Wording):
    """Was die Regeln der Bibliothek und die einer Stadt gemeinsam haben."""

    states: tuple[str, ...] = ()
    """Zustände, mit denen eine Sache ein Hinweis ist ("kaputt", "fehlt" …); leer = die Sache selbst ist einer."""
    yields: Literal["", "sentence", "message", "any"] = ""
    """Kein eigenes Schreiben, wenn ein anderer Hinweis der Nachricht an dieselbe Stelle geht: "sentence" = im selben
    Satz (ein Haufen, ein Schreiben), "message" = überall (die Wörter nennen nur den Ort). "any" = schwaches Wort: gilt
    nur, wenn keine andere Regel zutrifft, und nicht hinter „neben“, „vor“, „auf“ (da sagt es nur, wo etwas ist)."""
    weight: Annotated[float, Field(gt=0, le=1)] = 1
    """Wie viel ein Wort dieser Regel zählt: 1 = eines genügt; 0.5 = zwei verschiedene Wörter oder eines im Betreff."""
    priority: Annotated[int, Field(ge=-100, le=100)] = 0
    """Finden zwei Regeln dasselbe Wort, gilt die mit der höheren Zahl."""
    typos: bool = False
    """true = auch lange Wörter mit einem Tippfehler zählen („Matrazte“); nicht bei notfall und sofort."""


class Rule(RuleWording):
    """A rule in force; ``category`` is the name in letters, concerns of one ``id`` ("I03") are one."""

    id: str = ""
    category: str
    recipient: Words
    urgency: Urgency


class KindWording(Wording):
    """Was Arten von Nachrichten in der Bibliothek und in config.toml gemeinsam haben."""

    kind: str
    """Art der Nachricht, ein Wort, z. B. "einspruch"."""
    state: Literal["routed", "review", "kept"] = "review"
    """Was daraus wird: routed = an die Stelle, review = Klärung, kept = nur gespeichert."""


class KindRule(KindWording):
    """[[kinds]]: Nachrichten, die kein Hinweis sind (Einspruch, Dank, Presse …)."""

    recipient: Words = ()
    """Stelle, an die sie geht; leer = niemand, nur gespeichert oder zur Klärung."""


class Installation(Table):
    """What config.toml says beside its rules."""

    city: CitySettings
    service: ServiceSettings = Field(default_factory=ServiceSettings)
    mailboxes: dict[str, MailboxSettings] = Field(default_factory=dict)
    drop_folders: dict[str, DropFolderSettings] = Field(default_factory=dict)
    smtp: SmtpSettings
    operator: OperatorSettings
    office: OfficeHours = Field(default_factory=OfficeHours)
    desk: DeskSettings = Field(default_factory=DeskSettings)
    web: WebSettings = Field(default_factory=WebSettings)
    linking: LinkingSettings = Field(default_factory=LinkingSettings)
    brake: BrakeSettings = Field(default_factory=BrakeSettings)
    acknowledgement: AcknowledgementSettings = Field(default_factory=AcknowledgementSettings)
    retention: RetentionSettings = Field(default_factory=RetentionSettings)
    files: FilesSettings = Field(default_factory=FilesSettings)
    recipients: Annotated[dict[str, Recipient], Field(min_length=1)]
    weights: Weights = Field(default_factory=Weights)
    forms: tuple[Form, ...] = ()

    @property
    def body_names(self) -> dict[str, str]:
        """What the bodies are called, keyed by id, in order of the file."""
        return {name: recipient.name for name, recipient in self.recipients.items()}

    def body_name(self, body: str) -> str:
        """What the body with this id is called; the id itself where the file has it no more."""
        return self.recipients[body].name if body in self.recipients else body


class Settings(Installation):
    """The installation with the rules in force: the library's as the city has them, and its own."""

    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]
    kinds: tuple[KindRule, ...] = ()


Vocabulary = dict[str, tuple[str, ...]]
"""Named word lists: ``@möbel`` in a keyword stands for every word of the list "möbel"."""


class Configuration(Table):
    """Everything that a decision depends on, as loaded and checked.

    ``fingerprint``: SHA-256 (hex) over ``texts`` (name → content) and the program's version; ``warnings``: German.
    ``index``: what was kept of its compiled rules, if it was kept itself.
    """

    path: Path
    settings: Settings
    vocabulary: Vocabulary = Field(default_factory=dict)
    gazetteer: Gazetteer = Field(default_factory=Gazetteer)
    library: Annotated[Any, SkipValidation] = Field(default_factory=lambda: EMPTY, exclude=True)
    index: Annotated[Any, SkipValidation] = Field(default_factory=KeptIndex, exclude=True, repr=False)
    texts: dict[str, str] = Field(default_factory=dict)
    fingerprint: str
    warnings: tuple[str, ...] = ()
