"""What an input means to a waiting walk."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any, NamedTuple

from dsl import moves
from dsl.ending import Ending
from dsl.inputs import Inbound, Input
from dsl.messages import Owner, Status
from dsl.model import Json
from dsl.moves import Plans, consumed
from dsl.plan import Call, Gather, Interrupt, Say, Sleep, Step, Wait
from dsl.screens import DEAF, busy, resumed, starts_over
from dsl.state import Heard, State, Token, Waiting
from dsl.turns import Line
from dsl.words import folded

ANSWER = "answer"
MOST_PERIODS = 10
"""Nobody who writes on and on is waited for longer than so many quiet periods."""


REDIAL, BUSY = "redial", "busy"
KINDS: dict[str, Status] = {"handback": "handed_off", "report": "waiting_time", "call": "waiting_time"}
"""What a run is that waits for something else than people's words."""


class Fate(NamedTuple):
    """`how` an input is consumed, where it `leaves` by, the `owner` it makes, how it `opens` the run.

    `ends`: the walk is over with it; `anew`: and it starts the next run instead of being consumed.
    """

    how: str
    leaves: str | None = None
    owner: Owner | None = None
    opens: dict[str, Any] | None = None
    interrupt: Interrupt | None = None
    ends: bool = False
    anew: bool = False


def fate_of(state: State, step: Wait | Sleep | None, input: Input, line: Line | None = None) -> Fate:
    """The fate of one input; on a human's lane people's words are theirs. `line`: the flow's."""
    expects = step.expects if isinstance(step, Wait) else None
    event = input.event
    if event is None:
        return Fate("unreadable")
    if event.kind == "status":
        return _status(event, expects)
    if event.kind == "report":
        return _report(state, step, event)
    if event.kind == "hung_up":
        return _hung_up(state, step, event)
    if event.turn is not None and (fate := _on_line(state, step, input, line or Line())):
        return fate
    if event.kind == "opened" or _opening(state, event):
        return Fate("opening", opens=event.shown())
    if state.owner == "human" or expects == "handback":
        return Fate("to_human")
    interrupt = step.interrupts.get(folded(event.text or "")) if isinstance(step, Wait) else None
    if interrupt is not None:
        return Fate("interrupt", leaves="interrupt", interrupt=interrupt)
    return Fate(ANSWER, leaves=ANSWER)


def _status(event: Inbound, expects: str | None) -> Fate:
    """Whoever applies these in seq order writes the owner; a hand-over ends with them."""
    value = event.value if isinstance(event.value, dict) else {}
    if value.get("outdated"):
        return Fate("outdated")
    owner: Owner | None = value.get("owner") if value.get("owner") in ("bot", "human") else None
    exits = {"resolved": "resolved", "pending": "returned"}
    back = exits.get(str(value.get("status"))) if expects == "handback" and owner != "human" else None
    return Fate("interrupt" if back else "owner", leaves=back, owner=owner)


def _report(state: State, step: Wait | Sleep | None, event: Inbound) -> Fate:
    """What became of the effect of a node that waits to hear it; of any other it is noted."""
    value = event.value if isinstance(event.value, dict) else {}
    if isinstance(step, Wait) and step.expects == "report":
        ours = (state.frame.path + step.node, state.token.visit, value.get("id", _id(state, step)))
        status = str(value.get("status"))
        if (value.get("node"), value.get("visit"), _id(state, step)) == ours and status in step.to:
            return Fate("report", leaves=status)
    return Fate("report")


def _id(state: State, step: Wait) -> Json:
    """As the provider calls what the node has done, where it told: a lane has seen other runs of the flow."""
    value = state.frame.nodes.get(step.node)
    return value.get("id") if isinstance(value, dict) else None


def _hung_up(state: State, step: Wait | Sleep | None, event: Inbound) -> Fate:
    """A call is over: by the exit drawn for that, or the flow with it. Of USSD it is no more than a hint."""
    value = event.value if isinstance(event.value, dict) else {}
    session = event.conversation.get("session")
    if isinstance(step, Wait) and step.expects == "call" and _made(state, step, event):
        return Fate("hung_up", leaves=str(value.get("exit", "no_answer")))
    called = state.line is not None and (state.line.surface, state.line.session) == ("voice", session)
    if not called or state.asked is None or not isinstance(step, Wait) or state.owner == "human":
        return Fate("ended")
    leaves = "hangup" if "hangup" in step.to else None
    return Fate("hung_up", leaves=leaves, ends=leaves is None)


