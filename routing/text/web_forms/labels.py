"""What the label of a form's field says it holds: "Ort der Störung" the scene, "Ihre Anschrift" a home.

The words stand in ``routing/library/signs/forms.toml``; what a city teaches in [[forms]] of config.toml comes before
them for mails of that sender. Pure.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

from routing.text.form_fields import Holds
from routing.text.keywords import folding

if TYPE_CHECKING:
    from routing.model.forms import Form
    from routing.model.library import Library

_WORD = re.compile(r"[a-z]+")
_LONGEST = 7  # words of a label; more are a sentence
_WHOLE = 4  # letters: such a short word of a label is meant as a whole
_ENDING = 5  # letters that the last part of a compound has at least
_ORDER = (Holds.TECHNICAL, Holds.SCENE, Holds.HOME, Holds.TEXT, Holds.NAME, Holds.ADDRESS, Holds.SPOT)
_JOINING = frozenset(
    ["der", "die", "das", "des", "dem", "den", "und", "oder", "zu", "zur", "zum", "von", "vom", "fuer", "ihr", "ihre"]
)
_REMEMBERED = 4096


class Taught(Struct, frozen=True):
    """A form of [[forms]]: its ``sender`` (an address, or a domain with @ before it), its labels (folded)."""

    sender: str
    labels: Mapping[str, Holds]

    def is_from(self, address: str) -> bool:
        """Whether a mail of this address comes from the form."""
        sender = address.casefold()
        return sender.endswith(self.sender) if self.sender.startswith("@") else sender == self.sender


class Known:
    """All that is known of forms: what labels say, what forms write themselves, and those that were taught."""

    def __init__(
        self, fields: Mapping[str, Sequence[str]], notices: Sequence[str] = (), taught: Sequence[Taught] = ()
    ) -> None:
        """``fields``: words of labels by the name of their list; ``notices``: phrases in paragraphs of the form."""
        self.notices = tuple(folding.plain(one) for one in notices)
        self.taught = tuple(taught)
        self._lists = {name: frozenset(map(folding.plain, words)) for name, words in fields.items()}
        self._all = frozenset().union(*self._lists.values())
        self._seen: dict[str, Holds | None] = {}

    def __bool__(self) -> bool:
        return bool(self._lists or self.taught)

    def held(self, label: str) -> Holds | None:
        """What a field with this label holds; None where no word of it is known. Remembered: labels come again."""
        if label not in self._seen:
            if len(self._seen) >= _REMEMBERED:
                self._seen.clear()
            self._seen[label] = self._held(folded(label))
        return self._seen[label]

    def is_whole(self, label: str) -> bool:
        """Whether a label (folded) has nothing but words of labels, as one that stands alone on its line must."""
        words = [word for word in _WORD.findall(label) if word not in _JOINING]
        return bool(words) and all(_begins(word, self._all) for word in words)

    def _held(self, label: str) -> Holds | None:
        group, dot, last = label.rpartition(".")
        if dot and group.replace(" ", "").isalpha() and last.isalpha():  # "vorgang.strasse"
            return self._held(f"{last} {group}")
        spoken = _WORD.findall(label)
        if not spoken or len(spoken) > _LONGEST:
            return None
        whose = self._longest(spoken, Holds.HOME.value) and self._longest(spoken, Holds.ADDRESS.value)
        if spoken[0] in self._lists.get("fragt_was", ()) and not (whose or self._longest(spoken, Holds.NAME.value)):
            return Holds.TEXT  # but not "Wie lautet Ihre Anschrift?"
        best = max((self._longest(spoken, each.value), -rank) for rank, each in enumerate(_ORDER))
        holds = _ORDER[-best[1]] if best[0] else None
        if holds is Holds.HOME or (holds is Holds.TECHNICAL and best[0] > _WHOLE):
            return holds
        thing, where = self._longest(spoken, "sache"), self._longest(spoken, "fragt_wo")
        if where and len(spoken) > 1 and (thing or self._longest(spoken, Holds.TEXT.value)):
            return Holds.SCENE  # "Ort der Störung", "Adresse der Meldung"
        if spoken[0] in {"wo", "where"}:
            return Holds.SCENE
        return Holds.TEXT if thing and thing >= best[0] else holds

    def _longest(self, spoken: Sequence[str], name: str) -> int:
        """How many letters the longest word of a list has that a word begins with, or a compound ends with."""
        return max(_longest(word, listed) for word in spoken) if (listed := self._lists.get(name)) else 0


NOTHING = Known({})


def _begins(word: str, listed: frozenset[str]) -> bool:
    """Whether a word begins with one that is listed, or is a listed short one."""
    return word in listed or any(word[:length] in listed for length in range(_WHOLE + 1, len(word)))


def _longest(word: str, listed: frozenset[str]) -> int:
    """How many letters the longest listed word has that ``word`` is, begins or, as a compound, ends with; or 0."""
    for length in range(len(word), _WHOLE, -1):
        if word[:length] in listed or (length >= _ENDING and word[-length:] in listed):
            return length
    return len(word) if word in listed else 0


def of(library: "Library", forms: tuple["Form", ...] = ()) -> Known:
    """What the library knows of forms, and what a city has taught; remembered for the latest ones."""
    return _known(_Same(library), forms)


class _Same:
    """A library as a key of what is remembered: by identity, for its words are many and it is read once."""

    def __init__(self, library: "Library") -> None:
        self.library = library

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.library is self.library

    def __hash__(self) -> int:
        return id(self.library)


@lru_cache(maxsize=4)
def _known(same: _Same, forms: tuple["Form", ...]) -> Known:
    library = same.library
    more = library.mail_fields
    together = {name: (*library.fields.get(name, ()), *more.get(name, ())) for name in (*library.fields, *more)}
    return Known(together, library.notices, [taught(one) for one in forms])


def taught(form: "Form") -> Taught:
    """A form of config.toml, its labels folded."""
    sorts = ((Holds.NAME, form.contact), (Holds.SCENE, form.place), (Holds.TEXT, form.text))
    found = {folded(label): holds for holds, labels in (*sorts, (Holds.TECHNICAL, form.ignore)) for label in labels}
    return Taught(form.sender.strip().casefold(), found)


def folded(label: str) -> str:
    """A label as it is compared: small letters, ae oe ue ss, without what stands around it."""
    return " ".join(folding.plain(label.replace("_", " ")).strip(" .*_:?").split())
