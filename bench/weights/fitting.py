"""Logistic regression by stochastic gradient descent, in plain Python: a few thousand samples of some dozen features.

A sample may have several bags of features (the windows of a text), of which the strongest counts.
"""

import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from routing.model.library import WORD

Features = Mapping[str, float]

_HEAD = "# Was Zeichen zählen. Berechnet, nicht von Hand geschrieben: siehe bench/weights.\n"
_SMALLEST = 0.05


class Sample(Struct, frozen=True):
    """What was found in a text, whether it is what is looked for, and how much the sample counts."""

    bags: Sequence[Features]
    label: bool
    weight: float = 1.0


def total(weights: Features, features: Features) -> float:
    """The weighted sum."""
    return sum(weights.get(name, 0.0) * value for name, value in features.items())


def fit(
    samples: Iterable[Sample], *, epochs: int, penalty: float, bias: float = 0.0, rate: float = 0.05, seed: int = 0
) -> dict[str, float]:
    """The weight of each feature. The same samples and seed give the same weights."""
    weights: dict[str, float] = defaultdict(float)
    weights["bias"] = bias
    shuffled = list(samples)
    order = random.Random(seed)
    for epoch in range(epochs):
        order.shuffle(shuffled)
        step = rate / (1 + epoch / 8)
        for sample in shuffled:
            bag = max(sample.bags, key=lambda one: total(weights, one))
            error = (_sigmoid(total(weights, bag)) - sample.label) * sample.weight
            for name, value in bag.items():
                if value:
                    weights[name] -= step * (error * value + (penalty * weights[name] if name != "bias" else 0.0))
    return dict(weights)


def common(samples: Iterable[Sequence[Features]], least: int) -> frozenset[str]:
    """The features that so many samples have at least."""
    counted = Counter(name for bags in samples for name in {name for bag in bags for name in bag})
    return frozenset(name for name, times in counted.items() if times >= least)


def write(path: Path, levels: Features, weights: Features) -> None:
    """The sum as a file of the library."""
    counted = {name: value for name, value in sorted(weights.items()) if abs(value) >= _SMALLEST}
    lines = [_HEAD, "[levels]", *(f"{name} = {value}" for name, value in levels.items()), "", "[weights]"]
    lines += [f'"{name}" = {value:.2f}' for name, value in counted.items() if not name.startswith(WORD)]
    if words := [f"{name[len(WORD) :]} = {value:.2f}" for name, value in counted.items() if name.startswith(WORD)]:
        lines += ["", "# Was einzelne Wörter zählen, nach ihren Stämmen.", "[words]", *words]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, value))))
