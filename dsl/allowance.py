"""How much one workflow task may do by local activities (protocols 2.3)."""

from dataclasses import dataclass

LOCALS, SECONDS, BYTES = 8, 1.0, 512 * 1024


@dataclass
class Allowance:
    """What was done in the task that runs: local activities, seconds of them, bytes of their results."""

    task: int = 0
    locals: int = 0
    seconds: float = 0.0
    bytes: int = 0

    def one_more(self, task: int) -> bool:
        """Whether another one may be begun in this task; counts it."""
        if self.task != task:
            self.task, self.locals, self.seconds, self.bytes = task, 0, 0.0, 0
        self.locals += 1
        return self.locals <= LOCALS and self.seconds < SECONDS and self.bytes < BYTES

    def spend(self, seconds: float, bytes: int) -> None:
        """What one of them took."""
        self.seconds += seconds
        self.bytes += bytes
