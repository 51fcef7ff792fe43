"""The bounds of a run."""

from dsl.model import Message


class Limits(Message):
    """Bounds and switches of a run; they change at continue-as-new only: the walk reads no setting."""

    fast: bool = True
    turns: int = 50
    burst_turns: int = 200
    """The same while inputs wait unread: a server lets a run continue as new only once a second."""
    events: int = 600
    history_bytes: int = 1024 * 1024
    every_steps: int = 0
    """Continue as new after so many steps; 0: never (a test's hook)."""
    steps: int = 10_000
    """Since the last rest, outside of loops."""
    loop_steps: int = 4_000_000
    """Since the last rest, inside of loops, which have limits of their own."""
    pending: int = 500
    """Lines of the record that may wait to be written."""
    fuel: int = 1_000
    """Steps in one workflow task: 0.15 s of processor time, of the two seconds that the SDK gives it."""
    unread: int = 1_000
    unread_bytes: int = 256 * 1024
    variables_bytes: int = 512 * 1024
    state_bytes: int = 1536 * 1024
    """Of state and unread inputs, when a run continues as new."""
    flying: int = 500
    """Effects of branches under way at the same time; a server refuses more than 2,000."""
    result_bytes: int = 64 * 1024
    batch: int = 20

    def reached(self, looks: int, turns: int, events: int, size: int, *, unread: bool) -> bool:
        """Whether a run of so many looks, turns, events and bytes is to continue as new."""
        many = turns >= (self.burst_turns if unread else self.turns)
        stepped = 0 < self.every_steps < looks
        return stepped or many or events >= self.events or size >= self.history_bytes
