"""What one script may take, and how many processes run them: settings of the worker."""

import json
from typing import NamedTuple

PATIENCE = 20
"""Times its CPU time that a script may take on a busy machine."""
AT_LEAST = 2.0


class ScriptLimits(NamedTuple):
    """Of one script: CPU seconds, bytes of memory and of stack, bytes of its result; and of the children."""

    seconds: float = 0.1
    memory: int = 16 * 1024 * 1024
    stack: int = 256 * 1024
    result: int = 64 * 1024
    children: int = 2
    calls: int = 1_000
    """After so many a child is replaced."""

    def told(self) -> str:
        """The argument of a child."""
        lifetime = {"lifetime": 3 * self.seconds * self.calls + 10}
        return json.dumps({**self._asdict(), **lifetime})

    def patience(self) -> float:
        """Seconds by the clock until a child is given up."""
        return max(AT_LEAST, PATIENCE * self.seconds)
