"""Forks: a token for each branch, until enough of them have come to the join, or one is called away."""

from dsl.messages import ErrorInfo
from dsl.moves import Plans, go, left, plan_of, valued
from dsl.plan import Fork, Interrupt, Say, Wait
from dsl.state import Forked, Heard, State, Token

JOINED, FAILED, ABANDONED = "joined", "failed", "abandoned"


def forked(plans: Plans, state: State, step: Fork) -> State:
    """A token on each exit; the one that came waits until they have met."""
    caller = state.token
    fork = Forked(id=state.next_id, caller=caller)
    fresh = [
        caller.but(id=fork.id + number, fork=fork.id, branch=exit, back=None, kept={})
        for number, exit in enumerate(step.exits, 1)
    ]
    state = state.but(forks=(*state.forks, fork), next_id=fork.id + len(fresh) + 1)
    state = state.replacing(caller.id, *fresh)
    for token in fresh:
        state = go(plans, state.but(current=token.id), f"!{token.branch}")
    return state.but(current=fresh[0].id)


def ended(plans: Plans, state: State, how: str, error: ErrorInfo | None = None) -> State:
    """A branch has come to its end, at the join or by failing; enough of them, and the walk goes on."""
    token = state.token
    fork = next(one for one in state.forks if one.id == token.fork)
    fork = fork.but(ended={**fork.ended, token.branch: how}, error=fork.error or error)
    others = tuple(one for one in state.forks if one.id != fork.id)
    state = state.but(forks=(*others, fork)).replacing(token.id)
    step = _step_of(plans, state, fork)
    came = sum(one == JOINED for one in fork.ended.values())
    over = len(fork.ended) == len(step.exits)
    if came >= step.need or (over and came >= step.enough):
        return _met(plans, state, fork, step, step.to)
    if over or (how == FAILED and not step.tolerant):
        return _met(plans, state, fork, step, "!error")
    return state.but(current=state.tokens[0].id)


def _step_of(plans: Plans, state: State, fork: Forked) -> Fork:
    """The step that made a fork."""
    frame = next(one for one in state.frames if one.id == fork.caller.frame)
    step = plans[frame.plan].steps[fork.caller.step]
    assert isinstance(step, Fork)
    return step


def _met(plans: Plans, state: State, fork: Forked, step: Fork, target: str) -> State:
    """On with the token that came; which branch was first is an arrival, so the next effect commits it."""
    state = _abandoned(plans, state, fork.id)
    state = state.but(tokens=(*state.tokens, fork.caller), current=fork.caller.id, commits=True)
    state = state.but(forks=tuple(one for one in state.forks if one.id != fork.id))
    state = valued(state, step.node, {exit: fork.ended.get(exit, ABANDONED) for exit in step.exits})
    return go(plans, state.with_token(error=fork.error if target == "!error" else None), target)


def interrupted(plans: Plans, state: State, step: Wait, interrupt: Interrupt) -> State:
    """Off on a side path; to one who is on one already, its end leads back to where the first began."""
    here = state.token
    if not interrupt.returns:
        aside = here.but(back=None, kept={})
    elif here.back is None:
        aside = here.but(back=step.asks or step.node, kept=here.loops)
    else:
        aside = here
    if interrupt.to.startswith("!"):  # an edge that is drawn leads itself out of what it leads out of
        return state.replacing(here.id, aside)
    state = left(plans, state.replacing(here.id, aside.but(loops={})), "interrupt")
    return state if interrupt.returns else escaped(plans, state)


def aside(state: State) -> bool:
    """Whether the token is on a side path that leads back, in a branch of a fork begun there included."""
    token: Token | None = state.token
    while token is not None and token.back is None:
        fork = token.fork
        token = next((one.caller for one in state.forks if one.id == fork), None)
    return token is not None


def led_back(plans: Plans, state: State) -> State:
    """Where the question is asked again; forks and loops that were begun on the side path are over."""
    while state.token.back is None:
        state = _out(plans, state)
    token = state.token
    assert token.back is not None
    state = go(plans, state.with_token(back=None, kept={}, loops=token.kept), token.back)
    return state.with_token(heard=Heard(tries=_before(plans, state)))


def _before(plans: Plans, state: State) -> int:
    """Answers that the node took before the one that is asked for again: no tries of this visit."""
    steps = plan_of(plans, state).steps
    asking = steps[state.token.step]
    wait = steps.get(asking.to) if isinstance(asking, Say) else None
    return wait.before if isinstance(wait, Wait) else 0


def escaped(plans: Plans, state: State) -> State:
    """Out of every loop and fork of the frame; the other branches are given up."""
    while state.token.fork is not None:
        state = _out(plans, state)
    return state.with_token(back=None, kept={}, loops={})


def _out(plans: Plans, state: State) -> State:
    """The token in the place of the one that came to its fork; the other branches are given up."""
    here = state.token
    fork = next(one for one in state.forks if one.id == here.fork)
    came = fork.caller
    state = state.with_token(
        fork=came.fork, branch=came.branch, back=came.back, kept=came.kept, loops=came.loops
    )
    state = _abandoned(plans, state, fork.id).but(current=here.id, commits=True)
    return state.but(forks=tuple(one for one in state.forks if one.id != fork.id))


def _abandoned(plans: Plans, state: State, fork: int) -> State:
    """Without the branches of a fork that have not ended, and all that they began."""
    for token in [one for one in state.tokens if _within(state, one, fork)]:
        state = left(plans, state.but(current=token.id), ABANDONED)
    tokens = tuple(one for one in state.tokens if not _within(state, one, fork))
    forks = tuple(one for one in state.forks if one.id == fork or not _within(state, one.caller, fork))
    frames = tuple(one for one in state.frames if one.caller is None or not _within(state, one.caller, fork))
    return state.but(tokens=tokens, forks=forks, frames=frames)


def _within(state: State, token: Token, fork: int) -> bool:
    """Whether a token is of a branch of the fork, or of what such a branch began."""
    inner: Token | None = token
    while inner is not None and inner.fork != fork:
        inner = _began(state, inner)
    return inner is not None


def _began(state: State, token: Token) -> Token | None:
    """The token that came to the fork of a token's branch, else to its subflow."""
    if token.fork is not None:
        return next((one.caller for one in state.forks if one.id == token.fork), None)
    return next((one.caller for one in state.frames if one.id == token.frame), None)
