"""How a state becomes the next: pure functions, each from a state to a new one.

`plans` are those of all frames, by digest; what is moved is the token whose turn it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from dsl.inputs import Input
from dsl.limits import Limits
from dsl.messages import Consumed, ErrorInfo, Outcome, Row
from dsl.model import Json
from dsl.plan import Call, Join, Plan, Say
from dsl.prompts import sent_at
from dsl.screens import opened
from dsl.state import Frame, Heard, RunInput, Spot, State, Token, Waiting
from dsl.values import placed

Plans = Mapping[str, Plan]
FAILED = ("error", "unknown", "failed")
"""Exits whose line of the record says why."""
LIMIT = "limit"
OFTEN = ErrorInfo(code="LOOP_LIMIT", message="The loop went round too often.")


def begin(plans: Plans, run: RunInput) -> State:
    """The state before the first step; given variables go over declared defaults."""
    plan = plans[run.plan.digest]
    state = State(
        now=run.started_at,
        frames=(Frame(plan=run.plan.digest, vars={**plan.defaults, **run.variables}),),
        tokens=(Token(step=plan.start, visit=0, entered=run.started_at),),
        trigger=run.trigger,
        contact=run.contact,
        conversation=run.conversation,
        owner=run.owner,
        consumed=tuple(Consumed(seq=row.seq, how="start") for row in run.opening_rows[:1]),
    )
    for row in run.opening_rows[:1]:
        state = opened(state, row)
    return go(plans, state, plan.start)


def plan_of(plans: Plans, state: State) -> Plan:
    """The plan that the token walks."""
    return plans[state.frame.plan]


def go(plans: Plans, state: State, target: str) -> State:
    """The token at a target: a step of its node, a visit of another node, or out by `!exit`."""
    plan = plan_of(plans, state)
    here = plan.steps[state.token.step].node
    if target.startswith("!"):
        return go(plans, left(plans, state, target[1:]), plan.nodes[here].exits[target[1:]])
    step = plan.steps[target]
    inside = step.node == here and target != plan.nodes[here].entry
    if inside or isinstance(step, Join):
        return state.with_token(step=target)
    visits = {**state.frame.visits, step.node: state.frame.visits.get(step.node, 0) + 1}
    fresh = state.token.afresh(target, visits[step.node], state.now)
    if state.token.back is not None and plan.steps[state.token.back].node == step.node:
        fresh |= {"back": None, "kept": {}}  # it found its way by an edge of its own
    return state.with_token(**fresh).with_frame(visits=visits)


def left(plans: Plans, state: State, exit: str | None) -> State:
    """The node's line of the record: by which exit it was left, and with what."""
    here = state.token
    error = here.error if exit in FAILED else OFTEN if exit == LIMIT else None
    told = {"result": here.result, "merged": here.heard.merged}
    row = _row(plans, state, "done", exit=exit, error=error, ended_at=state.now, **told)
    return _recorded(state.with_token(error=error), row)


