"""Effects are performed together with the record, and the walk goes back to the first not done (2.4)."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from dsl.limits import Limits
from dsl.messages import Effect, ErrorInfo, Outcome, Perform, Performed, Report
from dsl.plan import Call, Plan
from tests.workflows.test_walk import TWO
from tests.workflows.world import World, flow, message, plan_of, run_input, walk_on, walked

END: dict[str, Any] = {"id": "e", "type": "end"}
POST = {"url": "https://a.example", "method": "POST"}


def said(id: str, text: str, **more: Any) -> dict[str, Any]:
    """A message node."""
    return {"id": id, "type": "message", "config": {"text": text}, **more}


@dataclass
class Watched(World):
    """A world that notes which effects came together."""

    together: list[list[str]] = field(default_factory=list)

    async def perform(self, request: Perform) -> Performed:
        self.together.append([effect.node for effect in request.effects])
        return await super().perform(request)


async def together(document: dict[str, Any], plan: Plan | None = None, **more: Any) -> Watched:
    """The flow walked in a world that watches."""
    world = Watched(**more)
    await walk_on(run_input(plan or plan_of(document), limits=world.limits), world)
    return world


def answered(effect: Effect) -> Report | None:
    """Calls are answered with a number."""
    return Report(state="done", outcome=Outcome(exit="success", value=7)) if "url" in effect.args else None


async def test_one_effect_whose_outcome_is_read_stands_last() -> None:
    call, read = {"id": "b", "type": "api", "config": POST}, said("c", "got {{nodes.b}}")
    document = flow([said("a", "A"), call, read, END], [("a", "b"), ("b", "c"), ("c", "e")])
    world = await together(document, verdict=answered)
    assert world.together == [["a", "b"], ["c"]]
    assert world.said[-1] == "got 7"


RENAME = {"id": "u", "type": "update_contact", "config": {"attributes": {"name": "Asha"}}}
RENAMED = flow([RENAME, said("g", "Hello {{contact.name}}"), END], [("u", "g"), ("g", "e")])


@pytest.mark.parametrize(("name", "batches"), [("Asha", [["u", "g"]]), ("A. Odhiambo", [["u", "g"], ["g"]])])
async def test_what_a_contact_is_told_is_known_before_it_is_done(name: str, batches: list[list[str]]) -> None:
    def renamed(effect: Effect) -> Report | None:
        outcome = Outcome(value={"name": name})
        return Report(state="done", outcome=outcome) if effect.node == "u" else None

    world = await together(RENAMED, verdict=renamed)
    assert world.together == batches
    assert world.said == [f"Hello {name}"]
    assert world.flushes[-1].standing.contact["name"] == name


async def test_a_contact_that_was_not_told_is_as_it_was() -> None:
    world = await together(RENAMED, verdict=refusing("u"))
    assert world.said == []
    assert "name" not in world.flushes[-1].standing.contact


async def test_what_a_message_came_to_is_read_by_its_node_s_id() -> None:
    read = said("b", "It was {{nodes.a.id}}")
    _, world = await walked(flow([said("a", "A"), read, END], [("a", "b"), ("b", "e")]))
    assert world.said[-1] == "It was 101"


async def test_a_delay_is_not_run_ahead_of() -> None:
    nap = {"id": "d", "type": "delay", "config": {"for": "60s"}}
    world = await together(flow([said("a", "A"), nap, END], [("a", "d"), ("d", "e")]))
    assert world.together[0] == ["a"]
    assert world.flushes[0].standing.status == "waiting_time"


async def test_nothing_but_record_is_a_perform_without_effects() -> None:
    world = await together(flow([SET, END], [("s", "e")]))
    assert world.together == [[]]
    assert [row.node for flush in world.flushes for row in flush.rows] == ["start", "s", "e"]


async def test_no_more_effects_come_together_than_a_batch_has() -> None:
    world = await together(TWO, limits=Limits(batch=2))
    assert world.together[0] == ["a", "b"]
    assert world.said == ["one", "two", "three"]


@pytest.mark.parametrize(
    ("order", "ordinary"), [(("a", "m"), []), (("m", "a"), ["a"])], ids=["first", "second"]
)
async def test_what_may_only_be_first_is_never_second(order: tuple[str, str], ordinary: list[str]) -> None:
    nodes = {"m": said("m", "M"), "a": {"id": "a", "type": "api", "config": POST}}
    first, second = order
    plan = plan_of(flow([nodes[first], nodes[second], END], [(first, second), (second, "e")]))
    call = plan.steps["a"]
    assert isinstance(call, Call)
    costly = call.model_copy(update={"first_only": True})
    plan = plan.model_copy(update={"steps": {**plan.steps, "a": costly}})
    world = await together({}, plan, verdict=answered)
    assert [effect.node for effect in world.ordinary] == ordinary
    assert world.said == ["M"]


def refusing(node: str) -> Any:
    """The verdict that the effect of one node fails."""
    error = ErrorInfo(code="HTTP_422", message="no")

    def verdict(effect: Effect) -> Report | None:
        outcome = Outcome(exit="error", error=error)
        return Report(state="failed", outcome=outcome) if effect.node == node else None

    return verdict


SET: dict[str, Any] = {"id": "s", "type": "set_variables", "config": {"set": {"x": "set"}}}
SORRY = said("sorry", "x is {{x | default:'unset'}}")
BETWEEN = flow(
    [said("a", "A"), SET, said("b", "B"), SORRY, END],
    [("a", "s"), ("s", "b"), ("b", "e"), ("sorry", "e")],
    settings={"onError": "sorry"},
)


@pytest.mark.parametrize(("failed", "told"), [("a", "x is unset"), ("b", "x is set")])
async def test_going_back_restores_the_state_at_the_effect_not_done(failed: str, told: str) -> None:
    _, world = await walked(BETWEEN, verdict=refusing(failed))
    assert world.said[-1] == told


async def test_an_effect_that_was_not_begun_goes_on_as_an_ordinary_activity_under_its_own_key() -> None:
    stopping = iter([Report(state="skipped")])

    def verdict(effect: Effect) -> Report | None:
        return next(stopping, None) if effect.node == "b" else None

    _, world = await walked(TWO, verdict=verdict)
    assert [(effect.node, effect.visit, effect.number) for effect in world.ordinary] == [("b", 1, 1)]
    assert world.said == ["one", "two", "three"]


async def test_the_record_names_the_effect_that_each_line_follows() -> None:
    _, world = await walked(TWO)
    assert [(row.node, row.after) for row in world.flushes[0].rows] == [
        ("start", -1),
        ("a", 0),
        ("b", 1),
        ("c", 2),
        ("e", 2),
    ]


class Taken(World):
    """A world in which the execution turns out to be another run's."""

    async def perform(self, request: Perform) -> Performed:
        return (await super().perform(request)).but(superseded=True)


