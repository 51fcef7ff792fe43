"""Inputs that a run has taken in and not consumed."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from dsl.inputs import Input
from dsl.limits import Limits
from dsl.messages import Consumed
from dsl.model import Message
from dsl.turns import Turn


class Inbox(Message):
    """Inputs not yet consumed, and the highest seq taken in; outside the state: going back loses no input."""

    last_seq: int = 0
    unread: tuple[Input, ...] = ()
    refused: tuple[Consumed, ...] = ()
    """What came when the inbox was full; dead, and the run goes on."""

    @classmethod
    def opened(cls, rows: Sequence[Input], limits: Limits) -> "Inbox":
        """Of a run that begins with these, the first of which has begun it."""
        inbox = cls().taking(rows, limits)
        return inbox.but(unread=inbox.unread[1:])

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
        """An input turned away unread, with what its sender typed ahead of it in the same session."""
        event = next(one.event for one in self.unread if one.seq == seq)
        gone = [one for one in self.unread if one.seq == seq or (event and one.in_session(event.turn))]
        fates = (Consumed(seq=one.seq, how=how) for one in gone)
        return self.less(gone).but(refused=(*self.refused, *fates))

    def less(self, inputs: Collection[Input]) -> "Inbox":
        """Without inputs that were read."""
        seqs = {one.seq for one in inputs}
        return self.but(unread=tuple(one for one in self.unread if one.seq not in seqs))

    def interrupted(self, seq: int, line: Turn | None) -> bool:
        """Whether the sender of an unread input waits on the line, in another session than that of `line`."""
        return any(one.seq == seq and one.interrupts and not one.in_session(line) for one in self.unread)

    def until(self, seq: int) -> "Inbox":
        """As it was before an input came in, which is left to the next run."""
        return self.but(last_seq=seq - 1, unread=())
