"""config.toml, the rule library and the files named → ``Configuration``: reads, collects what is wrong, decides.

``load`` reads config.toml, what the environment says in its place, the rule library and the files named (word lists,
streets), nothing else: no secret, no network. It either gives a whole configuration or raises ``ConfigurationError``
with all problems, each with its line; there is no half-loaded state. Whoever reloads keeps the old configuration when
it raises.
"""

import functools
import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct, field

import intake
from intake.settings import OAuthSettings, Table
from routing.config import files, library
from routing.config.checks import forms, rules, semantics
from routing.config.checks import gazetteer as gazetteer_checks
from routing.config.problems import ConfigurationError, Fault, KeyPath, Problem, in_order
from routing.config.rulebook import sources
from routing.config.toml import document, encoding, environment
from routing.model import gazetteer as gazetteers
from routing.model.gazetteer import Gazetteer, GazetteerFile
from routing.model.rule_files import ConfigFile, VocabularyFile
from routing.model.settings import Configuration, Installation, OfficeHours, Recipient, Vocabulary

_ADVICE = "Prüfen Sie Namen, Ordner und Leserechte."


def load(
    path: Path, *, prove: bool = True, aside: rules.Aside = lambda work: work(), draft: str | None = None
) -> Configuration:
    """Everything that ``path`` says, checked. Raises ConfigurationError with all problems, sorted by line.

    ``prove`` tries the rules' examples and whether a mask silences an urgent word, which takes longest. It may be left
    out where nothing goes live; ``aside`` calls what tries them; ``draft`` is what the file may come to say.
    """
    path = path.absolute()
    try:
        raw = files.content(path) if draft is None else draft.encode()
    except ValueError as error:
        raise ConfigurationError((Problem(None, None, "", str(error), _ADVICE, file=path.name),), path) from None
    said = functools.partial(_environment, os.environ)
    read = document.read(raw, path.name, ConfigFile, said)
    problems = read.problems + read.located(read.faults)
    if read.value is None:
        raise ConfigurationError(in_order(problems), path)
    problems += _unknown_variables(read.value)
    config = _completed(read.value, path.parent)
    words = _word_files(config)
    books, unread = sources.read(config.files.library)
    rulebook = sources.Sources(read, config, books, words.vocabulary)
    for book in books:
        problems += book.problems + book.located(book.faults)
    settings, vocabulary = rulebook.settings, rulebook.merged.vocabulary
    problems += rulebook.located([*rulebook.faults, *unread, *words.faults], placed=True)
    faults = list(semantics.faults(settings, recipients=read.trusts(("recipients",))))
    if not words.faults and not words.problems and not unread:
        sound = prove and rulebook.is_complete and all(fault.severity == "warning" for fault in rulebook.faults)
        faults += forms.faults(settings, library.load(library.signs(config.files.library)))
        faults += rules.faults(rulebook, words.gazetteer, examples=sound, aside=aside)
    found = in_order(problems + rulebook.located(faults) + words.problems)
    if any(problem.severity == "error" for problem in found):
        raise ConfigurationError(found, path)
    texts = files.by_name([(path, read.text), *words.texts, *_library_texts(config)])
    return Configuration.model_construct(  # its parts have been checked
        path=path,
        settings=settings,
        vocabulary=vocabulary,
        gazetteer=words.gazetteer,
        library=library.load(library.signs(config.files.library)),
        texts=texts,
        fingerprint=fingerprint(texts),
        warnings=tuple(map(str, found)),
    )


def _environment(environ: Mapping[str, str], values: Mapping[str, Any]) -> environment.Said:
    """What the variables say about an installation with the mailboxes that the file names."""
    mailboxes = values.get(environment.MAILBOXES)
    return environment.read(environ, mailboxes if isinstance(mailboxes, dict) else ())


def _unknown_variables(config: ConfigFile) -> tuple[Problem, ...]:
    """A hint for each variable that looks like ours, says nothing and holds no secret."""
    logins = [config.smtp, *config.mailboxes.values()]
    secret = {login.password_env for login in logins}
    secret |= {name for login in logins if login.oauth for name in _secrets(login.oauth)}
    unknown = environment.read(os.environ, config.mailboxes).unknown
    what, advice = "Diese Umgebungsvariable kennt das Programm nicht.", "Alle zeigt: kod-intake schema --environment"
    return tuple(
        Problem(None, None, "", what, advice, "warning", f"Umgebungsvariable {name}")
        for name in unknown
        if name not in secret
    )


