"""Where a walk stands, as the record tells it to people."""

from datetime import datetime

from dsl.ending import Ending
from dsl.inbox import Inbox
from dsl.messages import ErrorInfo, Flush, Scene, Standing, Status
from dsl.model import Json
from dsl.moves import Plans
from dsl.state import RunInput, State, Token


def flush_of(
    plans: Plans, state: State, status: Status, inbox: Inbox, scene: Scene, run: str, at: datetime
) -> Flush:
    """The record of what was walked since the last one; `run`: the first of the chain, `at`: its epoch."""
    return Flush(
        scene=scene,
        run=run,
        at=at,
        number=state.record_seq,
        rows=list(state.pending),
        consumed=[*state.consumed, *inbox.refused],
        turned=list(state.turned),
        leaves=state.ending.before if state.ending else None,
        standing=standing_of(plans, state, status, inbox.last_seq),
    )


def standing_of(plans: Plans, state: State, status: Status, last_seq: int) -> Standing:
    """The branch that waits for a person is told of, where there is one, until the walk is over."""
    ending, own = state.ending or Ending(status=status), state.frames[0]
    here = state.token if state.ending else state.awaiting
    waiting = None if state.ending else here.waiting
    frame = state.frame_of(here)
    return Standing(
        status=waiting.kind if waiting is not None and status != "paused" else ending.status,
        node=frame.path + plans[frame.plan].steps[here.step].node,
        progress=1.0 if state.ending else round(len(own.visits) / len(plans[own.plan].nodes), 3),
        variables=own.vars,
        results=ending.results,
        waiting=waiting,
        error=ending.error,
        reason=ending.reason,
        last_seq=last_seq,
        owner=state.owner,
        contact=state.contact,
    )


def ending_of(outcome: str, results: dict[str, Json] | None, token: Token) -> Ending:
    """How a walk ended by the outcome of an `end`."""
    if outcome == "expired":
        return Ending(status="expired", reason="expired")
    if outcome == "failed":
        return Ending(status="failed", reason="failed", error=ErrorInfo.unhandled(token.error))
    return Ending(status="completed", reason=outcome, results=results)


def lost(run: RunInput, digest: str, inbox: Inbox, first_run: str, at: datetime) -> Flush:
    """The record of a run whose plan is gone."""
    error = ErrorInfo(code="PLAN_MISSING", message=f"There is no plan {digest[:12]}.")
    standing = Standing(status="failed", error=error, reason="PLAN_MISSING", last_seq=inbox.last_seq)
    return Flush(scene=run.scene, run=first_run, at=at, number=2**31, standing=standing)
