"""How what is said to people on the line becomes screens: pure functions of a walk's state (protocols 4)."""

from collections.abc import Mapping
from typing import Any

from dsl.inbox import Inbox
from dsl.inputs import Input
from dsl.messages import Scene
from dsl.model import Json
from dsl.state import State
from dsl.templates import Scope, render_text
from dsl.turns import Line, OpenTurn, Said, Screen, Shown, Turned

KEPT = 8
"""Screens that a run remembers, for callers who ask twice."""
START_OVER = "00"
DEAF = ("report", "call")
"""What is awaited where words of people are not: what became of an effect, that a call is taken."""
LINES = ("ussd", "voice")
"""Channels that are spoken on while somebody waits, and at no other time."""


def opened(state: State, input: Input) -> State:
    """A turn begins where its sender waits; of one that was open the sender waits no longer."""
    if input.event is None or input.event.turn is None or state.ending is not None:
        return state
    turn = OpenTurn(seq=input.seq, turn=input.event.turn)
    return closed(state).but(turn=turn, line=input.event.turn)


def said(state: State, args: Mapping[str, Any]) -> State:
    """Said on the screen of the open turn: the arguments of a message."""
    assert state.turn is not None
    one = Said(text=args["text"], choices=tuple(args["choices"]), action=args.get("action"))
    return state.but(turn=state.turn.but(said=(*state.turn.said, one)))


def closed(state: State, *, open: bool = False, expects: str | None = None) -> State:
    """The open turn is over, its screen to be shown; `open` where an answer is awaited."""
    if state.turn is None:
        return state
    said, resumed = state.turn.said, state.turn.resumed
    choices = next((one.choices for one in reversed(said) if one.choices), ())
    screen = Screen(said=said, open=open, expects=expects, choices=choices, resumed=resumed)
    turned = Turned(seq=state.turn.seq, screen=screen)
    screens = (*state.screens, turned)[-KEPT:]
    return state.but(turn=None, turned=(*state.turned, turned), screens=screens)


def asked(state: State, expects: str | None) -> State:
    """A question is asked: with the screen of the open turn, or not on the line."""
    seq = state.turn.seq if state.turn else None
    return closed(state, open=True, expects=expects).but(asked=seq)


def resumed(state: State) -> State | None:
    """The open turn shows the question once more; None where it was not asked on the line."""
    last = screen_of(state, state.asked) if state.asked is not None else None
    if last is None or state.turn is None:
        return None
    turn = state.turn.but(said=last.said, resumed=True)
    return asked(state.but(turn=turn), last.expects)


def busy(state: State, line: Line) -> State:
    """The open turn is told that nobody is asked anything now."""
    return closed(said(state, {"text": line.busy_text or "", "choices": []})) if state.turn else state


def starts_over(state: State, text: str | None) -> bool:
    """Whether somebody who was shown a question once more wants to begin anew."""
    shown = state.screens[-1].screen.resumed if state.screens else False
    return shown and (text or "").strip() == START_OVER


def by_arrival(state: State) -> bool:
    """Whether screens to be shown hang on what came first, so that it must be in history before (2.2)."""
    deaf = any(one.waiting and one.waiting.expects in DEAF for one in state.tokens)
    return bool(state.turned) and (state.commits or deaf or bool(state.forks))


def told(state: State, late: list[int]) -> State:
    """Turns on record; what callers of `late` ones were not told is unsaid yet."""
    missed = [one.screen for one in state.turned if one.seq in late]
    return state.but(turned=(), unsaid=tuple(one for screen in missed for one in screen.said))


def spoken(unsaid: tuple[Said, ...]) -> dict[str, Json]:
    """The same as one message: its text and what may be picked."""
    text = "\n".join(one.text for one in unsaid if one.text)
    choices = next((list(one.choices) for one in reversed(unsaid) if one.choices), [])
    return {"text": text, "choices": choices}


def words(scope: Scope, text: Json) -> dict[str, Json]:
    """A text in between, rendered, as a message."""
    return {"text": render_text(text, scope), "choices": []}


def dials(inbox: Inbox) -> int | None:
    """The first unread input of somebody who has dialled, and waits."""
    waits = (one for one in inbox.unread if one.event and one.event.turn and one.event.kind == "opened")
    return next((one.seq for one in waits), None)


def left_over(state: State, inbox: Inbox) -> State:
    """Of a run at its end: who has dialled meanwhile begins the next one."""
    before = dials(inbox)
    if state.ending is None or state.ending.before is not None or before is None:
        return state
    return state.but(ending=state.ending.but(before=before))


def pending(state: State, inbox: Inbox, seq: int) -> bool:
    """Whether the turn of an input is still to come to its end."""
    if state.ending is not None and screen_of(state, seq) is None:
        return True  # it comes with the end of the run
    before = (*(input.seq for input in inbox.unread), *(one.seq for one in state.turned))
    return seq in before or (state.turn is not None and state.turn.seq == seq)


def screen_of(state: State, seq: int) -> Screen | None:
    """What the turn of an input came to, where the run remembers."""
    return next((one.screen for one in state.screens if one.seq == seq), None)


def shown(state: State, seq: int) -> Shown:
    """The answer to a turn that is over: what a run said last to one that it has not heard to its end."""
    screen = screen_of(state, seq)
    if screen is None and state.ending is not None and state.ending.before is not None:
        return Shown(screen=None if state.ending.before <= seq else Screen())
    return Shown(screen=screen or (state.screens[-1].screen if state.ending and state.screens else Screen()))


def scene_of(scene: Scene, state: State, line: Line) -> Scene:
    """Where an effect acts: where the conversation has moved to; beside a line, by SMS if the flow may."""
    if state.spot is not None:
        scene = scene.but(**dict(state.spot))
    if line.spills and scene.channel in LINES and scene.phone:
        return scene.but(channel="sms", service=None)
    return scene
