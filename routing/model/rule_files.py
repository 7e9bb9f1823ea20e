"""What files say of rules: the rule library (``LibraryFile``), and config.toml (``ConfigFile``).

The library says what words mean, of no city; config.toml says who gets which category and how fast, what the city
changes in rules of the library, and its own rules. ``routing.config.rulebook`` makes the rules in force of the two.
The German descriptions are the reference for staff.
"""

from typing import Annotated, Literal

from pydantic import Field

from intake.settings import Table, Words
from routing.model.decision import Urgency
from routing.model.settings import Installation, KindRule, KindWording, RuleTest, RuleWording


class LibraryRule(RuleWording):
    """[[rules]] der Bibliothek: was Wörter bedeuten; wer zuständig ist, sagt die Stadt."""

    category: str
    """Kennung der Kategorie, z. B. "S01"; Unterkategorien haben einen Bindestrich: "I06-baenke"."""
    urgency: Urgency | None = None
    """Nur wo es eiliger ist als sonst in der Kategorie: notfall, pruefen, sofort, heute oder sammel."""


class LibraryFile(Table):
    """Eine Datei der Regelbibliothek."""

    categories: dict[str, str] = Field(default_factory=dict)
    """Kategorien: Kennung = "Name, wie er in Schreiben steht"."""
    lists: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Wortlisten: name = ["wort", "wort"]; in einer Regel steht dafür @name."""
    rules: tuple[LibraryRule, ...] = ()
    """Regeln."""
    kinds: tuple[KindWording, ...] = ()
    """Arten von Nachrichten, die kein Hinweis sind."""


class VocabularyFile(Table):
    """The file of [files] vocabulary: a city's own word lists."""

    lists: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Wortlisten: name = ["wort", "wort"]; in einer Regel steht dafür @name."""


class OwnRule(LibraryRule):
    """[[rules]]: eine eigene Regel der Stadt."""

    category: str
    """Kennung einer Kategorie aus [responsible]; mit eigenen Angaben zu recipient und urgency auch ein freier Name."""
    urgency: Urgency | None = None
    """Dringlichkeit: notfall, pruefen, sofort, heute, sammel oder liste; ohne Angabe die der Kategorie."""
    recipient: Words = ()
    """Kürzel einer Stelle oder mehrerer; ohne Angabe die der Kategorie."""
    id: str = ""
    """Kennung einer Kategorie, die nicht in [responsible] steht, z. B. "S01"."""


class Responsible(Table):
    """[responsible]: wer eine Kategorie bekommt, und wie schnell; eine Zeile je Kategorie."""

    name: str = ""
    """Name der Kategorie, wie er in Schreiben steht; ohne Angabe der aus der Bibliothek."""
    recipient: Words
    """Kürzel einer Stelle oder mehrerer; [] = niemand: erkannt und gespeichert, aber nicht weitergeleitet."""
    urgency: Urgency | None = None
    """Dringlichkeit: notfall, pruefen, sofort, heute, sammel oder liste; nicht bei Arten von Nachrichten."""


class Change(Table):
    """[[changes]]: was die Stadt an einer Regel oder Wortliste der Bibliothek ändert."""

    rule: str = ""
    """Name der Regel."""
    list: str = ""
    """Oder Name der Wortliste, ohne @."""
    add: Words = ()
    """Schlüsselwörter, die dazukommen."""
    remove: Words = ()
    """Wörter, die aus der Regel oder Liste verschwinden (auch aus except und unless)."""
    except_: Annotated[Words, Field(alias="except")] = ()
    """Weitere Wörter, die für diese Regel nicht zählen."""
    unless: Words = ()
    """Weitere Wörter, bei denen die Regel gar nicht gilt."""
    off: bool = False
    """true = diese Regel gilt hier nicht."""
    category: str | None = None
    """Andere Kategorie."""
    urgency: Urgency | None = None
    """Andere Dringlichkeit als die der Kategorie."""
    states: tuple[str, ...] | None = None
    """Andere Zustände."""
    yields: Literal["", "sentence", "message", "any"] | None = None
    """Anderes yields, siehe [[rules]]."""
    weight: Annotated[float, Field(gt=0, le=1)] | None = None
    """Anderes Gewicht."""
    priority: Annotated[int, Field(ge=-100, le=100)] | None = None
    """Anderer Vorrang."""
    typos: bool | None = None
    """Tippfehler zählen (true) oder nicht (false)."""
    tests: tuple[RuleTest, ...] = ()
    """Weitere Beispiele, die stimmen müssen."""


class ConfigFile(Installation):
    """The whole of config.toml."""

    responsible: dict[str, Responsible] = Field(default_factory=dict)
    """Wer welche Kategorie bekommt, und wie schnell; ohne diese Tabelle gelten nur die eigenen Regeln."""
    changes: tuple[Change, ...] = ()
    """Was die Stadt an Regeln der Bibliothek ändert."""
    rules: tuple[OwnRule, ...] = ()
    """Eigene Regeln der Stadt."""
    kinds: tuple[KindRule, ...] = ()
    """Eigene Arten von Nachrichten, die kein Hinweis sind."""
