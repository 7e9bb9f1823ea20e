"""Templates tried before they are used, with sample views: a mistake shows at the desk, not in a letter."""

from collections.abc import Sequence

from routing.letters import STANDARD, TEXT_ONLY, samples, templates
from routing.letters.templates import Templates


def problems(environment: Templates, names: Sequence[str] = ()) -> tuple[str, ...]:
    """German problems of the standard templates and those called ``names``, in order, each tried with sample views.

    Raises nothing.
    """
    wanted = dict.fromkeys((*STANDARD, *names))
    files = [
        f"{name}.{part}.j2" for name in wanted for part in ("txt", "html") if part == "txt" or name not in TEXT_ONLY
    ]
    return templates.problems(environment, files, samples.of)
