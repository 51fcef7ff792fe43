"""A time zone as data of a plan: what its clocks show, without a time zone database, whenever it is asked."""

from bisect import bisect_right
from datetime import UTC, datetime, timedelta

from dsl.model import Message

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_FIRST, _LAST = _EPOCH.replace(day=3), _EPOCH.replace(year=9000)
"""Between these any offset leaves a time within what a datetime holds."""


class Zone(Message):
    """Offsets in seconds east of UTC; after the last change, which a plan knows of, the last one stays."""

    offset: int = 0
    """Before the first change."""
    changes: tuple[tuple[int, int], ...] = ()
    """(POSIX time, offset from then on), in order."""

    def local(self, moment: datetime) -> datetime:
        """What the clocks show at a moment: a time without an offset."""
        plain = min(max(moment.astimezone(UTC).replace(tzinfo=None), _FIRST), _LAST)
        passed = bisect_right(self.changes, (plain - _EPOCH).total_seconds(), key=lambda change: change[0])
        return plain + timedelta(seconds=self._offset(passed))

    def moment(self, local: datetime, *, second: bool = False) -> datetime:
        """When the clocks show a time: of two such moments the first, or the `second`.

        A time that is skipped is read as if the clocks had not been changed yet (PEP 495).
        """
        shown = min(max(local.replace(tzinfo=None), _FIRST), _LAST)
        posix = (shown - _EPOCH).total_seconds()
        low, high = 0, len(self.changes)
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if posix < self._shown(middle, second) else (middle + 1, high)
        return (shown - timedelta(seconds=self._offset(low))).replace(tzinfo=UTC)

    def _offset(self, passed: int) -> int:
        return self.changes[passed - 1][1] if passed else self.offset

    def _shown(self, index: int, second: bool) -> int:
        """The time shown from which a change counts."""
        at, after = self.changes[index]
        offsets = (self._offset(index), after)
        return at + (min(offsets) if second else max(offsets))
