"""What config.toml must mean beyond what its types can say: names that exist, addresses that are safe, times.

Each check yields all its faults; none stops at the first. Nothing here reads a file, a secret or the network.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel

from intake.base import did_you_mean, german
from intake.settings import Login, OAuthSettings
from routing.config import secrets
from routing.config.checks import addresses, channels, city, web
from routing.config.problems import Fault, KeyPath, shown
from routing.model.decision import Urgency
from routing.model.settings import KindRule, OfficeHours, Recipient, Rule, Settings
from routing.planning import schedule

_PLAIN_NAME = re.compile(r"[a-z0-9_-]+")
_CHECKED_ELSEWHERE = frozenset({"text", "address", "urgent_address", "from", "reply_to", "members"})
_PLAIN_ADVICE = "Erlaubt sind kleine Buchstaben a–z, Ziffern, _ und -; keine Umlaute, kein Pfad, keine Endung."


def faults(settings: Settings, *, recipients: bool = True) -> Iterator[Fault]:
    """Everything wrong with the meaning of ``settings``, one fault after the other, each with its key's path.

    Without ``recipients`` theirs are only stood in for. Raises nothing.
    """
    for check in (
        city.faults,
        _names,
        _texts,
        _servers,
        channels.faults,
        web.faults,
        _addresses,
        _domains,
        _times,
        _rule_names,
        _rule_states,
        _typos,
    ):
        yield from check(settings)
    if recipients:
        yield from city.duty_desk(settings)
        yield from _rule_recipients(settings)
        yield from _urgencies(settings)


def _names(settings: Settings) -> Iterator[Fault]:
    """Names of tables become credential names, template names file names: keep them plain."""
    for kind, named in settings:
        for name in named if isinstance(named, dict) else ():
            if not _PLAIN_NAME.fullmatch(name):
                yield Fault((kind, name), f"{shown(name)} ist kein einfacher Name.", _PLAIN_ADVICE)
    for name, recipient in settings.recipients.items():
        if not _PLAIN_NAME.fullmatch(recipient.template):
            what = f"{shown(recipient.template)} ist kein einfacher Name einer Vorlage."
            yield Fault(("recipients", name, "template"), what, _PLAIN_ADVICE)


def _texts(settings: Settings) -> Iterator[Fault]:
    """No line breaks or control characters where a text may become a header or a line of a log."""
    for path, text in _strings(settings, ()):
        if text.isprintable() or not _CHECKED_ELSEWHERE.isdisjoint(path):
            continue
        what = "Der Text enthält einen Zeilenumbruch, einen Tabulator oder ein anderes Steuerzeichen."
        advice = "Schreiben Sie ihn in eine Zeile; bei Pfaden mit \\ nehmen Sie ' statt \" als Anführungszeichen."
        yield Fault(path, what, advice)


def _strings(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    """The texts in ``value`` with their paths; lists of words that are printable throughout are passed over."""
    if isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            yield from _strings(getattr(value, name), (*path, field.alias or name))
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _strings(inner, (*path, key))
    elif isinstance(value, tuple):
        if not all(isinstance(inner, str) for inner in value) or not "".join(value).isprintable():
            for index, inner in enumerate(value):
                yield from _strings(inner, (*path, index))
    elif value is not None and not isinstance(value, bool | int | float):
        yield path, str(value)


def _servers(settings: Settings) -> Iterator[Fault]:
    for name, mailbox in settings.mailboxes.items():
        yield from _login(mailbox, ("mailboxes", name))
    yield from _login(settings.smtp, ("smtp",))
    if settings.service.database is not None and (fault := secrets.fault_in_url(settings.service.database)):
        yield fault


def _login(login: Login, path: KeyPath) -> Iterator[Fault]:
    if not login.host.strip():
        yield Fault((*path, "host"), "Der Name des Servers fehlt.", 'Zum Beispiel: host = "imap.example.invalid".')
    elif not re.fullmatch(r"[A-Za-z0-9._:-]+", login.host):
        yield Fault((*path, "host"), "Das ist kein Servername.", "Nur der Name, ohne https:// und ohne Port.")
    if login.security == "none" and not _is_loopback(login.host):
        what = 'Ohne Verschlüsselung ("none") gingen Passwort und Bürgerdaten lesbar durch das Netz.'
        advice = 'Nehmen Sie "tls" oder "starttls"; "none" ist nur für den eigenen Rechner (localhost) erlaubt.'
        yield Fault((*path, "security"), what, advice)
    if login.password_file is not None and login.password_env is not None:
        what = "password_file und password_env stehen beide hier; nur eines kann gelten."
        yield Fault((*path, "password_env"), what, "Löschen Sie eines von beiden.")
    if login.oauth is not None:
        yield from _oauth(login, login.oauth, path)


def _oauth(login: Login, oauth: OAuthSettings, path: KeyPath) -> Iterator[Fault]:
    inside = (*path, "oauth")
    if not login.user:
        what = "Zur Anmeldung mit einem Token fehlt der Anmeldename."
        yield Fault((*path, "user"), what, "Tragen Sie unter user die Adresse des Postfachs ein.")
    if login.password_file is not None or login.password_env is not None:
        key = "password_file" if login.password_file is not None else "password_env"
        what = "Hier stehen ein Passwort und eine Anmeldung mit Token (oauth); nur eines kann gelten."
        yield Fault((*path, key), what, "Löschen Sie eines von beiden.")
    for stem in ("client_secret", "refresh_token"):
        if getattr(oauth, f"{stem}_file") is not None and getattr(oauth, f"{stem}_env") is not None:
            what = f"{stem}_file und {stem}_env stehen beide hier; nur eines kann gelten."
            yield Fault((*inside, f"{stem}_env"), what, "Löschen Sie eines von beiden.")
    url = urlsplit(oauth.token_url) if "[" not in oauth.token_url else None
    if url is None or not url.hostname or (url.scheme != "https" and not _is_loopback(url.hostname)):
        what = "Das ist keine sichere Adresse; das Geheimnis der Anwendung ginge lesbar durch das Netz."
        yield Fault((*inside, "token_url"), what, "Die Adresse muss mit https:// beginnen.")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.casefold().rstrip(".") == "localhost"


def _domains(settings: Settings) -> Iterator[Fault]:
    """Whoever writes from one of them speaks for the body, so a slip must not open that to everybody."""
    for name, recipient in settings.recipients.items():
        for index, domain in enumerate(recipient.domains):
            if not re.fullmatch(r"(?:[A-Za-z0-9-]+\.)+[A-Za-z0-9-]{2,}", domain):
                what = f"{shown(domain)} ist keine Domäne."
                yield Fault(("recipients", name, "domains", index), what, 'Zum Beispiel: "bauhof.example", ohne @.')


def _addresses(settings: Settings) -> Iterator[Fault]:
    own = addresses.own(settings)
    yield from _address(settings.smtp.from_, ("smtp", "from"), {})
    if settings.smtp.reply_to is not None:
        yield from _address(settings.smtp.reply_to, ("smtp", "reply_to"), {})
    for path, address in _destinations(settings):
        yield from _address(address, path, own)
    for index, member in enumerate(settings.desk.members):
        yield from _address(parseaddr(member)[1] or member, ("desk", "members", index), own)


def _destinations(settings: Settings) -> Iterator[tuple[KeyPath, str]]:
    lists: dict[KeyPath, tuple[str, ...]] = {
        ("operator", "address"): settings.operator.address,
        ("operator", "report"): settings.operator.report,
    }
    if settings.smtp.redirect_to is not None:
        yield ("smtp", "redirect_to"), settings.smtp.redirect_to
    for name, recipient in settings.recipients.items():
        lists["recipients", name, "address"] = recipient.address
        lists["recipients", name, "urgent_address"] = recipient.urgent_address
    for path, texts in lists.items():
        yield from (((*path, index), text) for index, text in enumerate(texts))


def _address(text: str, path: KeyPath, own: dict[str, str]) -> Iterator[Fault]:
    if complaint := addresses.complaint(text):
        yield Fault(path, f"{shown(text)}: {complaint[0]}", complaint[1])
    elif ours := own.get(addresses.plain(text)):
        what = f"{shown(text)} ist unsere eigene Adresse ({ours}); das Schreiben käme zu uns zurück."
        yield Fault(path, what, "Tragen Sie eine Adresse ein, die ein Mensch in einem anderen Postfach liest.")


def _times(settings: Settings) -> Iterator[Fault]:
    yield from _office(settings.office, ("office",))
    for index, text in enumerate(settings.desk.schedule):
        yield from _spoken(("desk", "schedule", index), schedule.parse_slots, text)
    for index, text in enumerate(settings.operator.summary):
        yield from _spoken(("operator", "summary", index), schedule.parse_slots, text)
    if settings.operator.probe:
        yield from _spoken(("operator", "probe"), schedule.parse_slots, schedule.with_days(settings.operator.probe))
    for name, recipient in settings.recipients.items():
        path: KeyPath = ("recipients", name)
        for index, text in enumerate(recipient.schedule):
            yield from _spoken((*path, "schedule", index), schedule.parse_slots, text)
        yield from _weekly(recipient, (*path, "weekly"))
        if recipient.office is not None:
            yield from _office(recipient.office, (*path, "office"))


def _weekly(recipient: Recipient, path: KeyPath) -> Iterator[Fault]:
    found = list(_spoken(path, schedule.parse_slots, recipient.weekly))
    yield from found
    if not found and sum(len(slot.days) for slot in schedule.parse_slots(recipient.weekly)) != 1:
        what = f"{shown(recipient.weekly)} ist mehr als ein Zeitpunkt in der Woche."
        yield Fault(path, what, 'Die Wochenliste geht einmal in der Woche hinaus, z. B. "Mo 08:00".')


def _office(office: OfficeHours, path: KeyPath) -> Iterator[Fault]:
    days = list(_spoken((*path, "days"), lambda text: schedule.parse_hours(text, "08:00-16:00"), office.days))
    yield from days
    yield from _spoken((*path, "times"), lambda text: schedule.parse_hours("Mo", text), office.times)
    for index, text in enumerate(office.closed):
        yield from _spoken((*path, "closed", index), schedule.parse_closed, text)


def _spoken(path: KeyPath, parse: Callable[[str], object], text: str) -> Iterator[Fault]:
    """What the parser says against the text; its ValueError is a German sentence."""
    try:
        parse(text)
    except ValueError as error:
        yield Fault(path, str(error))


def _rule_names(settings: Settings) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for path, rule in _rules(settings):
        name = " ".join(rule.name.casefold().split())
        if not name:
            yield Fault((*path, "name"), "Der Name der Regel ist leer.", "Geben Sie ihr einen kurzen, klaren Namen.")
        elif name in seen:
            what = f"Den Namen {shown(rule.name)} hat schon {seen[name]}."
            yield Fault((*path, "name"), what, "Jeder Name darf nur einmal vorkommen, auch zwischen rules und kinds.")
        else:
            seen[name] = f"eine Regel weiter oben (Nr. {int(path[1]) + 1} der [[{path[0]}]])"


def _rules(settings: Settings) -> Iterator[tuple[KeyPath, Rule | KindRule]]:
    for index, rule in enumerate(settings.rules):
        yield ("rules", index), rule
    for index, kind in enumerate(settings.kinds):
        yield ("kinds", index), kind


def _rule_recipients(settings: Settings) -> Iterator[Fault]:
    known = settings.recipients
    for path, rule in _rules(settings):
        for index, name in enumerate(rule.recipient):
            if name not in known:
                guess = _by_name(name, known) or did_you_mean.sentence(name, known)
                advice = f"Bekannt sind: {german.listed(sorted(known))}. Eine neue Stelle braucht [recipients.NAME]."
                yield Fault((*path, "recipient", index), f"{shown(name)} ist keine bekannte Stelle.{guess}", advice)


def _by_name(name: str, known: Mapping[str, Recipient]) -> str:
    """The key of the body that somebody wrote by its name."""
    several = re.split(r"\s*(?:[,;/]|\bund\b)\s*", name.strip())
    if len(several) > 1 and all(part in known for part in several):
        quoted = ", ".join(f'"{part}"' for part in several)
        return f" Mehrere Stellen schreiben Sie so: [{quoted}]."
    written = name.casefold()
    keys = (key for key, one in known.items() if written in (one.name.casefold(), f"{key} ({one.name})".casefold()))
    return f" Ihr Kürzel ist „{key}“." if (key := next(keys, "")) else ""


def _rule_states(settings: Settings) -> Iterator[Fault]:
    for path, rule in _rules(settings):
        if isinstance(rule, KindRule) and rule.state == "routed" and not rule.recipient:
            what = 'state = "routed" braucht eine Stelle, an die es gehen soll.'
            yield Fault((*path, "state"), what, "Ergänzen Sie recipient, oder nehmen Sie review oder kept.")


def _typos(settings: Settings) -> Iterator[Fault]:
    """A guessed word must never alarm anybody; a person may look at it."""
    for index, rule in enumerate(settings.rules):
        if rule.typos and rule.urgency.is_urgent and rule.urgency is not Urgency.PRUEFEN:
            what = f"Bei der Dringlichkeit {rule.urgency} sind Tippfehler nicht erlaubt (typos = true)."
            advice = (
                "Nehmen Sie häufige Falschschreibungen als eigene Schlüsselwörter auf, oder geben Sie ihnen eine "
                'eigene Regel mit urgency = "pruefen": Dann sieht die Leitstelle sofort nach.'
            )
            yield Fault(("rules", index, "typos"), what, advice)


def _urgencies(settings: Settings) -> Iterator[Fault]:
    """A digest needs a time to go out at."""
    missed: set[str] = set()
    for index, rule in enumerate(settings.rules):
        path: KeyPath = ("rules", index, "urgency")
        if rule.urgency is not Urgency.SAMMEL:
            continue
        for name in rule.recipient:
            recipient = settings.recipients.get(name)
            if recipient is not None and not recipient.schedule and name not in missed:
                missed.add(name)
                what = f"Die Stelle „{name}“ bekommt Hinweise der Dringlichkeit sammel, hat aber keine Sammelzeiten."
                advice = f'Ergänzen Sie bei [recipients.{name}] zum Beispiel: schedule = ["Mo-Fr 07:30"].'
                yield Fault(path, what, advice)
