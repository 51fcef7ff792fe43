"""How much one workflow task may do by local activities (protocols 2.3), and when another one has begun.

That is told by what the workflow waited for, never by the length of its history: a task that is only kept
alive while a local activity takes long makes it longer, and is left out when the history is replayed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

LOCALS, SECONDS, BYTES = 8, 1.0, 512 * 1024


@dataclass
class Allowance:
    """What was done in the task that runs: local activities, seconds of them, bytes of their results.

    `commands`: how many updates were answered so far, `told`: how many of them in earlier tasks.
    """

    locals: int = 0
    seconds: float = 0.0
    bytes: int = 0
    commands: int = 0
    told: int = 0

    @contextmanager
    def another(self) -> Iterator[None]:
        """Around a wait that ends in another task."""
        commands = self.commands
        try:
            yield
        finally:
            self.locals, self.seconds, self.bytes, self.told = 0, 0.0, 0, commands

    def one_more(self) -> bool:
        """Whether another local activity may be begun in this task; counts it."""
        self.locals += 1
        return self.locals <= LOCALS and self.seconds < SECONDS and self.bytes < BYTES

    def spend(self, seconds: float, bytes: int) -> None:
        """What one of them took."""
        self.seconds += seconds
        self.bytes += bytes
