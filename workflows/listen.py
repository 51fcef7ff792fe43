"""What an input means to a waiting walk."""

from typing import Any, NamedTuple

from dsl.messages import Inbound, Input, Owner
from dsl.plan import Sleep, Wait
from dsl.state import State


class Fate(NamedTuple):
    """`how` an input is consumed, where it `leaves` by, the `owner` it makes, how it `opens` the run."""

    how: str
    leaves: str | None = None
    owner: Owner | None = None
    opens: dict[str, Any] | None = None


def fate_of(state: State, step: Wait | Sleep, input: Input) -> Fate:
    """The fate of one input; on a human's lane people's words are theirs."""
    expects = step.expects if isinstance(step, Wait) else None
    event = input.event
    if event is None:
        return Fate("unreadable")
    if event.kind == "status":
        return _status(event, expects)
    if event.kind == "opened" or _opening(state, event):
        return Fate("opening", opens=event.shown())
    if state.owner == "human" or expects == "handback":
        return Fate("to_human")
    return Fate("answer", leaves="answer")


def _status(event: Inbound, expects: str | None) -> Fate:
    """Whoever applies these in seq order writes the owner; a hand-over ends with them."""
    value = event.value if isinstance(event.value, dict) else {}
    if value.get("outdated"):
        return Fate("outdated")
    owner: Owner | None = value.get("owner") if value.get("owner") in ("bot", "human") else None
    exits = {"resolved": "resolved", "pending": "returned"}
    back = exits.get(str(value.get("status"))) if expects == "handback" and owner != "human" else None
    return Fate("interrupt" if back else "owner", leaves=back, owner=owner)


def _opening(state: State, event: Inbound) -> bool:
    """A message older than our first one was not written in answer to it."""
    known = state.first_sent is not None and event.kind == "message" and event.message_id is not None
    return known and (event.message_id or 0) < (state.first_sent or 0)
