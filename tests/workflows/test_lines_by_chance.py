"""People on the line where something else happens as well: what they see, and what their answer is."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from dsl import screens
from dsl.inputs import Inbound, Input
from dsl.messages import Effect, Outcome, Perform, Performed, Report
from tests.workflows.test_turns import ASKS, END, GREET, NAME, PHONE, USSD, Line, dialled, hung_up, turn
from tests.workflows.world import START, World, flow, message, plan_of, run_input, walk_on

BYE = {"id": "bye", "type": "message", "config": {"text": "Kwaheri."}}


def question(id: str, **config: Any) -> dict[str, Any]:
    asked = {"text": f"{id}?", "saveTo": id, "timeout": "1h", **config}
    return {"id": id, "type": "question", "config": asked}


ASKS_BY_SMS = flow(
    [
        question("name"),
        {"id": "nap", "type": "delay", "config": {"for": "1m"}},
        question("age"),
        {"id": "thanks", "type": "message", "config": {"text": "{{name}}, {{age}}."}},
        END,
    ],
    [("name", "answer", "nap"), ("name", "timeout", "end"), ("nap", "age"), ("age", "answer", "thanks"),
     ("age", "timeout", "end"), ("thanks", "end")],
    settings={"lateScreen": "sms"},
)  # fmt: skip


async def test_who_dials_is_shown_the_question_that_is_asked_not_one_that_was_answered() -> None:
    world = await dialled(
        ASKS_BY_SMS,
        turn(2, "Amina", after=10),
        turn(3, opens=True, session="S2", after=100),
        turn(4, "41", session="S2", after=110),
    )
    assert world.said == ["age?"]
    assert world.screens[2:] == [(3, "age?", True), (4, "Amina, 41.", False)]


async def test_a_call_that_ends_where_the_question_went_elsewhere_ends_no_flow() -> None:
    world = await dialled(
        ASKS_BY_SMS,
        turn(2, "Amina", after=10, surface="voice"),
        hung_up(100),
        message(101, "41"),
        surface="voice",
    )
    assert world.why == "completed"
    assert (100, "ended") in world.fates


async def test_the_last_screen_is_seen_by_who_typed_more_than_was_asked() -> None:
    opening, ahead = turn(1, opens=True), [turn(2, "Amina", after=1), turn(3, "7"), turn(4, "8")]
    world = World()
    world.inbox = world.inbox.taking([opening, *ahead], world.limits).but(unread=tuple(ahead))
    run = run_input(plan_of(ASKS), opening_rows=[opening, *ahead]).but(scene=USSD)
    state = await walk_on(run, world)
    shown = screens.shown(state, 4).screen
    assert shown is not None
    assert [one.text for one in shown.said] == ["Thank you, Amina."]
    assert [seq for seq, _, _ in world.screens] == [1, 2]


async def test_who_waits_on_the_line_is_not_kept_waiting_for_a_second_message() -> None:
    patient = question("name", doubleText="merge", quietPeriod="20s")
    quiet = {**ASKS, "nodes": [patient if one is NAME else one for one in ASKS["nodes"]]}
    world = await dialled(quiet, turn(2, "Amina", after=2))
    assert world.screens[-1] == (2, "Thank you, Amina.", False)
    assert world.now == START + timedelta(seconds=2)


async def test_who_dials_in_a_quiet_period_is_asked_what_is_asked_next() -> None:
    document = flow(
        [question("name", doubleText="merge", quietPeriod="20s"), question("age"), END],
        [("name", "answer", "age"), ("name", "timeout", "end"), ("age", "answer", "end"),
         ("age", "timeout", "end")],
    )  # fmt: skip
    world = await dialled(document, message(2, "Amina", after=2), turn(3, opens=True, session="S2", after=9))
    assert world.screens == [(1, "name?", True), (3, "age?", True)]


async def test_a_flow_that_has_ended_ends_no_other_way_by_a_last_text_that_is_late() -> None:
    class Stopped(Line):
        async def attempt(self, attempt: Any) -> Report:
            self.stop_at, self.noticed = START, True
            return await super().attempt(attempt)

    opening = turn(1, opens=True)
    world = Stopped(late={1})
    world.inbox = world.inbox.taking([opening], world.limits).but(unread=())
    document = flow([GREET, END], [("greet", "end")], settings={"lateScreen": "sms"})
    state = await walk_on(run_input(plan_of(document), opening_rows=[opening]).but(scene=USSD), world)
    assert world.said == ["Karibu."]
    assert state.ending is not None
    assert state.ending.status == world.flushes[-1].standing.status == "completed"


def effect_report(seq: int, node: str, status: str, *, after: float, **more: Any) -> Input:
    """What became of the effect of a node's first visit."""
    value = {"node": node, "visit": 1, "number": 1, "status": status, **more}
    event = Inbound(
        key=f"report:{seq}", address="*384*1#/hash", event="effect_report", kind="report", value=value
    )
    return Input(id=f"row-{seq}", seq=seq, accepted_at=START + timedelta(seconds=after), event=event)


