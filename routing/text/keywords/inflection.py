"""The forms in which a German word may stand in a sentence, without a dictionary.

A word becomes a few stems, each with the endings it may take: ``müllsack`` is ``muellsack`` with ``-s -es -e`` and
``muellsaeck`` with ``-e -en``. Endings go by the word's own shape (participle, adjective, -ung, -er …), because the
generous way makes neighbours of strangers: only adjectives and a closed list of nouns take ``-er``, so that ``müll``
never finds Müller, and ``NEIGHBOURS`` holds what shape alone cannot tell (laub, Laube). Too many forms are harmless as
long as no other word looks like them; a form that is missing can be written as a keyword of its own.
"""

import re
from functools import cache, lru_cache

from routing.text.keywords.folding import word_list

Stems = tuple[tuple[str, frozenset[str]], ...]

ADJECTIVE = frozenset({"", "e", "er", "es", "em", "en"})
_NOUN = frozenset({"", "s", "es", "e", "en"})
_VERB = ADJECTIVE | {"s", "d", "de", "der", "den"}
_SHORTENED = ADJECTIVE - {""}
_KAPUTT = ADJECTIVE | {"s", "ere", "eren", "erer", "eres"}
NEVER = word_list(
    """
    ab aber alle alles als am an auch auf aus bei bis da dann das dass dem den der des die dies diese dieser du
    durch ein eine einem einen einer eines er es euch euer fuer gegen hat habe haben hier hinter ich ihr ihre im
    in ins ist ja jede jeden jeder kann kein keine keinem keinen keiner keines man mehr mein meine meinem meinen
    meiner meines mich mir mit nach neben nicht noch nur ob oder ohne schon sehr sein seine seit sich sie sind so
    ueber um und uns unser unter vom von vor wann war was weg wegen wenn wer wie wieder wir wird wo worden wurde
    wurden zu zum zur zwischen
    """
)
"""Words without content: they are never inflected and too common to be looked for first."""
_SHORT_ADJECTIVES = word_list(
    """
    aggressiv alt arm blau blind boese braun breit deutsch dicht dick dunkel duenn eng falsch faul fein fest
    feucht frech frei fremd frisch froh ganz gelb glatt grau grob gross gruen gut halb hart heil hell hoch hohl
    illegal kahl kalt kaputt klein knapp krank krumm kurz lang laut leer locker los lose marode morsch muede nackt
    nah nass neu offen platt rein roh rot rund satt sauber scharf schief schlaff schlecht schlimm schmal schnell
    schraeg schwach schwarz schwer spitz stark steil still stumm stumpf taub tief tot toll trocken trueb verletzt
    verrueckt voll wach warm weich weiss weit wild wirr zerbrochen defekt giftig morsche nackig
    """
)
_ADJECTIVE_ENDS = ("ig", "lich", "isch", "los", "bar", "sam", "haft", "end", "iert", "iv", "ell", "voll", "frei")
_PARTICIPLE = re.compile(
    r"^(?:.*(?:ab|an|auf|aus|bei|durch|ein|fort|her|hin|los|mit|nach|nieder|ueber|um|unter|ver|voll|vor|weg|zer|zu|zusammen))?"
    r"(?:ge|be|ent|er|ver|zer|ueber|miss)[a-z]{2,}(?:t|en)$"
)
_ADJECTIVE_ENDING = re.compile(r"e[rsmn]?$")
_ER_PLURAL = tuple(
    sorted(
        word_list(
            """
            kind bild schild feld brett licht kleid rind nest geld glied leib schwert lied geist
            gesicht mann haus dach loch rad blatt glas gras fass schloss buch tuch wald rand band
            pfand land bad grab amt dorf horn huhn kalb lamm volk wort wurm strauch kraut gut holz
            korn gespenst denkmal fach gehoelz mahl maul
            """
        )
    )
)
_UMLAUT = re.compile(r"(?<![aeou])(au|[aou])(?=[^aeiouy]+$)")
_UMLAUT_BEFORE_END = re.compile(r"(?<![aeou])(au|[aou])(?=[^aeiouy]+(?:er|el|en)$)")
_UMLAUTED = re.compile(r"(aeu|ae|oe|ue)([^aeiouy]+)(?:e|er|en|ern)$")

NEIGHBOURS = word_list(
    """
    mueller muellers muellern laube lauben heroine heroinen bettler parken parke parkt rate raten rater tauber
    taubert gaste messen masten gasse gassen rasse rassen reihe wagnis lagerist dealerschaft poster laster muster
    kasse kassen masse massen bahre lachen koten kote koteler krachen lichten toner tonen fixe fixen koksen
    leichte leichter leichten schale schalen druecker drueckern tut tuts kot
    kots luft lufts kurz gelaende gelaenden abfallen
    """
)
"""Words that look like an inflection of another one and are not (folded)."""
_BEGINNINGS = frozenset(word[:end] for word in NEIGHBOURS for end in range(1, len(word) + 1))
_ITSELF = frozenset({""})


def stems(word: str) -> Stems:
    """The stems of a folded word, each with its possible endings ("" among them where the stem itself may stand)."""
    if len(word) < 3 or word in NEVER or not word.isascii() or not word.isalpha():
        return ((word, _ITSELF),)
    found: dict[str, frozenset[str]] = {word: _ITSELF}
    for stem, endings in _shapes(word):
        known = found.get(stem)
        found[stem] = endings if known is None or known <= endings else _both(known, endings)
    for stem in _BEGINNINGS.intersection(found):
        found[stem] = frozenset(end for end in found[stem] if stem + end == word or stem + end not in NEIGHBOURS)
    return tuple([(stem, endings) for stem, endings in found.items() if endings])


