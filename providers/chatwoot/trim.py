"""Keeping what strangers send small enough to store and clean enough for PostgreSQL."""

from dataclasses import dataclass

from dsl.model import Json

BUDGET = 16 * 1024
DEPTH = 12
LARGEST = 2**63


@dataclass(frozen=True)
class Trimmed:
    """A JSON value within bounds; `cut` tells whether anything was left out."""

    value: Json
    cut: bool


def trimmed(value: Json, budget: int = BUDGET) -> Trimmed:
    """The value without NUL characters, cut at about `budget` bytes of text and 12 levels."""
    shears = _Shears(budget)
    return Trimmed(shears.keep(value, DEPTH), shears.cut)


def text_within(text: str, limit: int = BUDGET) -> Trimmed:
    """The text without NUL characters and lone surrogates, of at most `limit` bytes in UTF-8."""
    data = text.replace("\x00", "").encode(errors="replace")
    return Trimmed(data[:limit].decode(errors="ignore"), len(data) > limit)


class _Shears:
    """Walks a value and pays for what it keeps."""

    def __init__(self, budget: int) -> None:
        self._left = budget
        self.cut = False

    def keep(self, value: Json, depth: int) -> Json:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, dict):
            return self._object(value, depth)
        if isinstance(value, list):
            return self._list(value, depth)
        return self._scalar(value)

    def _text(self, value: str) -> str:
        kept = text_within(value, max(self._left, 0))
        self.cut |= kept.cut
        self._left -= len(kept.value) + 2
        return str(kept.value)

    def _object(self, value: dict[str, Json], depth: int) -> dict[str, Json]:
        kept: dict[str, Json] = {}
        for name, item in value.items():
            if not self._affords(depth):
                break
            kept[self._text(name)] = self.keep(item, depth - 1)
        return kept

    def _list(self, value: list[Json], depth: int) -> list[Json]:
        kept: list[Json] = []
        for item in value:
            if not self._affords(depth):
                break
            kept.append(self.keep(item, depth - 1))
        return kept

    def _scalar(self, value: Json) -> Json:
        self._left -= 8
        if isinstance(value, float) and value - value != 0:  # NaN and infinities are not JSON
            return None
        beyond = isinstance(value, int) and not -LARGEST <= value < LARGEST
        return None if beyond else value

    def _affords(self, depth: int) -> bool:
        enough = depth > 0 and self._left > 0
        self.cut |= not enough
        return enough
