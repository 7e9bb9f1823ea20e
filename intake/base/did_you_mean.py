"""„Meinten Sie …?“: the known word that comes nearest to what somebody wrote."""

import difflib
from collections.abc import Iterable


def sentence(word: str, known: Iterable[str]) -> str:
    """A German sentence with the nearest of the ``known`` words, a blank in front; empty when none is near."""
    lowered = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(word.casefold(), lowered, n=1, cutoff=0.6)
    return f" Meinten Sie „{lowered[near[0]]}“?" if near else ""
