"""What speaks for a report. Positive: reports for which the rules have a body; negative: whatever else is written.

Shown by leaving one writer out: the share of the other mail that would go out, and of the reports that would.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from bench.weights import fitting, samples
from bench.weights.fitting import Features, Sample
from routing.model.decision import Decision, State
from routing.rules.engine.values import RuleSet

LEVELS = {"report": 0.0, "in_doubt": 1.4}
_SHOWN = (-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0)
_OWN_WEIGHT = 3.0
_EPOCHS, _PENALTY = 25, 1e-3
_BESIDE = ("ort", "dauer", "bitte", "klage", "nicht", "q", "wunsch", "ich", "mein", "innen", "dank")
"""The lists that are also counted in the sentence of the strongest concern; the others say no more there."""


class _Text(Struct, frozen=True):
    """A text: who wrote it, what was found, whether it is a report, and whether it goes out but for this sum."""

    writer: str
    features: Features
    is_report: bool
    goes: bool
    weight: float = 1.0


def fit(rule_set: RuleSet, cities: Sequence[Path], *, figures: bool) -> dict[str, float]:
    """The weights; prints the figures on the way, if wanted."""
    texts = list(_texts(rule_set, cities))
    if figures:
        _print_figures(texts)
    return _fitted(texts)


def _print_figures(texts: Sequence[_Text]) -> None:
    judged: list[tuple[float, _Text]] = []
    for writer in sorted({text.writer for text in texts if text.writer}):
        weights = _fitted([text for text in texts if text.writer != writer])
        judged += [(fitting.total(weights, text.features), text) for text in texts if text.writer == writer]
    for level in _SHOWN:
        reports = [total >= level for total, text in judged if text.is_report and text.goes]
        others = [total >= level and text.goes for total, text in judged if not text.is_report]
        print(f"{level:5.1f}  reports {_share(reports)}  others {_share(others)}")


def _texts(rule_set: RuleSet, cities: Sequence[Path]) -> Iterator[_Text]:
    written = [(writer, text, False) for kind in ("office", "harmless") for writer, text in samples.signs(kind)]
    written += [(writer, text, True) for kind in ("reports", "dramatic") for writer, text in samples.signs(kind)]
    written += [("strangers", text, False) for kind, text in samples.strangers() if kind == "office"]
    written += [("", text, True) for text in samples.reports()]
    yield from _seen(written, rule_set, _OWN_WEIGHT)
    for path in cities:
        yield from (one for one in _seen([("", text, True) for text in samples.column(path)], rule_set) if one.goes)


def _seen(written: Sequence[tuple[str, str, bool]], rule_set: RuleSet, weight: float = 1.0) -> Iterator[_Text]:
    judged = samples.judged([text for _, text, _ in written], samples.without_gate(rule_set))
    for (writer, _, is_report), (findings, decision) in zip(written, judged, strict=True):
        goes = decision.state is State.ROUTED and decision.kind == "concern" and not _is_alarm(decision)
        yield _Text(writer, _chosen(findings.report), is_report, goes, weight)


def _chosen(features: Features) -> Features:
    return {name: value for name, value in features.items() if not name.endswith("_dort") or name[:-5] in _BESIDE}


def _fitted(texts: Sequence[_Text]) -> dict[str, float]:
    """Both sides count alike, whatever their number."""
    reports = sum(text.weight for text in texts if text.is_report)
    others = sum(not text.is_report for text in texts)
    balance = min(20.0, 0.5 * reports / max(others, 1))
    return fitting.fit(
        (Sample((one.features,), one.is_report, one.weight if one.is_report else balance) for one in texts),
        epochs=_EPOCHS,
        penalty=_PENALTY,
    )


def _share(values: Sequence[bool]) -> str:
    return f"{sum(values) / max(len(values), 1):.3f} of {len(values)}"


def _is_alarm(decision: Decision) -> bool:
    return decision.urgency is not None and decision.urgency.is_alarm
