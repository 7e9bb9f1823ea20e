"""``python -m bench.weights report``: fit the weights of a sum, print its figures, write it into the library."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench.weights import danger, fitting, report, samples
from routing.rules.engine.values import RuleSet

SUMS: Mapping[str, tuple[Callable[[RuleSet, Sequence[Path]], dict[str, float]], Mapping[str, float]]] = {
    "report": (report.fit, report.LEVELS),
    "danger": (danger.fit, danger.LEVELS),
}


def main() -> None:
    """Fit what is named."""
    parser = argparse.ArgumentParser(prog="python -m bench.weights", description=__doc__)
    parser.add_argument("sum", choices=SUMS)
    parser.add_argument("--city", type=Path, action="append", default=[], help="a table of reports with a column text")
    chosen = parser.parse_args()
    fitted, levels = SUMS[chosen.sum]
    weights = fitted(samples.shipped(), chosen.city)
    for path in (samples.ROOT / "routing/library").rglob(f"weights_{chosen.sum}.toml"):
        fitting.write(path, levels, weights)


if __name__ == "__main__":
    main()
