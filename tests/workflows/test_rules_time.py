"""What decides is data: when something was accepted, due or done, never when the walk looked (2.1, 2.12)."""

from datetime import timedelta
from typing import Any

from dsl import moves
from dsl.inbox import Inbox
from dsl.inputs import Input
from dsl.limits import Limits
from dsl.messages import ClosedWait, CloseWait, Effect, Outcome, Report
from dsl.spec import RESERVED
from tests.workflows.test_walk import LEAD
from tests.workflows.world import (
    SCENE,
    START,
    World,
    flow,
    message,
    plan_of,
    run_input,
    status,
    walk_on,
    walked,
)

END: dict[str, Any] = {"id": "e", "type": "end"}


def said(id: str, text: str, **more: Any) -> dict[str, Any]:
    """A message node."""
    return {"id": id, "type": "message", "config": {"text": text}, **more}


def asked(id: str, **config: Any) -> dict[str, Any]:
    """A question that waits a minute."""
    return {"id": id, "type": "question", "config": {"text": "?", "saveTo": id, "timeout": "60s", **config}}


TWICE = flow([asked("q1"), asked("q2"), END], [("q1", "q2"), ("q1", "timeout", "q2"), ("q2", "e")])


class Paged(World):
    """A world whose lane gives one input a page."""

    async def close_wait(self, ask: CloseWait) -> ClosedWait:
        whole = (await super().close_wait(ask)).inputs
        return ClosedWait(inputs=whole[:1], more=len(whole) > 1)


async def test_an_input_taken_in_too_early_answers_by_when_it_was_accepted() -> None:
    early = Inbox().taking([message(1, "late", after=61)], Limits())
    state, _ = await walked(TWICE, inbox=early)
    assert state.frame.vars == {"q2": "late"}


async def test_the_first_answer_accepted_by_the_deadline_counts_to_the_very_moment() -> None:
    state, _ = await walked(TWICE, lane=[message(1, "just in time", after=60)])
    assert state.frame.vars["q1"] == "just in time"


async def test_an_answer_that_the_lane_had_is_not_heard_again_when_it_is_delivered() -> None:
    first = message(1, "yes", after=59)
    copy = first.but(accepted_at=START + timedelta(seconds=62))
    state, world = await walked(TWICE, [copy], lane=[first])
    assert state.frame.vars == {"q1": "yes"}
    assert [fate.seq for flush in world.flushes for fate in flush.consumed] == [1]


async def test_every_page_of_what_the_lane_had_is_read() -> None:
    world = Paged(lane=[status(1, "pending", "bot"), status(2, "pending", "bot"), message(3, "yes")])
    state = await walk_on(run_input(plan_of(TWICE)), world)
    assert state.frame.vars["q1"] == "yes"


async def test_what_the_lane_had_after_an_answer_is_the_next_questions() -> None:
    state, _ = await walked(TWICE, lane=[message(1, "one"), message(2, "two")])
    assert state.frame.vars == {"q1": "one", "q2": "two"}


async def test_now_is_when_the_last_thing_consumed_was_so() -> None:
    """Start, an answer's acceptance, a delay's end; the clock of whoever looks is hours ahead."""
    document = flow(
        [said("a", "{{now}}"), asked("q"), said("b", "{{now}}"), DELAY, said("c", "{{now}}"), END],
        [("a", "q"), ("q", "b"), ("b", "d"), ("d", "c"), ("c", "e")],
    )
    world = Ahead(script=[message(1, "yes", after=7)])
    await walk_on(run_input(plan_of(document)), world)
    times = [(START + timedelta(seconds=seconds)).isoformat() for seconds in (0, 7, 107)]
    assert [text for text in world.said if text != "?"] == times


DELAY: dict[str, Any] = {"id": "d", "type": "delay", "config": {"for": "100s"}}


class Ahead(World):
    """A world that walks hours after what it hears; its effects do not tell when they were done."""

    def stamp(self) -> Any:
        return self.now + timedelta(hours=5)

    def _done(self, effect: Effect) -> Report:
        self.done.append(effect)
        return Report(state="done", outcome=Outcome(value={"id": len(self.done)}))


async def test_now_is_an_outcome_s_time_and_never_goes_back() -> None:
    done_at = START + timedelta(seconds=50)

    def verdict(effect: Effect) -> Report | None:
        if effect.node != "a":
            return None
        return Report(state="done", outcome=Outcome(value={"id": 1}, at=done_at))

    kept = {"onError": {"default": None}}  # its outcome is waited for
    document = flow(
        [said("a", "A", **kept), said("b", "{{now}}"), asked("q"), said("c", "{{now}}"), END],
        [("a", "b"), ("b", "q"), ("q", "c"), ("c", "e")],
    )
    _, world = await walked(document, [message(1, "yes", after=10)], verdict=verdict)
    assert [text for text in world.said if text != "?"] == [done_at.isoformat()] * 2


async def test_a_deadline_counts_from_walk_time_not_from_the_clock() -> None:
    world = Ahead()
    await walk_on(run_input(plan_of(LEAD)), world)
    waiting = world.flushes[0].standing.waiting
    assert waiting is not None
    assert waiting.since == START


async def test_the_contact_is_refreshed_by_what_is_consumed_not_by_what_is_delivered() -> None:
    heard = message(1, "yes", after=1)
    assert heard.event is not None
    told: Input = heard.but(event=heard.event.but(contact={"name": "Juma"}))
    document = flow(
        [said("a", "Hi {{contact.name}}"), asked("q"), said("b", "Bye {{contact.name}}"), END],
        [("a", "q"), ("q", "b"), ("b", "e")],
    )
    world = World(inbox=Inbox().taking([told], Limits()))
    await walk_on(run_input(plan_of(document), contact={"name": "Asha"}), world)
    assert world.said == ["Hi Asha", "?", "Bye Juma"]


async def test_templates_see_no_more_than_the_fixed_names_and_the_variables() -> None:
    """A count of unread inputs, say, would differ when a lost task is walked again."""
    plan = plan_of(TWICE)
    state = moves.begin({"digest": plan}, run_input(plan, variables={"x": 1}))
    assert set(state.scope(SCENE)) == {*RESERVED, "@", "x"}