@lru_cache(maxsize=256)
def _both(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    """All of these, and the same object for the same: thousands of words have few kinds of endings."""
    return one | other


@cache
def _ends(*endings: str) -> frozenset[str]:
    return frozenset(endings)


def umlauted(word: str) -> str:
    """The word with its last vowel changed (sack → saeck), or the word itself."""
    return _UMLAUT.sub(_change, word, count=1)


def _change(vowel: re.Match[str]) -> str:
    return {"a": "ae", "o": "oe", "u": "ue", "au": "aeu"}[vowel[1]]


def _is_adjective(word: str) -> bool:
    return word in _SHORT_ADJECTIVES or word[2:].endswith(_ADJECTIVE_ENDS) or _is_participle(word)


def _is_participle(word: str) -> bool:
    return word.endswith(("t", "en")) and _PARTICIPLE.match(word) is not None


def _shapes(word: str) -> list[tuple[str, frozenset[str]]]:
    base = _ADJECTIVE_ENDING.sub("", word)
    if len(base) >= 3 and base != word and _is_adjective(base) and not word.endswith("ungen"):
        return [(base, ADJECTIVE), *([(word, ADJECTIVE)] if word.endswith("en") else [])]
    if word.endswith(("ung", "heit", "keit", "schaft", "ion", "taet", "ik")):
        return [(word, _ends("", "en", "s"))]
    if word.endswith(("ungen", "heiten", "keiten", "schaften", "ionen", "taeten")):
        return [(word[:-2], _ends("", "en"))]
    if word.endswith("e"):
        return [(word, _ends("", "n", "s")), *_singular(word)]
    if word.endswith("en"):
        return _ending_in_en(word)
    if word.endswith(("er", "el", "ern", "eln")):
        return _ending_in_er_or_el(word)
    return _other(word)


def _ending_in_en(word: str) -> list[tuple[str, frozenset[str]]]:
    """Garten (Gärten), Drogen (Droge), kiffen (kifft, gekifft), abgeladen (abgeladene)."""
    stem = word[:-2]
    forms: list[tuple[str, frozenset[str]]] = [(word, _VERB)]
    if len(stem) >= 3 and not _is_participle(word):
        past = "et" if stem.endswith(("t", "d")) else "t"
        forms.append((stem, _ends("e", past, past + "e", past + "en")))
        if len(stem) >= 4:
            forms.append((f"ge{stem}{past}", ADJECTIVE))
    changed = _UMLAUT_BEFORE_END.sub(_change, word, count=1)
    return [*forms, (changed, _ends("", "s")), *_singular(word)]


def _ending_in_er_or_el(word: str) -> list[tuple[str, frozenset[str]]]:
    """Dealer (Dealern), Vogel (Vögel), dunkel (dunkle), betteln (bettelt), Schilder (Schild)."""
    base = word.removesuffix("n")
    forms: list[tuple[str, frozenset[str]]] = [(base, _ends("", "n", "s", "in", "innen"))]
    if word.endswith("n"):
        forms += [(base, _ends("t", "te", "ten", "nd", "nde", "nder", "nden")), (f"ge{base}t", ADJECTIVE)]
    elif _is_adjective(base):
        forms += [(base, ADJECTIVE), (base[:-2] + base[-1], _SHORTENED)]
    changed = _UMLAUT_BEFORE_END.sub(_change, base, count=1)
    singular = base[:-2]
    if base.endswith("er") and singular.endswith(_ER_PLURAL):
        forms.append((singular, _ends("", "s", "es", "e")))
    return [*forms, (changed, _ends("", "n")), *_singular(word)]


def _singular(word: str) -> list[tuple[str, frozenset[str]]]:
    """Säcke, Säcken → Sack; Löcher → Loch; Drogen → Droge is done by its ending."""
    plural = _UMLAUTED.search(word)
    if plural is None or plural.end(1) < 3:
        return []
    vowel = {"aeu": "au", "ae": "a", "oe": "o", "ue": "u"}[plural[1]]
    sack = word[: plural.start(1)] + vowel + plural[2]
    if word[plural.end(2) :] in {"er", "ern"} and not sack.endswith(_ER_PLURAL):
        return []  # Anhänger is no plural of Anhang
    saeck = word[: plural.end(2)]
    return [(sack, _ends("", "s", "es")), (saeck, _ends("e", "en"))]


def _other(word: str) -> list[tuple[str, frozenset[str]]]:
    if word.endswith(("a", "i", "o", "u", "y")):
        return [(word, _ends("", "s", "n"))]
    if _is_adjective(word):
        return [(word, _KAPUTT)]
    if word.endswith(("us", "nis")):
        return [(word, _ends("", "se", "sen", "ses"))]
    if word.endswith("in"):
        return [(word, _ends("", "s", "es", "e", "en", "nen"))]
    changed = umlauted(word)
    forms: list[tuple[str, frozenset[str]]] = [(word, _NOUN)]
    if changed != word:
        forms.append((changed, _ends("e", "en")))
    if word.endswith(_ER_PLURAL):
        forms.append((changed, _ends("er", "ern")))
    return forms
