"""``python -m bench.weights report``: fit the weights of a sum, print its figures, write it into the library."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from bench.weights import danger, fitting, report, samples, worry
from routing.rules.engine.values import RuleSet


class Fit(Protocol):
    """Fits the weights of a sum; prints the figures of writers left out, if wanted."""

    def __call__(self, rule_set: RuleSet, cities: Sequence[Path], *, figures: bool) -> dict[str, float]: ...


SUMS: Mapping[str, tuple[Fit, Mapping[str, float]]] = {
    "report": (report.fit, report.LEVELS),
    "danger": (danger.fit, danger.LEVELS),
    "worry": (worry.fit, worry.LEVELS),
}


def main() -> None:
    """Fit what is named."""
    parser = argparse.ArgumentParser(prog="python -m bench.weights", description=__doc__)
    parser.add_argument("sum", choices=SUMS)
    parser.add_argument("--city", type=Path, action="append", default=[], help="a table of reports with a column text")
    parser.add_argument("--no-figures", action="store_true", help="without those of writers left out, which take long")
    chosen = parser.parse_args()
    fitted, levels = SUMS[chosen.sum]
    weights = fitted(samples.shipped(), chosen.city, figures=not chosen.no_figures)
    for path in (samples.ROOT / "routing/library").rglob(f"weights_{chosen.sum}.toml"):
        fitting.write(path, levels, weights)


if __name__ == "__main__":
    main()
