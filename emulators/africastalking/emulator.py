"""The emulated application as one object, handed to everything that acts in it."""

import time
from decimal import Decimal
from typing import Any

import httpx

from emulators.africastalking.callbacks import Engine, callback
from emulators.africastalking.config import Config
from emulators.africastalking.errors import ApiError
from emulators.africastalking.faults import Channel
from emulators.africastalking.rows import Phone, State
from emulators.africastalking.texts import is_phone
from emulators.africastalking.timers import Timers
from emulators.common.plant import Clock, Plant


class Emulator(Plant):
    """State, balance, callbacks and timers of one application; `clock` gives unix seconds."""

    engine: Engine

    def __init__(
        self, config: Config, transport: httpx.AsyncBaseTransport | None = None, clock: Clock = time.time
    ) -> None:
        super().__init__(config.state_dir, config.journal_lines, durable=config.journal_fsync, clock=clock)
        self._started_with = config
        self.config = config
        self.state = State()
        self.balance = config.balance
        self.timers = Timers()
        self.engine = Engine(config, self.journal, self.faults, transport)
        # The inbox is polled with the largest number seen, so a restart must not count from the beginning.
        self.inbox_number = 15_071 + self.epoch * 1_000_000

    def configure(self, config: Config) -> None:
        """Change the settings of the running application; a new `balance` is the balance from now on."""
        if config.balance != self.config.balance:
            self.balance = config.balance
        self.config = config
        self.engine.configure(config)

    def reset(self) -> None:
        """Forget all rows, faults, timers and pending callbacks; numbers go on."""
        self.engine.cancel()
        self.timers.clear()
        self.configure(self._started_with)
        self.state = State()
        self.balance = self.config.balance
        self.forget()

    def tell(self, channel: Channel, event: str, fields: dict[str, Any], **more: Any) -> None:
        """Make a callback in the background, if the dashboard has an address for it."""
        if url := getattr(self.config.callbacks, channel):
            self.engine.enqueue(callback(channel, event, url, fields, **more))

    def phone(self, number: str) -> Phone:
        """The subscriber of a number, made on first sight; the 422 of what is no number."""
        if not is_phone(number):
            raise ApiError(422, "phone: a number has '+' and a country code")
        return self.state.phone(number, self.config)

    def pay(self, amount: Decimal) -> bool:
        """Take from the balance; False when it does not suffice."""
        if amount > self.balance:
            return False
        self.balance -= amount
        return True

    async def close(self) -> None:
        self.timers.clear()
        await self.engine.close()
        self.journal.close()
