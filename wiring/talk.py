"""What the command line says while it works: on standard error, standard output is for data."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from rich.console import Console

LINE_EVERY = 15.0


@dataclass(frozen=True)
class Talk:
    """Progress for people: a moving line on a terminal, a plain line now and then elsewhere."""

    console: Console = field(default_factory=lambda: Console(stderr=True, highlight=False))

    def say(self, text: str) -> None:
        self.console.print(text, markup=False, soft_wrap=True)

    @asynccontextmanager
    async def waiting(self, what: str) -> AsyncIterator[None]:
        """Say what is waited for until the block ends."""
        if self.console.is_terminal:
            with self.console.status(what):
                yield
            return
        self.say(f"{what} …")
        ticker = asyncio.create_task(self._tick(what))
        try:
            yield
        finally:
            ticker.cancel()

    async def _tick(self, what: str) -> None:
        began = time.monotonic()
        while True:
            await asyncio.sleep(LINE_EVERY)
            self.say(f"{what} … {time.monotonic() - began:.0f} s")


QUIET = Talk(Console(stderr=True, quiet=True))
