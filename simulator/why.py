"""Why a walk stands where it stands."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal

from dsl.hearing import step_of
from dsl.moves import Plans
from dsl.plan import Wait
from dsl.state import State, Waiting
from simulator.trace import Awaiting, Rested, Timer


def rested(plans: Plans, state: State, now: datetime, due: datetime | None) -> Rested:
    """What each branch waits for, what happens next by itself, and the flow's variables."""
    return Rested(
        at=now,
        waiting=list(_awaiting(plans, state)),
        timer=Timer(at=due, what=_what(plans, state, due)) if due is not None else None,
        variables=state.frames[0].vars,
    )


def _awaiting(plans: Plans, state: State) -> Iterator[Awaiting]:
    for token in state.tokens:
        step, waiting = step_of(plans, state, token), token.waiting
        if waiting is None:
            continue
        asks = step if isinstance(step, Wait) else None
        yield Awaiting(
            branch=token.id,
            node=state.frame_of(token).path + step.node,
            kind=waiting.kind,
            expects=waiting.expects,
            since=waiting.since,
            deadline=waiting.deadline,
            choices=[choice.model_dump() for choice in asks.choices] if asks else [],
            interrupts=sorted(asks.interrupts) if asks else [],
        )


def _what(plans: Plans, state: State, due: datetime) -> Literal["reminder", "timeout", "delay", "quiet"]:
    for token in state.tokens:
        step, waiting = step_of(plans, state, token), token.waiting
        if waiting is None:
            continue
        if not isinstance(step, Wait):
            if waiting.deadline == due:
                return "delay"
        elif waiting.deadline == due:
            return "timeout"
        elif due == _reminder(step, waiting):
            return "reminder"
    return "quiet"


def _reminder(step: Wait, waiting: Waiting) -> datetime | None:
    if waiting.reminded >= len(step.reminders):
        return None
    return waiting.since + timedelta(seconds=step.reminders[waiting.reminded].after)
