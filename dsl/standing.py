"""Where a walk stands, as the record tells it to people."""

from dsl.messages import Standing, Status
from dsl.moves import Plans
from dsl.state import Ending, State


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
