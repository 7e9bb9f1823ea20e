"""The files that say something of rules, read: config.toml, the rule library, a city's own word lists.

``Sources`` knows the rules in force and where each part of them stands, so that what is wrong with a rule is told in
the file and line where somebody can mend it. The library's signs are read by ``routing.config.library``.
"""

from collections.abc import Iterable
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from routing.config import files, library
from routing.config.problems import Fault, KeyPath, Problem
from routing.config.rulebook import merge
from routing.config.rulebook.origins import Origin, Place
from routing.config.toml import document
from routing.config.toml.document import Document
from routing.model.rule_files import ConfigFile, LibraryFile, VocabularyFile
from routing.model.settings import Configuration, Installation, Settings, Vocabulary

_ADVICE = "Ohne diese Angabe gilt die mitgelieferte Bibliothek."
_INSTALLATION = tuple(Installation.model_fields)


class Sources:
    """The documents behind a configuration, and what they come to."""

    def __init__(
        self, main: Document[ConfigFile], config: ConfigFile, books: Iterable[Document[LibraryFile]], lists: Vocabulary
    ) -> None:
        self.main = main
        self.config = config
        self.library = {book.file: book for book in books}
        read = [(name, book.value) for name, book in self.library.items() if book.value is not None]
        self.merged = merge.merged(config, read, lists)

    @property
    def is_complete(self) -> bool:
        """Whether every file says what its author wrote, with nothing set aside or stood in for."""
        documents: list[Document[Any]] = [self.main, *self.library.values()]
        return all(one.source.is_complete and not one.stand_ins for one in documents)

    @cached_property
    def settings(self) -> Settings:
        """The installation with the rules in force."""
        values = {key: getattr(self.config, key) for key in _INSTALLATION}
        rules, kinds = tuple(self.merged.rules), tuple(self.merged.kinds)
        return Settings.model_construct(**values, rules=rules, kinds=kinds)  # its parts have been checked

    @property
    def faults(self) -> list[Fault]:
        """What does not fit together, a list of faults; a line that cannot be read is not missed as well."""
        found = self.merged.faults
        return found if self.main.source.is_complete else [fault for fault in found if not fault.is_about_table]

    def origin(self, name: str) -> Origin | None:
        """Where the rule or kind of this name was written."""
        merged = self.merged
        pairs = (
            *zip(merged.rules, merged.rule_origins, strict=True),
            *zip(merged.kinds, merged.kind_origins, strict=True),
        )
        return next((origin for rule, origin in pairs if rule.name == name), None)

    def place(self, path: KeyPath) -> Place:
        """Where what is at ``path`` of the settings stands."""
        if len(path) > 1 and isinstance(index := path[1], int):
            if path[0] == "rules":
                origin = self.merged.rule_origins[index]
                return origin.place(self.merged.rules[index], path[2:], self.config.changes)
            if path[0] == "kinds":
                origin = self.merged.kind_origins[index]
                return origin.place(self.merged.kinds[index], path[2:], self.config.changes)
        return "", path

    def line(self, place: Place) -> tuple[str, int | None]:
        """The pair of the file's name and the line there, from 1; None for a place without a line."""
        book = self._document(place[0])
        spot = book.positions.spot(place[1])
        return book.file, spot[0] if spot else None

    def located(self, faults: Iterable[Fault], *, placed: bool = False) -> tuple[Problem, ...]:
        """The faults of the settings in order, each where it stands.

        With ``placed`` their paths are config.toml's already.
        """
        problems: list[Problem] = []
        for fault in faults:
            file, path = ("", fault.path) if placed else self.place(fault.path)
            book = self._document(file)
            if book.trusts(path):
                there = Fault(path, fault.what, fault.advice, fault.severity, fault.is_about_table)
                problems += book.located((there,))
        return tuple(problems)

    def _document(self, file: str) -> Document[ConfigFile] | Document[LibraryFile]:
        return self.library[file] if file else self.main


def read(own: Path | None) -> tuple[list[Document[LibraryFile]], list[Fault]]:
    """Every file of the library in order of their names, and what keeps the folder from being one.

    A pair (documents, faults at its key in config.toml). Raises nothing.
    """
    found = library.subjects(own)
    if not found:
        what = f"Im Ordner {library.folder(own)} liegt keine Datei einer Regelbibliothek (*.toml)."
        return [], [Fault(("files", "library"), what, _ADVICE)]
    documents, faults = [], []
    for path in found:
        try:
            documents.append(_document(files.content(path), path.name))
        except ValueError as error:
            faults.append(Fault(("files", "library"), str(error), _ADVICE))
    return documents, faults


def of_configuration(configuration: Configuration) -> Sources:
    """The sources of what is loaded, from the texts that were read then."""
    path, own, texts = configuration.path, configuration.settings.files, configuration.texts
    main = document.read(files.text(texts, path).encode(), path.name, ConfigFile)
    assert main.value is not None
    config = main.value.model_copy(update={key: getattr(configuration.settings, key) for key in _INSTALLATION})
    books = [_document(files.text(texts, one).encode(), one.name) for one in library.subjects(own.library)]
    lists: Vocabulary = {}
    if own.vocabulary is not None:
        words = document.read(files.text(texts, own.vocabulary).encode(), own.vocabulary.name, VocabularyFile)
        lists = dict(words.value.lists) if words.value is not None else {}
    return Sources(main, config, books, lists)


@lru_cache(maxsize=64)
def _document(raw: bytes, name: str) -> Document[LibraryFile]:
    return document.read(raw, name, LibraryFile)
