"""The emulated installation as one object, handed to everything that acts in it."""

import time

import httpx

from emulators.chatwoot.config import Config, Profile
from emulators.chatwoot.delivery import Engine
from emulators.chatwoot.state import Sequences, State
from emulators.common.plant import Clock, Plant


class Emulator(Plant):
    """State, journal, faults and deliveries of one installation; `clock` gives unix seconds."""

    engine: Engine

    def __init__(
        self, config: Config, transport: httpx.AsyncBaseTransport | None = None, clock: Clock = time.time
    ) -> None:
        super().__init__(config.state_dir, config.journal_lines, durable=config.journal_fsync, clock=clock)
        self.base_url = "http://chatwoot.invalid"  # until the server puts its own address here
        self._started_with = config
        self.config = config
        self.sequences = Sequences(self.epoch)
        self.state = State(config.row_limit)
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
        self.forget()

    async def close(self) -> None:
        await self.engine.close()
        self.journal.close()
