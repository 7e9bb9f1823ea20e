"""Text that is read on while it is worked off, so that a file of any length needs the same memory."""

import re
from collections.abc import Iterable

AHEAD = 100_000  # characters that stand ready behind the place where a record begins
LONGEST_LINE = 2_000_000  # a longer one is cut: it is no row of a table
_BREAK = re.compile(r"\r\n|\r|\n")


class Window:
    """A part of a text. ``text`` is what is there now; its indices move when ``line_end`` is called."""

    def __init__(self, chunks: Iterable[str]) -> None:
        self._chunks = iter(chunks)
        self.text = ""
        self.ended = False

    def line_end(self, start: int) -> tuple[int, int]:
        """Where the line that begins at ``start`` ends, with its line break; and where ``start`` is now.

        What follows ``start`` is there then, ``AHEAD`` characters of it; what lay before may be gone.
        """
        if not self.ended and len(self.text) - start < AHEAD:
            start = self._read_on(start, AHEAD)
        found = _BREAK.search(self.text, start)
        while found is None and not self.ended and len(self.text) - start < LONGEST_LINE:
            start = self._read_on(start, min(2 * (len(self.text) - start) + AHEAD, LONGEST_LINE))
            found = _BREAK.search(self.text, start)
        if found is not None and found.end() - start <= LONGEST_LINE:
            return found.end(), start
        return min(len(self.text), start + LONGEST_LINE), start

    def _read_on(self, start: int, wanted: int) -> int:
        parts = [self.text[start:]]
        size = len(parts[0])
        while size < wanted or parts[-1].endswith("\r"):  # a line break is never read in two halves
            chunk = next(self._chunks, None)
            if chunk is None:
                self.ended = True
                break
            parts.append(chunk)
            size += len(chunk)
        self.text = "".join(parts)
        return 0
