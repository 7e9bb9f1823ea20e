"""What speaks for danger. Positive: emergencies; negative: all other mail, and reports of ordinary things.

Shown by leaving one writer out: at each level, the share of emergencies, of doubtful sentences and of the rest.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tomllib import loads
from typing import Any

from msgspec import Struct

from bench.weights import fitting, samples
from bench.weights.fitting import Features, Sample
from routing.cli.output import input_texts
from routing.rules.engine import match
from routing.rules.engine.signs import danger
from routing.rules.engine.values import RuleSet

LEVELS = {danger.ALARM: 1.5, danger.WITH_RULE: -1.3, danger.LOOK: 0.0, danger.TRACE: -3.0}
_SHOWN = (-3.0, -2.5, -2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0)
_KINDS = {"danger": 1.0, "look": None, "harmless": 0.0, "office": 0.0, "reports": 0.0, "dramatic": 0.0}
"""Which label the sentences of a kind have; doubtful ones have none: they are only shown."""
_WEIGHTS = {"reports": 0.6, "dramatic": 0.6}
_EPOCHS, _PENALTY, _BIAS, _RATE = 40, 2e-3, -3.0, 0.1


class _Text(Struct, frozen=True):
    """The windows of a text, who wrote it ("" for reports), what kind it is."""

    writer: str
    kind: str
    windows: Sequence[Features]


def fit(rule_set: RuleSet, cities: Sequence[Path]) -> dict[str, float]:
    """The weights; prints the figures on the way."""
    texts = list(_texts(rule_set, cities))
    judged: list[tuple[float, _Text]] = []
    for writer in sorted({text.writer for text in texts if text.kind == "danger" and text.writer != "tests"}):
        weights = _fitted([text for text in texts if text.writer != writer])
        judged += [(_most(weights, text), text) for text in texts if text.writer == writer]
    for level in _SHOWN:
        shares = [f"{kind} {_share([most >= level for most, text in judged if text.kind == kind])}" for kind in _KINDS]
        print(f"{level:5.1f}  {'  '.join(shares)}")
    return _fitted(texts)


def _texts(rule_set: RuleSet, cities: Sequence[Path]) -> Iterator[_Text]:
    written = [(writer, kind, text) for kind in _KINDS for writer, text in samples.signs(kind)]
    tested: dict[str, Any] = loads((samples.DATA / "urgency.toml").read_text("utf-8"))
    written += [("tests", "danger", text) for text in tested["emergencies"]]
    written += [("tests", "danger", text) for texts in tested["owned"].values() for text in texts]
    written += [("tests", "harmless", text) for text in tested["harmless"]]
    written += [("", "reports", text) for text in samples.reports()]
    written += [("", "reports", text) for path in cities for text in samples.column(path)]
    found = match.evaluate_all([input_texts.message(text) for _, _, text in written], rule_set)
    for (writer, kind, _), findings in zip(written, found, strict=True):
        yield _Text(writer, kind, danger.features(findings.looked, rule_set.library, words=findings.words))


def _fitted(texts: Sequence[_Text]) -> dict[str, float]:
    labelled = [
        Sample(text.windows, label > 0, _WEIGHTS.get(text.kind, 1.0))
        for text in texts
        if (label := _KINDS[text.kind]) is not None
    ]
    return fitting.fit(labelled, epochs=_EPOCHS, penalty=_PENALTY, bias=_BIAS, rate=_RATE)


def _most(weights: Features, text: _Text) -> float:
    return max(fitting.total(weights, window) for window in text.windows)


def _share(values: Sequence[bool]) -> str:
    return f"{sum(values) / max(len(values), 1):.3f} of {len(values)}"
