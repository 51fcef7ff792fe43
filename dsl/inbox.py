"""Inputs that a run has taken in and not consumed."""

from collections.abc import Iterable
from typing import Any

from dsl.inputs import Input
from dsl.limits import Limits
from dsl.messages import Consumed
from dsl.model import Message


class Inbox(Message):
    """Inputs not yet consumed, and the highest seq taken in; outside the state: going back loses no input."""

    last_seq: int = 0
    unread: tuple[Input, ...] = ()
    refused: tuple[Consumed, ...] = ()
    """What came when the inbox was full; dead, and the run goes on."""

    def taking(self, inputs: Iterable[Input], limits: Limits) -> "Inbox":
        """With the inputs not seen before; beyond the bounds they are refused."""
        inbox, size = self, sum(input.size for input in self.unread)
        for input in inputs:
            if input.seq > inbox.last_seq:
                inbox = inbox._with(input, size, limits)
                size += input.size
        return inbox

    def recorded(self, fates: Iterable[Consumed]) -> "Inbox":
        """Without the refusals that a flush has written."""
        written = {fate.seq for fate in fates}
        return self.but(refused=tuple(fate for fate in self.refused if fate.seq not in written))

    def _with(self, input: Input, size: int, limits: Limits) -> "Inbox":
        kept: dict[str, Any] = {"last_seq": input.seq, "unread": (*self.unread, input)}
        if len(self.unread) >= limits.unread or size >= limits.unread_bytes:
            overflow = Consumed(seq=input.seq, how="INBOX_OVERFLOW", state="dead")
            kept = {"last_seq": input.seq, "refused": (*self.refused, overflow)}
        return self.but(**kept)

    def without(self, seq: int, how: str) -> "Inbox":
        """An input turned away unread."""
        kept = tuple(one for one in self.unread if one.seq != seq)
        return self.but(unread=kept, refused=(*self.refused, Consumed(seq=seq, how=how)))

    def until(self, seq: int) -> "Inbox":
        """As it was before an input came in, which is left to the next run."""
        return self.but(last_seq=seq - 1, unread=())
