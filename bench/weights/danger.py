"""What speaks for danger. Positive: emergencies; negative: all other mail, and reports of ordinary things.

Shown by leaving one writer out: at each level, the share of emergencies, of doubtful sentences and of the rest.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from bench.weights import fitting, samples
from bench.weights.fitting import Features, Sample
from routing.cli.output import input_texts
from routing.model.library import WORD
from routing.rules.engine import match
from routing.rules.engine.signs import danger
from routing.rules.engine.values import RuleSet

LEVELS = {danger.ALARM: 1.8, danger.WITH_RULE: -1.3, danger.LOOK: 0.0, danger.PERSON: -0.9, danger.TRACE: -2.5}
_SHOWN = (-3.0, -2.5, -2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0)
_KINDS = {"danger": 1.0, "look": None, "harmless": 0.0, "office": 0.0, "reports": 0.0, "dramatic": 0.0}
"""Which label the sentences of a kind have; doubtful ones have none: they are only shown."""
_TESTS = "tests"
_NEVER_LEFT_OUT = ("", _TESTS)
_LEAST = 5
"""A feature counts from so many texts on."""
_KIND_WEIGHTS = {"danger": 1.0, "harmless": 1.5, "office": 2.0}
_EPOCHS, _PENALTY, _BIAS, _RATE = 25, 5e-4, -3.0, 0.1


class _Text(Struct, frozen=True):
    """The windows of a text, who wrote it ("" for reports), what kind it is."""

    writer: str
    kind: str
    windows: Sequence[Features]


def fit(rule_set: RuleSet, cities: Sequence[Path], *, figures: bool) -> dict[str, float]:
    """The weights; prints the figures on the way, if wanted."""
    texts = list(_texts(rule_set, cities))
    if figures:
        _print_figures(texts, cities)
    return _fitted(texts)


def _print_figures(texts: Sequence[_Text], cities: Sequence[Path]) -> None:
    judged: list[tuple[float, _Text]] = []
    for writer in sorted({text.writer for text in texts if text.writer not in _NEVER_LEFT_OUT}):
        weights = _fitted([text for text in texts if text.writer != writer])
        judged += [(_most(weights, text), text) for text in texts if text.writer == writer]
    kinds = [*_KINDS, *(path.stem for path in cities)]
    for level in _SHOWN:
        shares = [f"{kind} {_share([most >= level for most, text in judged if text.kind == kind])}" for kind in kinds]
        print(f"{level:5.1f}  {'  '.join(shares)}")


def _texts(rule_set: RuleSet, cities: Sequence[Path]) -> Iterator[_Text]:
    written = [(writer, kind, text) for kind in _KINDS for writer, text in samples.signs(kind)]
    written += [(_TESTS, kind, text) for kind, text in samples.must_hold()]
    written += [("strangers", kind, text) for kind, text in samples.strangers() if kind in _KINDS]
    written += [("", "reports", text) for text in samples.reports()]
    written += [(path.stem, path.stem, text) for path in cities for text in samples.column(path)]
    found = match.evaluate_all([input_texts.message(text) for _, _, text in written], rule_set)
    left_out = {WORD + stem for stem in samples.place_words(rule_set)}
    for (writer, kind, _), findings in zip(written, found, strict=True):
        windows = danger.features(findings.looked, rule_set.library, words=findings.words)
        yield _Text(writer, kind, [{name: window[name] for name in window.keys() - left_out} for window in windows])


def _fitted(texts: Sequence[_Text]) -> dict[str, float]:
    counted = fitting.common((text.windows for text in texts), _LEAST)
    labelled = [
        Sample(
            [{name: window[name] for name in window.keys() & counted} for window in text.windows],
            label > 0,
            _weight(text),
        )
        for text in texts
        if (label := _KINDS.get(text.kind, 0.0)) is not None
    ]
    return fitting.fit(labelled, epochs=_EPOCHS, penalty=_PENALTY, bias=_BIAS, rate=_RATE)


def _weight(text: _Text) -> float:
    """What must hold counts more, reports of ordinary things less: there are many."""
    if text.writer in _NEVER_LEFT_OUT:
        return 3.0
    return _KIND_WEIGHTS.get(text.kind, 0.6)


def _most(weights: Features, text: _Text) -> float:
    return max(fitting.total(weights, window) for window in text.windows)


def _share(values: Sequence[bool]) -> str:
    return f"{sum(values) / max(len(values), 1):.3f} of {len(values)}"
