"""People on the line: what is said in a turn is a screen, shown when the walk rests (protocols 4)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from dsl.ending import Ending
from dsl.inputs import Inbound, Input
from dsl.limits import Limits
from dsl.messages import Effect, ErrorInfo, Outcome, Report
from dsl.turns import Turn
from tests.workflows.world import SCENE, START, World, flow, message, plan_of, run_input, walk_on
from workflows.walk import Walk

PHONE = "+254700000111"
USSD = SCENE.but(channel="ussd", phone=PHONE, service="*384*1#")
NAME = {
    "id": "name", "type": "question",
    "config": {"text": "Your name?", "saveTo": "name", "timeout": "1h"},
}  # fmt: skip
THANKS = {"id": "thanks", "type": "message", "config": {"text": "Thank you, {{name}}."}}
GREET = {"id": "greet", "type": "message", "config": {"text": "Karibu."}}
END = {"id": "end", "type": "end"}
ASKS = flow(
    [GREET, NAME, THANKS, END],
    [("greet", "name"), ("name", "answer", "thanks"), ("name", "timeout", "end"), ("thanks", "end")],
)


def turn(
    seq: int,
    text: str = "",
    *,
    after: float = 0,
    opens: bool = False,
    session: str = "S1",
    surface: Literal["ussd", "voice"] = "ussd",
) -> Input:
    """Somebody on the line dials, or types."""
    event = Inbound(
        key=f"{surface}:{seq}",
        address="*384*1#/hash",
        event="session" if opens else "input",
        channel=surface,
        turn=Turn(surface=surface, session=session),
        kind="opened" if opens else "message",
        text=None if opens else text,
        contact={"phone": PHONE},
        conversation={"session": session},
    )
    return Input(id=f"row-{seq}", seq=seq, accepted_at=START + timedelta(seconds=after or seq), event=event)


def hung_up(seq: int, *, session: str = "S1", **value: Any) -> Input:
    """The call is over."""
    event = Inbound(
        key=f"end:{seq}", address="n/hash", event="call_ended", channel="voice", kind="hung_up",
        value=value, conversation={"session": session},
    )  # fmt: skip
    return Input(id=f"row-{seq}", seq=seq, accepted_at=START + timedelta(seconds=seq), event=event)


@dataclass
class Line(World):
    """The world of somebody on the line, and how the walk ended."""

    ending: Ending | None = None

    @property
    def how(self) -> str | None:
        return self.ending.status if self.ending else None

    @property
    def why(self) -> str | None:
        return self.ending.reason if self.ending else None


async def dialled(document: dict[str, Any], *script: Input, surface: Any = "ussd", **more: Any) -> Line:
    """A flow that somebody dialled, walked with what follows."""
    opening = turn(1, opens=True, surface=surface)
    world = Line(script=list(script), **more)
    world.inbox = world.inbox.taking([opening], world.limits).but(unread=())
    scene = USSD.but(channel=surface)
    run = run_input(plan_of(document), opening_rows=[opening], limits=world.limits)
    world.ending = (await walk_on(run.but(scene=scene), world)).ending
    return world


async def test_all_that_is_said_until_a_question_is_one_screen_and_nothing_is_sent() -> None:
    world = await dialled(ASKS, turn(2, "Amina"))
    assert world.screens == [(1, "Karibu.\nYour name?", True), (2, "Thank you, Amina.", False)]
    assert world.done == []
    assert (1, "start") in world.fates
    assert (2, "answer") in world.fates


async def test_a_screen_survives_that_the_run_continues_as_new_after_every_step() -> None:
    world = await dialled(ASKS, turn(2, "Amina"), limits=Limits(every_steps=1))
    assert [text for _, text, _ in world.screens] == ["Karibu.\nYour name?", "Thank you, Amina."]


async def test_what_is_typed_ahead_in_one_dial_is_answered_with_the_last_screen() -> None:
    opening, ahead = turn(1, opens=True), turn(2, "Amina", after=1)
    world = World()
    world.inbox = world.inbox.taking([opening, ahead], world.limits).but(unread=(ahead,))
    run = run_input(plan_of(ASKS), opening_rows=[opening, ahead]).but(scene=USSD)
    await walk_on(run, world)
    assert world.screens[-1] == (2, "Thank you, Amina.", False)


BYE = {"id": "bye", "type": "message", "config": {"text": "Kwaheri."}}
SLEEPS = flow(
    [GREET, {"id": "nap", "type": "delay", "config": {"for": "10m"}}, BYE, END],
    [("greet", "nap"), ("nap", "bye"), ("bye", "end")],
    settings={"busyText": "We are at it.", "lateScreen": "sms"},
)


async def test_a_rest_that_is_no_question_ends_the_session() -> None:
    world = await dialled(SLEEPS)
    assert world.screens == [(1, "Karibu.", False)]


async def test_who_dials_where_nobody_is_asked_is_told_that_the_flow_is_busy() -> None:
    world = await dialled(SLEEPS, turn(2, opens=True, session="S2"))
    assert world.screens == [(1, "Karibu.", False), (2, "We are at it.", False)]
    assert (2, "busy") in world.fates


def label(id: str) -> dict[str, Any]:
    return {"id": id, "type": "add_label", "config": {"labels": [id]}}


async def test_the_newest_session_owns_the_turn_and_the_older_one_is_over() -> None:
    both = {"id": "both", "type": "parallel", "config": {"branches": ["one", "two"]}}
    document = flow(
        [GREET, both, label("a"), label("b"), BYE, END],
        [("greet", "both"), ("both", "one", "a"), ("both", "two", "b"), ("a", "both"), ("b", "both"),
         ("both", "joined", "bye"), ("bye", "end")],
        settings={"busyText": "We are at it.", "lateScreen": "sms"},
    )  # fmt: skip
    redial = turn(2, opens=True, session="S2", after=10)
    world = await dialled(document, redial, seconds={"a": 30, "b": 40})
    assert world.screens == [(1, "Karibu.", False), (2, "We are at it.", False)]
    assert world.said == ["Kwaheri."]


async def test_what_is_said_with_nobody_on_the_line_goes_by_sms_where_the_flow_may() -> None:
    world = await dialled(SLEEPS)
    assert world.said == ["Kwaheri."]


async def test_without_leave_it_is_tried_on_the_line_where_it_will_be_refused() -> None:
    scenes = []

    def refused(effect: Effect) -> Report:
        scenes.append(effect.activity)
        error = ErrorInfo(code="SCREEN_CLOSED", message="Nobody is on the line.")
        return Report(state="failed", outcome=Outcome(exit="error", error=error))

    world = await dialled({**SLEEPS, "settings": {}}, verdict=refused)
    assert scenes == ["send_message"]
    assert world.how == "failed"


LATE = {**ASKS, "settings": {"lateScreen": "sms"}}


async def test_a_screen_that_came_late_goes_by_sms_once() -> None:
    world = await dialled(LATE, turn(2, "Amina"), late={1})
    assert world.said == ["Karibu.\nYour name?"]
    assert [effect.activity for effect in world.ordinary] == ["send_message"]
    assert [text for _, text, _ in world.screens] == ["Karibu.\nYour name?", "Thank you, Amina."]


async def test_a_last_screen_that_came_late_goes_by_sms_too() -> None:
    world = await dialled(LATE, turn(2, "Amina"), late={2})
    assert world.said == ["Thank you, Amina."]


async def test_a_text_of_a_person_is_no_template_when_it_is_said_beside_the_line() -> None:
    world = await dialled(LATE, turn(2, "{{contact.phone}}"), late={2})
    assert world.said == ["Thank you, {{contact.phone}}."]


async def test_a_late_screen_is_not_sent_where_the_flow_does_not_allow_it() -> None:
    world = await dialled(ASKS, turn(2, "Amina"), late={1})
    assert world.done == []


async def test_a_redial_shows_the_question_once_more_and_is_no_try() -> None:
    world = await dialled(ASKS, turn(2, opens=True, session="S2", after=60), turn(3, "Amina", session="S2"))
    shown = [one.screen for flush in world.flushes for one in flush.turned if one.seq == 2]
    assert [one.text for one in shown[0].said] == ["Karibu.", "Your name?"]
    assert (shown[0].open, shown[0].resumed) == (True, True)
    assert world.screens[-1] == (3, "Thank you, Amina.", False)
    assert (2, "redial") in world.fates


async def test_who_starts_over_leaves_the_input_to_the_next_run() -> None:
    world = await dialled(
        ASKS, turn(2, opens=True, session="S2", after=60), turn(3, "00", session="S2", after=70)
    )
    assert world.how == "expired"
    assert world.inbox.last_seq == 2
    assert 3 not in [seq for seq, _ in world.fates]
    assert world.flushes[-1].standing.last_seq == 2


async def test_two_noughts_are_an_answer_where_nothing_was_shown_once_more() -> None:
    world = await dialled(ASKS, turn(2, "00"))
    assert world.screens[-1] == (2, "Thank you, 00.", False)


async def test_a_redial_after_the_window_begins_anew() -> None:
    asks = {**ASKS, "settings": {"resumeWindow": "5m"}}
    world = await dialled(asks, turn(2, opens=True, session="S2", after=302))
    assert (world.how, world.inbox.last_seq) == ("expired", 1)
    assert (
        await dialled(asks, turn(2, opens=True, session="S2", after=300), turn(3, "x", after=301))
    ).inbox.last_seq == 3


async def test_words_that_come_behind_a_new_beginning_are_not_consumed_either() -> None:
    opening, again, more = turn(1, opens=True), turn(2, opens=True, after=700), turn(3, "x", after=701)
    world = World()
    world.inbox = world.inbox.taking([opening, again, more], world.limits).but(unread=(again, more))
    await walk_on(run_input(plan_of(ASKS), opening_rows=[opening]).but(scene=USSD), world)
    assert (world.inbox.last_seq, world.inbox.unread) == (1, ())
    assert [seq for seq, _ in world.fates] == [1]


async def test_who_dials_while_the_flow_ends_begins_the_next_run() -> None:
    opening, dials = turn(1, opens=True), turn(2, opens=True, session="S2", after=1)
    world = World()
    world.inbox = world.inbox.taking([opening, dials], world.limits).but(unread=(dials,))
    document = flow([GREET, END], [("greet", "end")])
    state = await walk_on(run_input(plan_of(document), opening_rows=[opening]).but(scene=USSD), world)
    assert state.ending is not None
    assert (state.ending.status, state.ending.before, world.inbox.last_seq) == ("completed", 2, 1)


async def test_who_dials_is_left_to_the_next_run_only_when_this_one_is_really_over() -> None:
    tries: list[str] = []

    def later(effect: Effect) -> Report | None:
        tries.append(effect.node)
        return Report(state="later") if len(tries) == 1 else None

    dials = turn(2, opens=True, session="S2", after=1)
    world = World(verdict=later)
    world.inbox = world.inbox.taking([message(1, "Hi"), dials], world.limits).but(unread=(dials,))
    document = flow([GREET, END], [("greet", "end")])
    state = await walk_on(run_input(plan_of(document), opening_rows=[message(1, "Hi")]), world)
    assert state.ending is not None
    assert (world.said, state.ending.before, world.inbox.last_seq) == (["Karibu."], 2, 1)
    assert [seq for seq, _ in world.fates] == [1]


ASKS_ON_CALLS = {**ASKS, "edges": [*ASKS["edges"], {"from": "name", "exit": "hangup", "to": "end"}]}


async def test_a_call_that_is_hung_up_in_a_question_takes_its_exit() -> None:
    world = await dialled(ASKS_ON_CALLS, hung_up(2), surface="voice")
    assert ("name", "done", "hangup") in [line[1:] for line in world.recorded()]


async def test_without_that_exit_the_flow_is_abandoned() -> None:
    world = await dialled(ASKS, hung_up(2), surface="voice")
    assert (world.how, world.why) == ("completed", "abandoned")


async def test_the_end_of_another_call_changes_nothing() -> None:
    world = await dialled(ASKS, hung_up(2, session="S0"), turn(3, "Amina", surface="voice"), surface="voice")
    assert world.why == "completed"
    assert (2, "ended") in world.fates


async def test_the_end_of_a_ussd_session_is_only_noted() -> None:
    world = await dialled(ASKS, hung_up(2), turn(3, "Amina"))
    assert world.screens[-1] == (3, "Thank you, Amina.", False)


async def test_variables_set_from_outside_are_there_at_the_next_step() -> None:
    world = World(script=[message(1, "Amina")], values={"greeting.word": "Jambo"})
    thanks = {"id": "thanks", "type": "message", "config": {"text": "{{greeting.word}}, {{name}}."}}
    edges = [("name", "answer", "thanks"), ("name", "timeout", "end"), ("thanks", "end")]
    document = flow([NAME, thanks, END], edges, variables={"greeting": {"type": "object", "default": {}}})
    await walk_on(run_input(plan_of(document)), world)
    assert world.said == ["Your name?", "Jambo, Amina."]


def test_a_walk_knows_its_line_from_its_own_flow() -> None:
    plan = plan_of({**ASKS, "settings": {"busyText": "Busy"}})
    run = run_input(plan)
    assert Walk({"digest": plan}, run, World(), "r").line.busy_text == "Busy"
