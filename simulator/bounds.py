"""How far a simulation goes."""

import time
from dataclasses import dataclass, field

from dsl.limits import Limits
from dsl.model import Message
from dsl.values import size_of
from simulator.errors import Halted

LIMITS = Limits(fast=False, turns=1_000_000, burst_turns=1_000_000)
"""Of the walk: `fast` off, so that it never runs ahead of an effect and has nothing to take back."""


@dataclass
class Bounds:
    """Steps, bytes of the trace, and seconds of this machine; the last is a safety net alone."""

    steps: int = 5_000
    bytes: int = 4 * 1024 * 1024
    seconds: float = 30.0
    until: float = field(init=False)

    def __post_init__(self) -> None:
        self.until = time.monotonic() + self.seconds

    def step(self) -> None:
        """One step more."""
        self.steps -= 1
        if self.steps < 0:
            raise Halted("TOO_MANY_STEPS", "The simulation takes more steps than it may.")
        if time.monotonic() > self.until:
            raise Halted("TOO_SLOW", f"The simulation takes longer than {self.seconds:g} s.")

    def told(self, entry: Message) -> None:
        """One entry more in the trace."""
        self.bytes -= size_of(entry.model_dump(mode="json"))
        if self.bytes < 0:
            raise Halted("TRACE_TOO_LARGE", "The simulation tells more than it may.")
