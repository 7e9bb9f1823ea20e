"""What looks like a topic and is none: people's names, signatures, and words that only say where something is.

A mask hides one match, never a stretch of text. A word of an urgent rule counts as a name only where the sentence
leaves no doubt ("Herr Messer bittet um Rückruf"), because a false alarm costs a call and a missed one a life:
"Frau Messer am Hals" alarms. Places are hidden in ``evaluation``.
"""

import re
from collections.abc import Iterator
from itertools import islice

from intake.base import umlauts
from routing.text.keywords.folding import Folded, word_list

_FIRST_NAMES = word_list(
    """
    achim adam ahmet alexander ali alina andrea andreas angela anja anke anna anne anton armin axel barbara bernd
    bernhard bettina birgit brigitte britta carsten christa christian christina christine christoph claudia
    cornelia daniel daniela david dennis detlef diana dieter dirk doris eckhard elena elfriede elisabeth emine
    erika erich ernst esra eva fatma felix florian frank franz franziska friedrich fritz gabi gabriele georg gerd
    gerhard gisela guido guenter guenther hakan hannelore hans harald hasan hatice heike heiko heinrich heinz
    helga helmut herbert hermann hildegard holger horst hubert ibrahim ilse ina ines ingo ingrid irene iris jan
    jana jens joachim jochen johanna johannes jonas josef julia juergen jutta kai karin karl katharina katja
    kerstin kevin klaus knut konrad kurt lars laura lea lena leon lisa lothar luisa lukas lutz manfred manuela
    marc marcel marco maria marie marion mark marlene martin martina matthias max maximilian mehmet melanie
    michael michaela miriam monika murat mustafa nadine natalie nicole nina norbert olaf oliver osman otto patrick
    paul peter petra philipp rainer ralf regina reiner reinhard renate rita robert roland rolf ruediger rudolf
    ruth sabine sandra sara sarah sascha sebastian silke silvia simon simone sofia sonja stefan stefanie steffen
    stephan susanne sven svenja tanja thomas thorsten tim tobias tom torsten udo ulrich ulrike ursula ute uwe
    vanessa vera volker walter werner wilhelm willi winfried wolfgang yasemin yusuf
    """
)
_TITLE = re.compile(
    r"(?:\b(?:Herrn?|HERRN?|Frau|FRAU|Fräulein|Hrn?|Fr|Fam|Familie|Eheleute|Ehepaar|Firma|Fa|Dr|Prof)\b\.?"
    r"|\b(?:[Mm]ein Name ist|[Ii]ch heiße|[Ii]ch bin (?:die|der)|gez\.))\s{1,3}"
    r"(?:(?:Dr|Prof|med|Dipl|Ing)\.?[- ]?\s?)*(?:(?:[A-ZÄÖÜ]\.|[A-ZÄÖÜ][a-zäöüß]+)[\s-]{1,2})?"
    r"(?:(?:von|van|de|zu|zum|zur|der|den|el|al|ben)\s+){0,2}$"
)
_LAST_WORD = re.compile(r"([A-ZÄÖÜ][a-zäöüß]+)([\s-]{1,2})$")
_IS_TITLE = re.compile(r"(?:Herrn?|Frau|Fräulein|Hrn?|Fr|Fam|Familie|Eheleute|Ehepaar|Firma|Fa|Dr|Prof|ist|der|die)$")
_SALUTATION = re.compile(
    r"(?:[Gg]eehrte[rsn]?|[Ll]iebe[rsn]?|[Hh]allo|[Gg]uten (?:Tag|Morgen|Abend))\s+(?:Herrn?|Frau)\s+$"
)
_SAYS = re.compile(
    r"\s{1,2}(?:bittet|bat|ruft|rief|meldet|meldete|beschwert|beschwerte|teilt|teilte|sagt|sagte|schreibt|schrieb|fragt|fragte"
    r"|klagt|berichtet|berichtete|informiert|erklärt|wünscht|hat\s(?:an|zurück)?gerufen|hat\ssich|gibt\san|wohnt|wartet\sauf)\b"
)
_CLOSING_WORDS = ("gruess", "gruss", "mfg", "hochachtungsvoll", "\nlg", "\nvg")
_CLOSING = re.compile(r"(?:\bgruess(?:e|en)|\bgruss|\bmfg|\bhochachtungsvoll|\n(?:lg|vg))\b[ \t]*[,!.]?\s*")
_NAME_LINE = re.compile(r"[ \t]*(?:(?:[A-ZÄÖÜ]\.|[A-ZÄÖÜ][\wäöüß]*)[ \t-]?){1,4}[ \t]*$", re.MULTILINE)
_LONGEST_SIGNATURE_LINE = 60
_MOST_SIGNATURE_LINES = 40
_MOST_WORDS_OF_A_NAME = 5


def is_name(folded: Folded, start: int, end: int, *, urgent: bool) -> bool:
    """Whether the one word at ``start:end`` (folded) is somebody's name."""
    at, until = folded.span(start, end)
    original = folded.original
    if not original[at].isupper() or " " in folded.words[start + 1 : end + 1]:
        return False
    before = original[max(0, at - 60) : at]
    title = _TITLE.search(before)
    if title is None or not _only_names_between(title[0]):
        return False
    if not urgent:
        return not (original[at:until].isupper() and title[0].strip().isupper() and not _SAYS.match(original, until))
    return bool(_SAYS.match(original, until) or _SALUTATION.search(before))


def _only_names_between(title: str) -> bool:
    """Whether a name must follow: it does after "Frau Petra", it does not after "Frau Müller"."""
    last = _LAST_WORD.search(title)
    if last is None or _IS_TITLE.match(last[1]) or last[2].startswith("-"):
        return True
    return umlauts.written_out(last[1]) in _FIRST_NAMES


def signatures(folded: Folded) -> tuple[tuple[int, int, bool], ...]:
    """Stretches of the original after a closing formula: start, end, and whether it is nothing but a name."""
    text = folded.text
    if not any([word in text for word in _CLOSING_WORDS]):  # noqa: C419 - a list is three times as fast here
        return ()
    return tuple(islice(_signatures(folded), _MOST_SIGNATURE_LINES))


def _signatures(folded: Folded) -> Iterator[tuple[int, int, bool]]:
    original = folded.original
    for closing in _CLOSING.finditer(folded.text):
        at = folded.span(closing.end() - 1, closing.end())[1]
        for line in range(4):
            until = original.find("\n", at)
            until = len(original) if until < 0 else until
            if until - at > _LONGEST_SIGNATURE_LINE or len(original[at:until].split()) > 5:
                break
            yield at, until, line == 0 and bool(_NAME_LINE.fullmatch(original[at:until]))
            at = until + 1
            if at >= len(original):
                break


def own_names(text: str, sender: str) -> Iterator[tuple[int, int, bool]]:
    """Where the sender's own name of several words stands in the text, and whether it is a line of its own."""
    words = sender.replace(",", " ").split()
    if not 2 <= len(words) <= _MOST_WORDS_OF_A_NAME or words[-1] not in text:
        return
    for name in (" ".join(words), f"{words[-1]}, {' '.join(words[:-1])}", " ".join((*words[1:], words[0]))):
        at = text.find(name)
        for _ in range(_MOST_SIGNATURE_LINES):
            if at < 0:
                break
            line = text[text.rfind("\n", 0, at) + 1 : (text.find("\n", at) + 1 or len(text) + 1) - 1]
            yield at, at + len(name), line.strip() == name
            at = text.find(name, at + 1)
