"""What [city] must mean: a name, a prefix that a subject can carry, a duty desk that exists."""

import re
from collections.abc import Iterator

from intake.base import did_you_mean, german
from routing.config.checks import addresses
from routing.config.problems import Fault, shown
from routing.model.decision import Urgency
from routing.model.settings import Settings

_REFERENCE = re.compile(r"[A-Z]{2,10}")
_PAGE = re.compile(r"https?://[^\s/]+\.[^\s]+")


def faults(settings: Settings) -> Iterator[Fault]:
    """Everything wrong with [city] itself."""
    city = settings.city
    if not city.name.strip():
        yield Fault(("city", "name"), "Der Name der Stadt fehlt.", "Er steht in jedem Schreiben.")
    if not _REFERENCE.fullmatch(city.reference):
        what = f"{shown(city.reference)} kann keine Vorgangsnummern beginnen."
        yield Fault(("city", "reference"), what, "Nehmen Sie zwei bis zehn große Buchstaben ohne Umlaute.")
    if city.self_service and not _PAGE.fullmatch(city.self_service):
        what = f"{shown(city.self_service)} ist keine Adresse einer Seite."
        yield Fault(("city", "self_service"), what, "Sie beginnt mit https://.")
    if city.contact.mail and (complaint := addresses.complaint(city.contact.mail)):
        yield Fault(("city", "contact", "mail"), f"{shown(city.contact.mail)}: {complaint[0]}", complaint[1])


def duty_desk(settings: Settings) -> Iterator[Fault]:
    """The duty desk must be one of the recipients; an emergency goes to it alone."""
    desk, known = settings.city.duty_desk, settings.recipients
    if desk not in known:
        what = f"{shown(desk)} ist keine bekannte Stelle.{did_you_mean.sentence(desk, known)}"
        advice = f"Bekannt sind: {german.listed(sorted(known))}. Jeder Notfall geht an die Leitstelle."
        yield Fault(("city", "duty_desk"), what, advice)
        return
    for index, rule in enumerate(settings.rules):
        others = [name for name in rule.recipient if name != desk]
        if rule.urgency.is_alarm and others:
            what = f"Ein Notfall geht nur an „{desk}“; {german.listed(others)} bekommt ihn nicht."
            if rule.urgency is Urgency.PRUEFEN:
                what = f"Was pruefen heißt, sieht nur „{desk}“ an; {german.listed(others)} bekommt es nicht."
            yield Fault(("rules", index, "recipient"), what, severity="warning")