def _secrets(oauth: OAuthSettings) -> tuple[str | None, ...]:
    return oauth.client_secret_env, oauth.refresh_token_env


def _library_texts(config: Installation) -> list[tuple[Path, str]]:
    paths = library.paths(config.files.library)
    return [(path, encoding.decode(files.content(path), path.name)[0]) for path in paths]


def fingerprint(texts: Mapping[str, str]) -> str:
    """SHA-256 (hex, 64 characters) over the program's version and every file's name and content."""
    digest = hashlib.sha256(intake.__version__.encode())
    for name, text in sorted(texts.items()):
        for part in (name, text):
            encoded = part.encode()
            digest.update(f":{len(encoded)}:".encode() + encoded)
    return digest.hexdigest()


def _completed(settings: ConfigFile, folder: Path) -> ConfigFile:
    """Relative paths count from the folder of config.toml; office hours without holidays have those of the city."""

    def office(one: OfficeHours) -> OfficeHours:
        return one.model_copy(update={"holidays": settings.city.holidays}) if one.holidays is None else one

    def recipient(one: Recipient) -> Recipient:
        return one if one.office is None else one.model_copy(update={"office": office(one.office)})

    return settings.model_copy(
        update=_absolute(settings, folder)
        | {
            "office": office(settings.office),
            "recipients": {name: recipient(one) for name, one in settings.recipients.items()},
        }
    )


def _absolute(table: Table, folder: Path) -> dict[str, Any]:
    """What changes in ``table`` when its relative paths, and those of the tables in it, count from ``folder``."""
    given = {key: getattr(table, key) for key in type(table).model_fields}
    return {key: moved for key, value in given.items() if (moved := _moved(value, folder)) is not value}


def _moved(value: Any, folder: Path) -> Any:
    if isinstance(value, Path):
        return Path(os.path.normpath(folder / value))
    if isinstance(value, Table):
        return value.model_copy(update=changed) if (changed := _absolute(value, folder)) else value
    if isinstance(value, dict) and value:  # named tables
        moved = {name: _moved(inner, folder) for name, inner in value.items()}
        return moved if any(moved[name] is not value[name] for name in value) else value
    return value


class _WordFiles(Struct):
    """What the files named in config.toml say; what is wrong: ``faults`` at their keys, ``problems`` in the files."""

    vocabulary: Vocabulary = field(default_factory=dict)
    gazetteer: Gazetteer = Gazetteer()
    texts: list[tuple[Path, str]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    problems: tuple[Problem, ...] = ()

    def content(self, key: KeyPath, path: Path | None) -> bytes | None:
        """The bytes of the file at ``key``; None, with a fault, when they cannot be had."""
        try:
            return None if path is None else files.content(path)
        except ValueError as error:
            self.faults.append(Fault(key, str(error), _ADVICE))
            return None


def _word_files(settings: Installation) -> _WordFiles:
    found = _WordFiles()
    vocabulary, gazetteer, places = settings.files.vocabulary, settings.city.gazetteer, GazetteerFile()
    if (raw := found.content(("files", "vocabulary"), vocabulary)) is not None and vocabulary is not None:
        words = document.read(raw, vocabulary.name, VocabularyFile)
        found.texts.append((vocabulary, words.text))
        found.problems += words.problems + words.located(words.faults)
        found.vocabulary = dict(words.value.lists) if words.value is not None else {}
    if (raw := found.content(("city", "gazetteer"), gazetteer)) is not None and gazetteer is not None:
        read = document.read(raw, gazetteer.name, GazetteerFile)
        meant = tuple(gazetteer_checks.faults(read.value)) if read.value is not None else ()
        found.texts.append((gazetteer, read.text))
        meant = tuple(fault for fault in meant if read.trusts(fault.path))
        found.problems += read.problems + read.located((*read.faults, *meant))
        places = read.value or places
    found.gazetteer = gazetteers.of(places, settings.city.name)
    return found
