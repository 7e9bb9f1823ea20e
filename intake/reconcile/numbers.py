"""A set of small positive numbers, one bit each: a million of them take 125 kB. Pure."""

from collections.abc import Iterable


class Numbers:
    """Row numbers, which start at 1 and have few gaps."""

    def __init__(self) -> None:
        self._bits = bytearray()

    def __contains__(self, number: int) -> bool:
        byte, bit = divmod(number, 8)
        return byte < len(self._bits) and bool(self._bits[byte] >> bit & 1)

    def __len__(self) -> int:
        return self.as_one().bit_count()

    def add(self, number: int) -> bool:
        """Put in ``number``; True when it was not there before."""
        byte, bit = divmod(number, 8)
        if byte >= len(self._bits):
            self._bits.extend(bytes(byte - len(self._bits) + 1))
        new = not self._bits[byte] >> bit & 1
        self._bits[byte] |= 1 << bit
        return new

    def include(self, numbers: Iterable[int]) -> None:
        """Put in all of these."""
        for number in numbers:
            self.add(number)

    def without(self, other: "Numbers") -> int:
        """How many are here and not in ``other``."""
        return (self.as_one() & ~other.as_one()).bit_count()

    def as_one(self) -> int:
        """All of them as the bits of one number."""
        return int.from_bytes(self._bits, "little")
