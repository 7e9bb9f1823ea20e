"""What speaks for a look before a letter goes out. Positive: doubtful sentences, emergencies; negative: reports.

Shown by leaving one writer or one city out: at each level, the share of doubtful sentences and of emergencies among
those that an ordinary letter would carry outside, and the share of all reports that would wait for a person.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from bench.weights import fitting, samples
from bench.weights.fitting import Features, Sample
from routing.model.decision import State
from routing.model.library import WORD, Sum
from routing.rules.engine.signs import worry
from routing.rules.engine.values import RuleSet

LEVELS = {worry.LEVEL: 0.0}
_SHOWN = (-2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0)
_KINDS = {"look": True, "danger": True, "reports": False, "dramatic": False}
_KIND_WEIGHTS = {"look": 3.0, "danger": 0.5}
_CITY_WEIGHT, _HELD_WEIGHT = 0.6, 3.0
_LEAST = 4
"""A feature counts from so many texts on."""
_EPOCHS, _PENALTY, _BIAS, _RATE = 25, 5e-4, -2.0, 0.1
_TESTS = "tests"


class _Text(Struct, frozen=True):
    """What was found in a text, who wrote it or which city it is of, what kind it is, and whether it goes out."""

    writer: str
    kind: str
    features: Features
    goes: bool


def fit(rule_set: RuleSet, cities: Sequence[Path], *, figures: bool) -> dict[str, float]:
    """The weights; prints the figures on the way, if wanted."""
    texts = list(_texts(rule_set, cities))
    if figures:
        _print_figures(texts)
    return _fitted(texts)


def _print_figures(texts: Sequence[_Text]) -> None:
    judged: list[tuple[float, _Text]] = []
    for writer in sorted({text.writer for text in texts if text.writer not in {"", _TESTS}}):
        weights = _fitted([text for text in texts if text.writer != writer])
        judged += [(fitting.total(weights, text.features), text) for text in texts if text.writer == writer]
    kinds = dict.fromkeys(text.kind for _, text in judged)
    for level in _SHOWN:
        shares = []
        for kind in kinds:
            going = [total for total, text in judged if text.kind == kind and text.goes]
            all_of = len(going) if _KINDS.get(kind) else sum(text.kind == kind for _, text in judged)
            shares.append(f"{kind} {sum(total >= level for total in going) / max(all_of, 1):.3f} of {all_of}")
        print(f"{level:5.1f}  {'  '.join(shares)}")


def _texts(rule_set: RuleSet, cities: Sequence[Path]) -> Iterator[_Text]:
    written = [(writer, kind, text) for kind in _KINDS for writer, text in samples.signs(kind)]
    written += [(_TESTS, kind, text) for kind, text in samples.must_hold() if kind in _KINDS]
    written += [("strangers", kind, text) for kind, text in samples.strangers() if kind in _KINDS]
    written += [("", "reports", text) for text in samples.reports()]
    written += [(path.stem, path.stem, text) for path in cities for text in samples.column(path)]
    judged = samples.judged([text for _, _, text in written], samples.with_library(rule_set, worry=Sum()))
    left_out = {WORD + stem for stem in samples.place_words(rule_set)}
    for (writer, kind, _), (findings, decision) in zip(written, judged, strict=True):
        found = worry.features(findings.looked, findings.report)
        goes = decision.state is State.ROUTED and not (decision.urgency and decision.urgency.is_urgent)
        goes = goes and any(name != rule_set.duty_desk for name in decision.recipients)
        yield _Text(writer, kind, {name: found[name] for name in found.keys() - left_out}, goes)


def _fitted(texts: Sequence[_Text]) -> dict[str, float]:
    counted = fitting.common(((text.features,) for text in texts), _LEAST)
    labelled = [
        Sample(
            ({name: text.features[name] for name in text.features.keys() & counted},),
            _KINDS.get(text.kind, False),
            _weight(text),
        )
        for text in texts
    ]
    return fitting.fit(labelled, epochs=_EPOCHS, penalty=_PENALTY, bias=_BIAS, rate=_RATE)


def _weight(text: _Text) -> float:
    """What must go out counts more, reports of cities less: there are many."""
    if text.kind == "reports" and not text.writer:
        return _HELD_WEIGHT
    return _KIND_WEIGHTS.get(text.kind, 1.0 if text.kind in _KINDS else _CITY_WEIGHT)
