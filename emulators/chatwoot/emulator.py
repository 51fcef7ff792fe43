"""The emulated installation as one object, handed to everything that acts in it."""

import time
from collections.abc import Callable
from pathlib import Path

import httpx

from emulators.chatwoot.config import Config, Profile
from emulators.chatwoot.delivery import Engine
from emulators.chatwoot.faults import FaultBook
from emulators.chatwoot.journal import Journal
from emulators.chatwoot.limits import Throttle
from emulators.chatwoot.state import Sequences, State

Clock = Callable[[], float]


class Emulator:
    """State, journal, faults and deliveries of one installation; `clock` gives unix seconds."""

    def __init__(
        self, config: Config, transport: httpx.AsyncBaseTransport | None = None, clock: Clock = time.time
    ) -> None:
        self._started_with = config
        self.config = config
        self.now = clock
        self.base_url = "http://chatwoot.invalid"  # the server puts its own address here
        self.journal = Journal(config.state_dir, config.journal_lines, durable=config.journal_fsync)
        self.sequences = Sequences(_next_epoch(config.state_dir) if config.state_dir else 0)
        self.state = State(config.row_limit)
        self.faults = FaultBook()
        self.throttle = Throttle(clock)
        self.engine = Engine(config, self.journal, self.faults, transport, clock)

    @property
    def facts(self) -> Profile:
        return self.config.facts

    def configure(self, config: Config) -> None:
        """Change the settings of the running installation."""
        self.config = config
        self.engine.configure(config)

    def reset(self) -> None:
        """Forget all rows, faults and pending deliveries; ids and journal numbers go on."""
        self.engine.cancel()
        self.configure(self._started_with)
        self.state = State(self.config.row_limit)
        self.faults.clear()
        self.throttle = Throttle(self.now)

    async def close(self) -> None:
        await self.engine.close()
        self.journal.close()


def _next_epoch(directory: Path) -> int:
    """How many times this state directory was used before.

    The rows are gone after a restart, but a client's memory of their ids is not: each start counts from
    another million.
    """
    path = directory / "epoch"
    epoch = int(path.read_text()) + 1 if path.exists() else 0
    path.write_text(str(epoch))
    return epoch
