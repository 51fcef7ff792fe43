"""What every emulated installation has, whoever the provider is."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from emulators.common.delivery import Engine
from emulators.common.faults import FaultBook
from emulators.common.journal import Journal
from emulators.common.limits import Throttle

Clock = Callable[[], float]


class Plant:
    """Journal, faults, clock (unix seconds) and address of one installation."""

    engine: Engine[Any, Any]

    def __init__(
        self, state_dir: Path | None, lines: int, *, durable: bool = True, clock: Clock = time.time
    ) -> None:
        self.now = clock
        self.base_url = "http://emulator.invalid"
        self.state_dir = state_dir
        self.journal = Journal(state_dir, lines, durable=durable)
        self.epoch = _next_epoch(state_dir) if state_dir else 0
        self.faults = FaultBook()
        self.throttle = Throttle(clock)

    def forget(self) -> None:
        """Lift all faults and begin to count calls anew."""
        self.faults.clear()
        self.throttle = Throttle(self.now)


def _next_epoch(directory: Path) -> int:
    """How many times this state directory was used before.

    The rows are gone after a restart, but a client's memory of their ids is not: each start counts from
    another million.
    """
    path = directory / "epoch"
    epoch = int(path.read_text()) + 1 if path.exists() else 0
    path.write_text(str(epoch))
    return epoch