def _made(state: State, step: Wait, event: Inbound) -> bool:
    """Whether a call is the one that the node has made: by its session, where the provider told that."""
    session, told = event.conversation.get("session"), _id(state, step)
    return bool(session == told if told else state.line is None or session != state.line.session)


def _on_line(state: State, step: Wait | Sleep | None, input: Input, line: Line) -> Fate | None:
    """Somebody waits on the line; None where what they say is a word like any other."""
    event = input.event
    assert event is not None
    if isinstance(step, Wait) and step.expects == "call" and event.event == "call_answered":
        return Fate("call", leaves="answered") if _made(state, step, event) else Fate(BUSY)
    if state.owner == "human":
        return Fate("to_human")
    if not isinstance(step, Wait) or step.expects in (*DEAF, "handback"):
        return Fate(BUSY)
    if starts_over(state, event.text):
        return Fate("start_over", anew=True)
    if event.kind != "opened":
        return None
    late = input.accepted_at - state.now > timedelta(seconds=line.resume_window)
    return Fate(REDIAL, anew=late)


def _opening(state: State, event: Inbound) -> bool:
    """A message older than our first one was not written in answer to it."""
    known = state.first_sent is not None and event.kind == "message" and event.message_id is not None
    return known and (event.message_id or 0) < (state.first_sent or 0)


class Group(NamedTuple):
    """Messages to one question: `due` when no other one can belong to them; `closed`: none can any more."""

    inputs: tuple[Input, ...]
    due: datetime
    closed: bool

    def fates(self, policy: str) -> Iterator[tuple[Input, str]]:
        """What becomes of each."""
        counts = self.inputs[0] if policy == "reject" else self.inputs[-1]
        others = {"latest": "superseded", "merge": "merged", "reject": "rejected"}[policy]
        return ((input, ANSWER if input is counts else others) for input in self.inputs)

    def said(self, policy: str) -> Heard:
        """The answer that they make."""
        events = [input.event for input in self.inputs if input.event is not None]
        if policy != "merge":
            return Heard.of(events[0 if policy == "reject" else -1])
        return Heard(
            text="\n".join(event.text for event in events if event.text),
            value=next((event.value for event in reversed(events) if event.value is not None), None),
            attachments=[file for event in events for file in event.attachments],
            merged=_ids(self.inputs) if len(events) > 1 else [],
        )


def _ids(inputs: Sequence[Input]) -> list[int]:
    """As the provider calls the messages, where it does."""
    return [(input.event and input.event.message_id) or input.seq for input in inputs]


def group_of(state: State, step: Wait, unread: Sequence[Input], waiting: Waiting) -> Group | None:
    """The first answers among the inputs that came close upon each other; None where the first is none.

    Another input than an answer ends them, as do the wait's own deadline and too long a row of them. An
    answer that somebody gives on the line, where they wait, is one of its own.
    """
    if step.gather is None:
        return None
    patient = takewhile(lambda input: not input.interrupts, unread)
    answers = list(takewhile(lambda input: fate_of(state, step, input).leaves == ANSWER, patient))
    if not answers or not waiting.in_time(answers[0]):
        return None
    due, last = _periods(step.gather, answers[0].accepted_at, waiting.deadline)
    period, count = timedelta(seconds=step.gather.seconds), 1
    while count < len(answers) and answers[count].accepted_at <= due:
        due, count = max(due, min(answers[count].accepted_at + period, last)), count + 1
    return Group(tuple(answers[:count]), due, closed=count < len(unread))


def applied(plans: Plans, state: State, step: Wait | None, input: Input, fate: Fate) -> State:
    """What an input does beside moving the walk on; one whose sender waits and is not asked is answered."""
    state = consumed(state, input, fate.how)
    owner, trigger = fate.owner or state.owner, {**(fate.opens or {}), **state.trigger}
    state = state.but(owner=owner, trigger=trigger)
    if fate.ends:
        return state.but(ending=Ending(status="completed", reason="abandoned"))
    if fate.how == REDIAL and step is not None:
        return _asked_again(plans, state, step)
    return busy(state, plans[state.frames[0].plan].line) if fate.how == BUSY else state


