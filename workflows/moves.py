"""How a state becomes the next: pure functions, each from a state to a new one."""

from typing import Any, Literal

from dsl.messages import Consumed, ErrorInfo, Input, Outcome, Row
from dsl.model import Json
from dsl.plan import Call, Plan, Say
from dsl.state import Frame, Heard, RunInput, State, Token, Waiting
from dsl.values import placed


def begin(plan: Plan, run: RunInput) -> State:
    """The state before the first step; given variables go over declared defaults."""
    declared = {name: told.default for name, told in plan.variables.items() if told.default is not None}
    state = State(
        now=run.started_at,
        frames=(Frame(plan=run.plan.digest, vars={**declared, **run.variables}),),
        tokens=(Token(step=plan.start, visit=0, entered=run.started_at),),
        trigger=run.trigger,
        contact=run.contact,
        conversation=run.conversation,
        owner=run.owner,
        consumed=tuple(Consumed(seq=row.seq, how="start") for row in run.opening_rows[:1]),
    )
    return go(plan, state, plan.start)


def go(plan: Plan, state: State, target: str) -> State:
    """The token at a target: a step of its node, another node's entry, or out by `!exit`."""
    if target.startswith("!"):
        node = plan.steps[state.token.step].node
        return go(plan, left(plan, state, target[1:]), plan.nodes[node].exits[target[1:]])
    node = plan.steps[target].node
    if target != plan.nodes[node].entry:
        return state.with_token(step=target)
    visits = {**state.frame.visits, node: state.frame.visits.get(node, 0) + 1}
    fresh = Token(step=target, visit=visits[node], entered=state.now, error=state.token.error)
    return state.but(tokens=(fresh,)).with_frame(visits=visits)


def left(plan: Plan, state: State, exit: str | None) -> State:
    """The node's line of the record: by which exit it was left, and with what."""
    here = state.token
    error = here.error if exit in ("error", "unknown") else None
    row = _row(plan, state, "done", exit=exit, result=here.result, error=error, ended_at=state.now)
    return _recorded(state.with_token(error=error), row)


def _row(plan: Plan, state: State, phase: Literal["waiting", "done"], **more: Any) -> Row:
    here = state.token
    node = plan.steps[here.step].node
    return Row(
        seq=state.record_seq + 1,
        node=node,
        kind=plan.nodes[node].kind,
        label=plan.nodes[node].label,
        visit=here.visit,
        phase=phase,
        started_at=here.entered,
        effect=(here.visit, here.effects) if here.effects else None,
        after=state.ahead - 1,
        **more,
    )


def _recorded(state: State, row: Row) -> State:
    return state.but(record_seq=row.seq, pending=(*state.pending, row))


def rest(plan: Plan, state: State, waiting: Waiting) -> State:
    """The token at rest, with a line in the record that keeps the variables as they are now."""
    row = _row(plan, state, "waiting", snapshot=state.frame.vars)
    return _recorded(state, row).with_token(waiting=waiting).but(steps=0)


def assign(state: State, path: str, value: Json) -> State:
    """A variable set by dotted path."""
    return state.with_frame(vars=placed(state.frame.vars, path, value))


def consumed(state: State, input: Input, how: str) -> State:
    """An input's fate noted, walk time moved to its acceptance, and the contact as it tells it."""
    kind: Literal["consumed", "dead"] = "consumed" if input.event else "dead"
    fate = Consumed(seq=input.seq, how=how, state=kind, after=state.ahead - 1)
    state = state.but(consumed=(*state.consumed, fate)).at(input.accepted_at)
    if input.event is None:
        return state
    conversation = {**state.conversation, **input.event.conversation}
    return state.but(contact={**state.contact, **input.event.contact}, conversation=conversation)


def heard(state: State, input: Input) -> State:
    """The input is the answer: what was said, and one more try."""
    event = input.event
    if event is None:
        return state
    said = Heard.of(event, state.token.heard.tries + 1)
    return state.but(turns=state.turns + 1, steps=0).with_token(heard=said, waiting=None)


def after_say(plan: Plan, state: State, step: Say, outcome: Outcome) -> State:
    """After a message: on, or by an exit for errors; of unknown end: as sent, unless that is drawn."""
    taken = outcome.exit == "unknown" and "unknown" not in plan.nodes[step.node].exits
    if outcome.error is not None and not taken:
        return _failed(plan, state, step, outcome)
    if not step.ahead and step.to.startswith("!"):  # a message of its own, and something reads its value
        state = _valued(state, step, outcome.value)
    return go(plan, sent(state, outcome), step.to)


def sent(state: State, *outcomes: Outcome | None) -> State:
    """Remembers when, and the id of our first message, below which nothing is an answer."""
    for outcome in filter(None, outcomes):
        id = outcome.value.get("id") if isinstance(outcome.value, dict) else None
        first = state.first_sent is None and isinstance(id, int) and not isinstance(id, bool)
        state = state.at(outcome.at).but(**({"first_sent": id} if first else {}))
    return state


def after_call(plan: Plan, state: State, step: Call, outcome: Outcome) -> State:
    """After a call: its value kept, and out by the exit it named; an error goes by `onError`."""
    leads = outcome.exit in step.to or outcome.exit in plan.nodes[step.node].exits
    if outcome.error is not None or not leads:
        return _failed(plan, state, step, outcome)
    return go(plan, _kept(state, step, outcome.value), step.to.get(outcome.exit, f"!{outcome.exit}"))


def _failed(plan: Plan, state: State, step: Say | Call, outcome: Outcome) -> State:
    """By the exit connected for it, else with the author's own value, else as the flow says."""
    exits, exit, error = plan.nodes[step.node].exits, outcome.exit, outcome.error
    if error is not None and (exit != "unknown" or exit not in exits):
        exit = "error"
    if exit not in exits and step.fallback is not None:
        state = _valued(state, step, step.fallback.value)
        return go(plan, state, f"!{step.fallback.exit}")
    if error is None:
        exit, error = "error", ErrorInfo(code="UNKNOWN_EXIT", message=f"The executor left by '{exit}'.")
    return go(plan, state.with_token(error=error), f"!{exit}")


def _kept(state: State, step: Call, value: Json) -> State:
    if step.hands_over:
        state = state.but(owner="human")
    if step.tells_contact and isinstance(value, dict):
        custom = {**(state.contact.get("custom") or {}), **(value.get("custom") or {})}
        state = state.but(contact={**state.contact, **value, "custom": custom})
    return _valued(state, step, value)


def _valued(state: State, step: Say | Call, value: Json) -> State:
    state = state.with_token(result=value, error=None)
    state = state.with_frame(nodes={**state.frame.nodes, step.node: value})
    return assign(state, step.save_to, value) if isinstance(step, Call) and step.save_to else state