PAY = {"id": "pay", "type": "request_payment", "config": {"amount": 50, "currency": "KES", "phone": PHONE}}
PAYS = flow(
    [
        {"id": "both", "type": "parallel", "config": {"branches": ["one", "two"]}},
        PAY,
        question("name"),
        {"id": "paid", "type": "set_variables", "config": {"set": {"told": "paid"}}},
        {"id": "unpaid", "type": "set_variables", "config": {"set": {"told": "unpaid"}}},
        {"id": "bye", "type": "message", "config": {"text": "{{told}}"}},
        END,
    ],
    [("both", "one", "pay"), ("both", "two", "name"), ("pay", "paid", "paid"), ("pay", "failed", "unpaid"),
     ("pay", "expired", "unpaid"), ("paid", "both"), ("unpaid", "both"), ("name", "answer", "both"),
     ("name", "timeout", "both"), ("both", "joined", "bye"), ("bye", "end")],
)  # fmt: skip


def prompts(effect: Effect) -> Report | None:
    if effect.activity != "request_payment":
        return None
    value = {"id": "ATPid_1", "status": "pending", "awaited": True}
    return Report(state="done", outcome=Outcome(exit="asked", value=value))


async def test_a_report_that_is_faster_than_the_end_of_its_own_effect_is_heard() -> None:
    world = await dialled(
        PAYS,
        effect_report(2, "pay", "paid", after=3),
        turn(3, "Amina", after=20),
        seconds={"pay": 10},
        verdict=prompts,
    )
    assert world.screens[-1][1] == "paid"


async def test_a_report_about_the_payment_of_an_earlier_run_is_none_of_this_one() -> None:
    world = await dialled(
        PAYS,
        effect_report(2, "pay", "paid", after=20, id="ATPid_0"),
        effect_report(3, "pay", "failed", after=21, id="ATPid_1"),
        turn(4, "Amina", after=22),
        verdict=prompts,
    )
    assert world.screens[-1][1] == "unpaid"


async def test_words_that_come_while_a_payment_is_awaited_wait_for_the_next_question() -> None:
    document = flow(
        [PAY, question("name"), {"id": "thanks", "type": "message", "config": {"text": "{{name}}."}}, END],
        [("pay", "paid", "name"), ("pay", "failed", "end"), ("pay", "expired", "end"),
         ("name", "answer", "thanks"), ("name", "timeout", "end"), ("thanks", "end")],
    )  # fmt: skip
    paid = effect_report(2, "pay", "paid", after=2, id="ATPid_1")
    world = World(script=[message(1, "Amina"), paid], verdict=prompts)
    await walk_on(run_input(plan_of(document)), world)
    assert world.said == ["name?", "Amina."]


TWO_LABELS = flow(
    [
        NAME,
        {"id": "both", "type": "parallel", "config": {"branches": ["one", "two"]}},
        *({"id": id, "type": "add_label", "config": {"labels": [id]}} for id in ("a", "b")),
        question("age"),
        {"id": "thanks", "type": "message", "config": {"text": "{{name}}, {{age}}."}},
        END,
    ],
    [("name", "answer", "both"), ("name", "timeout", "end"), ("both", "one", "a"), ("both", "two", "b"),
     ("a", "both"), ("b", "both"), ("both", "joined", "age"), ("age", "answer", "thanks"),
     ("age", "timeout", "end"), ("thanks", "end")],
)  # fmt: skip


async def test_what_was_typed_ahead_waits_for_what_branches_do() -> None:
    opening, ahead = turn(1, opens=True), (turn(2, "Amina", after=1), turn(3, "41", after=1))
    world = World(seconds={"a": 2, "b": 3})
    world.inbox = world.inbox.taking([opening, *ahead], world.limits).but(unread=ahead)
    await walk_on(run_input(plan_of(TWO_LABELS), opening_rows=[opening]).but(scene=USSD), world)
    assert world.screens[-1] == (3, "Amina, 41.", False)


@dataclass
class Watched(Line):
    """Which turns were written by an activity that is in history before it runs."""

    committed: dict[int, bool] = field(default_factory=dict)

    async def perform(self, request: Perform) -> Performed:
        self.committed |= {one.seq: request.ends_task for one in request.flush.turned}
        return await super().perform(request)


async def test_a_screen_that_hangs_on_which_came_first_is_shown_when_that_is_in_history() -> None:
    script = [turn(2, "Amina", after=20), effect_report(3, "pay", "paid", after=21)]
    opening, world = turn(1, opens=True), Watched(script=script, verdict=prompts, seconds={"pay": 5})
    world.inbox = world.inbox.taking([opening], world.limits).but(unread=())
    await walk_on(run_input(plan_of(PAYS), opening_rows=[opening]).but(scene=USSD), world)
    assert world.committed == {1: True, 2: True}
    world = Watched(script=[turn(2, "Amina")])
    world.inbox = world.inbox.taking([opening], world.limits).but(unread=())
    await walk_on(run_input(plan_of(ASKS), opening_rows=[opening]).but(scene=USSD), world)
    assert world.committed == {1: False, 2: False}