def _asked_again(plans: Plans, state: State, step: Wait) -> State:
    """On the line: the screen as it was, or, asked elsewhere before, the question itself."""
    asks = step.asks or plans[state.frame.plan].nodes[step.node].entry
    return resumed(state) or state.with_token(waiting=None, step=asks)


def valued(state: State, step: Wait, fate: Fate, said: Heard) -> State:
    """The value that a node has of what it waited for; a report adds to that of the effect."""
    if fate.leaves == ANSWER:
        spoken = step.expects in ("recording", "dialled")
        return moves.valued(state, step.node, said.value if spoken else said.text)
    if step.expects not in DEAF:
        return state
    before = state.frame.nodes.get(step.node)
    told = said.value if isinstance(said.value, dict) else {}
    return moves.valued(state, step.node, {**(before if isinstance(before, dict) else {}), **told})


def step_of(plans: Plans, state: State, token: Token | None = None) -> Step:
    """Where a token stands; without one, that whose turn it is."""
    token = token or state.token
    return plans[state.frame_of(token).plan].steps[token.step]


def dues(plans: Plans, state: State, unread: Sequence[Input]) -> Iterator[tuple[datetime, int]]:
    """When tokens that rest are to be looked at, whatever comes."""
    for token in state.tokens:
        step, waiting = step_of(plans, state, token), token.waiting
        due = waiting.deadline if waiting else None
        if waiting is not None and isinstance(step, Wait):
            group = group_of(state, step, unread, waiting)
            due = group.due if group is not None else waiting.next_due(step.reminders)
        if due is not None:
            yield due, token.id


def audible(state: State, flying: Mapping[int, Say | Call], unread: tuple[Input, ...]) -> tuple[Input, ...]:
    """Without what became of effects in the air, or of a call that is being made: it is waited for later."""
    if not flying:
        return unread
    air = [one for one in state.tokens if one.id in flying]
    places = [(state.frame_of(one).path + flying[one.id].node, one.visit) for one in air]
    return tuple(one for one in unread if not (air and _ahead(state, one, places)))


def _ahead(state: State, input: Input, places: Sequence[tuple[str, int]]) -> bool:
    """Whether an input tells of an effect at one of the places, or of another call than that on the line."""
    event = input.event
    if event is None or event.kind not in ("report", "hung_up"):
        return False
    if event.kind == "hung_up":
        return state.line is None or event.conversation.get("session") != state.line.session
    return isinstance(event.value, dict) and (event.value.get("node"), event.value.get("visit")) in places


def asides(
    state: State, waiting: Waiting | None, flying: Mapping[int, Say | Call], unread: Sequence[Input]
) -> list[Input]:
    """What is no word for the next question; what was typed ahead is one while effects are in the air."""
    heard = (one for one in unread if one.is_aside and (not waiting or waiting.in_time(one)))
    return [one for one in heard if not (flying and one.in_session(state.line))]


def reported(plans: Plans, state: State, unread: Sequence[Input]) -> tuple[State, Wait, Input, Fate] | None:
    """The first input that a deaf wait was for, with the state in which it is that token's turn."""
    for token in state.tokens:
        step, waiting = step_of(plans, state, token), token.waiting
        if waiting is None or not isinstance(step, Wait) or step.expects not in DEAF:
            continue
        turned = state.but(current=token.id)
        for input in filter(waiting.in_time, unread):
            fate = fate_of(turned, step, input)
            if fate.leaves not in (None, ANSWER):  # words are for the next question
                return turned, step, input, fate
    return None


def _periods(gather: Gather, first: datetime, deadline: datetime | None) -> tuple[datetime, datetime]:
    """When the first quiet period ends, and when the last one does at the latest."""
    period = timedelta(seconds=gather.seconds)
    last = first + (period if gather.policy == "reject" else MOST_PERIODS * period)
    last = last if deadline is None else min(last, deadline)
    return min(first + period, last), last
