"""Chance as a string of bytes, which Hypothesis draws, keeps and shrinks: zeros make the simplest example."""

from collections.abc import Sequence
from typing import TypeVar

from hypothesis import strategies as st

T = TypeVar("T")
THROWS = 1_200
"""More than nearly every example needs; behind them everything is the simplest."""


class Dice:
    """Picks by one byte each; of several values the first is the simplest.

    Hundreds of draws an example would take longer than the walks, and Hypothesis would mostly repeat parts
    of examples instead of making new ones.
    """

    def __init__(self, throws: bytes) -> None:
        self._throws = iter(throws)

    def below(self, size: int) -> int:
        """A number from zero up."""
        return next(self._throws, 0) % size

    def one(self, *values: T) -> T:
        """One of some values."""
        return values[self.below(len(values))]

    def maybe(self, share: int = 2) -> bool:
        """True once in `share` times."""
        return self.below(share) == share - 1

    def some(self, values: Sequence[T], least: int, most: int) -> list[T]:
        """Between `least` and `most` different ones of some values, as far as there are any."""
        rest = list(values)
        count = min(least + self.below(most - least + 1), len(rest))
        return [rest.pop(self.below(len(rest))) for _ in range(count)]


throws = st.binary(min_size=THROWS, max_size=THROWS).map(Dice)
