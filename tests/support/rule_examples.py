"""Small settings for tests of the rules: only what a test is about, the rest valid and dull."""

from typing import Any

from intake.message import Message
from routing import rules
from routing.config.toml import document
from routing.model import gazetteer as gazetteers
from routing.model.decision import Decision
from routing.model.gazetteer import Gazetteer, GazetteerFile
from routing.model.settings import CitySettings, Contact, Settings, Vocabulary
from routing.rules import RuleSet
from tests import ROOT


def _krefeld() -> Gazetteer:
    read = document.read((ROOT / "gazetteer.toml").read_bytes(), "gazetteer.toml", GazetteerFile)
    assert read.value is not None
    return gazetteers.of(read.value, "Krefeld")


KREFELD = _krefeld()
"""The places that the program comes with."""


KREFELD_CITY = CitySettings(
    name="Krefeld",
    signature="Kommunaler Ordnungsdienst der Stadt Krefeld",
    reference="KOD",
    duty_desk="kod",
    holidays="NW",
    self_service="https://www.maak-et.de/",
    contact=Contact(mail="kod@krefeld.invalid", phone="02151 86-4000"),
)


def rule(name: str, *keywords: str, urgency: Any = "heute", **more: Any) -> dict[str, Any]:
    """A [[rules]] table; its category is its name unless said otherwise."""
    return {
        "name": name,
        "category": name,
        "recipient": "gsak",
        "urgency": urgency,
        "keywords": list(keywords),
        **more,
    }


def kind(name: str, *keywords: str, **more: Any) -> dict[str, Any]:
    """A [[kinds]] table; its kind is its name."""
    return {"name": name, "kind": name, "keywords": list(keywords), **more}


def settings(*tables: dict[str, Any], kinds: tuple[dict[str, Any], ...] = ()) -> Settings:
    return Settings.model_validate(
        {
            "city": {"name": "Krefeld", "reference": "KOD", "duty_desk": "kod", "holidays": "NW"},
            "smtp": {"host": "smtp.invalid", "from": "kod@stadt.invalid"},
            "operator": {"address": "betrieb@stadt.invalid"},
            "recipients": {
                name: {"name": name.upper(), "address": f"{name}@stadt.invalid"} for name in ("gsak", "kbk", "kod")
            },
            "rules": list(tables),
            "kinds": list(kinds),
        }
    )


def built(
    *tables: dict[str, Any], kinds: tuple[dict[str, Any], ...] = (), vocabulary: Vocabulary | None = None
) -> RuleSet:
    """The compiled rules; there must be nothing wrong with them."""
    rule_set, problems = rules.build(settings(*tables, kinds=kinds), vocabulary or {}, KREFELD)
    assert problems == ()
    return rule_set


def message(text: str, **more: Any) -> Message:
    return Message(channel="E-Mail", identity=b"", new_text=text, **more)


def decided(rule_set: RuleSet, text: str, **more: Any) -> Decision:
    return rules.classify(message(text, **more), rule_set)


def found(text: str, *keywords: str, vocabulary: Vocabulary | None = None, urgency: str = "heute") -> list[str]:
    """What a rule with these keywords finds in the text, as written there."""
    decision = decided(built(rule("Regel", *keywords, urgency=urgency), vocabulary=vocabulary), text)
    return [match.found for concern in decision.concerns for match in concern.matches]
