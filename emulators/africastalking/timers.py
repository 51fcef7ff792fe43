"""Things that happen by themselves after a while."""

import asyncio
from collections.abc import Callable


class Timers:
    """At most one pending timer per key."""

    def __init__(self) -> None:
        self._handles: dict[str, asyncio.TimerHandle] = {}

    def set(self, key: str, seconds: float, action: Callable[[], None]) -> None:
        """Run `action` after so many real seconds, in place of what was set under `key`."""
        self.stop(key)
        self._handles[key] = asyncio.get_running_loop().call_later(seconds, self._fire, key, action)

    def stop(self, key: str) -> None:
        if handle := self._handles.pop(key, None):
            handle.cancel()

    def clear(self) -> None:
        for key in list(self._handles):
            self.stop(key)

    def _fire(self, key: str, action: Callable[[], None]) -> None:
        del self._handles[key]
        action()