def _row(plans: Plans, state: State, phase: Literal["waiting", "done"], **more: Any) -> Row:
    here, plan = state.token, plan_of(plans, state)
    node = plan.steps[here.step].node
    return Row(
        seq=state.record_seq + 1,
        node=state.frame.path + node,
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


def stepped(state: State, limits: Limits) -> State:
    """One step more; the walk is over where it took too many without waiting."""
    count = "looped" if _looping(state) else "steps"
    state = state.but(**{count: getattr(state, count) + 1})
    if state.steps > limits.steps or state.looped > limits.loop_steps:
        return state.failed("LOOP_LIMIT", "The flow walked too many steps without waiting.")
    return state


def _looping(state: State) -> bool:
    """Whether the token is inside of a loop, of the flows that called its own included."""
    token: Token | None = state.token
    while token is not None and not token.loops:
        token = state.frame_of(token).caller
    return token is not None


def rest(plans: Plans, state: State, waiting: Waiting) -> State:
    """The token at rest, with a line in the record that keeps the variables as they are now."""
    row = _row(plans, state, "waiting", snapshot=state.frame.vars)
    return _recorded(state, row).with_token(waiting=waiting).but(steps=0, looped=0)


def given(state: State, values: Mapping[str, Json]) -> State:
    """Variables of the flow set from outside."""
    own = state.frames[0]
    for path, value in values.items():
        own = own.but(vars=placed(own.vars, path, value))
    return state.but(frames=(own, *state.frames[1:]))


def assign(state: State, path: str, value: Json) -> State:
    """A variable set by dotted path."""
    return state.with_frame(vars=placed(state.frame.vars, path, value))


def consumed(state: State, input: Input, how: str) -> State:
    """An input's fate noted, walk time moved to its acceptance, and the contact as it tells it."""
    kind: Literal["consumed", "dead"] = "consumed" if input.event else "dead"
    fate = Consumed(seq=input.seq, how=how, state=kind, after=state.ahead - 1)
    state = opened(state.but(consumed=(*state.consumed, fate)).at(input.accepted_at), input)
    if input.event is None:
        return state
    conversation = {**state.conversation, **input.event.conversation}
    return state.but(contact={**state.contact, **input.event.contact}, conversation=conversation)


def unheard(state: State, inputs: Iterable[Input]) -> State:
    """What came and was not heard to the end."""
    for input in inputs:
        state = consumed(state, input, "unread_at_end")
    return state


def looped(state: State, node: str, values: dict[str, Json]) -> State:
    """A loop's own values set; without any it is closed."""
    loops = {name: loop for name, loop in state.token.loops.items() if name != node or values}
    for path, value in values.items():
        loops = placed(loops, f"{node}.{path}", value)
    return state.with_token(loops=loops)


def heard(state: State, said: Heard) -> State:
    """Somebody said what ends the wait; one more try."""
    before = state.token.heard
    counted = said.but(tries=before.tries + 1, merged=[*before.merged, *said.merged])
    turned = state.but(turns=state.turns + 1, steps=0, looped=0)
    return turned.with_token(heard=counted, waiting=None)


def after_say(plans: Plans, state: State, step: Say, outcome: Outcome) -> State:
    """After a message: on, or by an exit for errors; of unknown end: as sent, unless that is drawn."""
    taken = outcome.exit == "unknown" and "unknown" not in plan_of(plans, state).nodes[step.node].exits
    if outcome.error is not None and not taken:
        return _failed(plans, state, step, outcome)
    if not step.ahead and step.to.startswith("!"):  # a message of its own, and something reads its value
        state = valued(state, step.node, outcome.value)
    return go(plans, sent(state, outcome), step.to)


def sent(state: State, *outcomes: Outcome | None) -> State:
    """Remembers when, and the id of our first message, below which nothing is an answer."""
    for outcome in filter(None, outcomes):
        id = outcome.value.get("id") if isinstance(outcome.value, dict) else None
        first = state.first_sent is None and isinstance(id, int) and not isinstance(id, bool)
        state = state.at(outcome.at).but(**({"first_sent": id} if first else {}))
    return state


def ahead(plans: Plans, state: State, step: Say | Call, value: Json) -> State:
    """On, before the outcome is known: nothing reads it, or its value is foreseen."""
    if isinstance(step, Say):
        return go(plans, state, step.to)
    if step.tells_contact:
        state = told(state, value)
    return go(plans, state, step.to.get(step.default_exit, f"!{step.default_exit}"))


def recorded(state: State, outcomes: Sequence[Outcome | None]) -> State:
    """What was pending is on record, with what its effects came to."""
    state = sent(state.but(pending=(), consumed=(), ahead=0), *outcomes)
    waiting, prompted = state.token.waiting, sent_at(outcomes)
    if waiting is None or prompted is None:
        return state
    return state.with_token(waiting=waiting.prompted(prompted))


def back(before: State, recorded: int, done: Sequence[Outcome | None]) -> State:
    """As it was before an effect that was not done; what is on record until there is not written again."""
    left = tuple(row for row in before.pending if row.seq > recorded)
    return sent(before.but(pending=left, consumed=(), ahead=0), *done)


def after_call(plans: Plans, state: State, step: Call, outcome: Outcome) -> State:
    """After a call: its value kept, and out by the exit it named; an error goes by `onError`."""
    leads = outcome.exit in step.to or outcome.exit in plan_of(plans, state).nodes[step.node].exits
    if outcome.error is not None or not leads:
        return _failed(plans, state, step, outcome)
    return go(plans, _kept(state, step, outcome.value), step.to.get(outcome.exit, f"!{outcome.exit}"))


def _failed(plans: Plans, state: State, step: Say | Call, outcome: Outcome) -> State:
    """By the exit connected for it, else with the author's own value, else as the flow says."""
    exits, exit, error = plan_of(plans, state).nodes[step.node].exits, outcome.exit, outcome.error
    if error is not None and (exit != "unknown" or exit not in exits):
        exit = "error"
    if exit not in exits and step.fallback is not None:
        state = _saved(state, step, step.fallback.value)
        return go(plans, state, f"!{step.fallback.exit}")
    if error is None:
        exit, error = "error", ErrorInfo(code="UNKNOWN_EXIT", message=f"The executor left by '{exit}'.")
    return go(plans, state.with_token(error=error), f"!{exit}")


def _kept(state: State, step: Call, value: Json) -> State:
    if step.hands_over:
        state = state.but(owner="human")
    if step.tells_contact and isinstance(value, dict):
        state = told(state, value)
    if step.moves and isinstance(value, dict) and "channel" in value:
        state = state.but(spot=Spot.model_validate(value))
    return _saved(state, step, value)


def told(state: State, known: dict[str, Json]) -> State:
    """What is now known of the contact."""
    custom = {**(state.contact.get("custom") or {}), **(known.get("custom") or {})}
    return state.but(contact={**state.contact, **known, "custom": custom})


def _saved(state: State, step: Say | Call, value: Json) -> State:
    state = valued(state, step.node, value)
    return assign(state, step.save_to, value) if isinstance(step, Call) and step.save_to else state


def valued(state: State, node: str, value: Json) -> State:
    """The value of a node, which templates read by `nodes.<id>`."""
    state = state.with_token(result=value, error=None)
    return state.with_frame(nodes={**state.frame.nodes, node: value})
