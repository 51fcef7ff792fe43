"""What a walk asks of the world: of a workflow, a simulation, or a test."""

from datetime import datetime
from typing import Any, NamedTuple, Protocol

from dsl.inbox import Inbox
from dsl.messages import Attempt, ClosedWait, CloseWait, Effect, Outcome, Perform, Performed, Report
from dsl.model import Json
from dsl.plan import Call, Say
from dsl.state import State


class Effects(Protocol):
    """What a walk asks of the world."""

    inbox: Inbox
    """Inputs taken in so far; grows while the walk rests."""
    landed: dict[int, Report]
    """How effects that were started ended, by token, the first first; the walk takes them out."""

    def stamp(self) -> datetime:
        """The epoch's time; never read by the flow."""

    def cancelled(self, *, before: bool = False) -> bool:
        """Whether the execution was asked to stop; `before`: so early that no effect is lost by obeying."""

    def expires(self) -> bool:
        """Whether that was because its time is up."""

    def holds(self) -> bool:
        """Whether the execution is paused."""

    def given(self) -> dict[str, Json]:
        """Variables set from outside since this was asked last."""

    async def released(self) -> None:
        """Until it is resumed or cancelled."""

    def should_continue(self, state: State) -> bool:
        """Whether the run has grown enough to continue as new."""

    async def perform(self, request: Perform) -> Performed:
        """Fast effects and the record, in one activity."""

    async def attempt(self, attempt: Attempt) -> Report:
        """One effect as an ordinary activity, to its end."""

    def start(self, token: int, attempt: Attempt) -> None:
        """Begin the same beside what others do; its report will be among the `landed`."""

    async def landing(self) -> None:
        """Until something has landed."""

    async def pure(self, step: Call, args: dict[str, Any]) -> Outcome:
        """A call that touches nothing outside."""

    async def rest(self, due: datetime | None, seen: int) -> bool:
        """Until the time is due (True); or an input beyond `seen`, a landing or a command is in."""

    async def close_wait(self, ask: CloseWait) -> ClosedWait:
        """The inputs accepted until a deadline that has passed."""

    async def breathe(self) -> None:
        """End this workflow task and go on in the next."""


class Queued(NamedTuple):
    """An effect the walk ran ahead of, and the state to go back to."""

    effect: Effect
    step: Say | Call
    before: State