async def test_for_an_execution_that_is_another_run_s_nothing_is_done_any_more() -> None:
    world = Taken(limits=Limits(fast=False))
    state = await walk_on(run_input(plan_of(TWO), limits=world.limits), world)
    assert state.ending is not None
    assert (state.ending.reason, world.said) == ("superseded", [])


@pytest.mark.parametrize(
    ("said", "asked"), [("asha@example.com", []), ("asha@münchen.de", ["asha@münchen.de"])]
)
async def test_what_is_plain_is_read_in_the_walk_and_other_answers_by_a_pure_call(
    said: str, asked: list[str]
) -> None:
    calls: list[str] = []

    class Asked(World):
        async def pure(self, step: Call, args: dict[str, Any]) -> Outcome:
            calls.append(str(args["text"]))
            return await super().pure(step, args)

    asking = [{"id": id, "type": "question", "config": {"text": "?", "saveTo": id}} for id in ("t", "m")]
    asking[1]["config"] |= {"expects": "email"}  # type: ignore[operator]
    world = Asked(script=[message(1, "Asha"), message(2, said)])
    state = await walk_on(run_input(plan_of(flow([*asking, END], [("t", "m"), ("m", "e")]))), world)
    assert calls == asked
    assert state.frame.vars == {"t": "Asha", "m": said}


async def test_a_call_whose_end_nobody_saw_is_an_error_with_its_code() -> None:
    call = {"id": "a", "type": "api", "config": POST}
    state, _ = await walked(flow([call, END], [("a", "e")]), verdict=lambda _: Report(state="unknown"))
    assert state.ending is not None
    assert state.ending.error is not None
    assert state.ending.error.message.startswith("OUTCOME_UNKNOWN")
