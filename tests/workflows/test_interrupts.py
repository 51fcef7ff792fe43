"""Words that are never an answer: where they lead, and the way back."""

from datetime import timedelta
from typing import Any

import pytest

from dsl.limits import Limits
from tests.workflows.test_double_text import fates, line
from tests.workflows.world import START, flow, message, walked

END: dict[str, Any] = {"id": "e", "type": "end"}


def asked(words: dict[str, Any], edges: Any = (), **config: Any) -> dict[str, Any]:
    """A question, thanks for its answer, and a desk that only words lead to."""
    told = {"text": "Name?", "saveTo": "name", "timeout": "60s", **config}
    nodes = [
        {"id": "q", "type": "question", "config": told},
        {"id": "m", "type": "message", "config": {"text": "Thank you, {{name}}."}},
        {"id": "desk", "type": "message", "config": {"text": "We help."}},
        {"id": "own", "type": "message", "config": {"text": "My own way."}},
        {"id": "e2", "type": "end", "config": {"outcome": "helped"}},
        END,
    ]
    ways = [("q", "m"), ("q", "timeout", "e"), ("m", "e"), ("desk", "e2"), ("own", "e2"), *edges]
    return flow(nodes, ways, settings={"interrupts": words})


AWAY = {"agent": {"to": "desk"}}
BACK = {"help me": {"to": "desk", "return": True}}


async def test_a_word_leads_away_and_is_no_answer() -> None:
    state, world = await walked(asked(AWAY), [message(1, " AGENT ")])
    assert (world.said, state.frame.vars) == (["Name?", "We help."], {})
    assert fates(world) == [(1, "interrupt")]
    assert line(world, "q").exit == "interrupt"
    assert state.ending is not None
    assert state.ending.reason == "helped"


async def test_the_end_of_a_side_path_leads_back_and_the_question_is_asked_again() -> None:
    state, world = await walked(asked(BACK), [message(1, "Help  me"), message(2, "Asha")])
    assert world.said == ["Name?", "We help.", "Name?", "Thank you, Asha."]
    assert state.ending is not None
    assert state.ending.reason == "completed"
    assert [line[1:] for line in world.recorded()][:4] == [
        ("start", "done", "next"),
        ("q", "waiting", None),
        ("q", "done", "interrupt"),
        ("desk", "done", "next"),
    ]


async def test_asked_again_it_has_all_its_time_again() -> None:
    _, world = await walked(asked(BACK), [message(59, "help me"), message(110, "Asha")])
    assert world.said[-1] == "Thank you, Asha."


async def test_the_way_back_is_found_as_often_as_it_is_needed_and_after_continue_as_new() -> None:
    script = [message(1, "help me"), message(2, "help me"), message(3, "Asha")]
    _, world = await walked(asked(BACK), script, limits=Limits(every_steps=1))
    assert world.said == ["Name?", *2 * ["We help.", "Name?"], "Thank you, Asha."]


async def test_its_own_exit_wins() -> None:
    document = asked({**AWAY, **BACK}, [("q", "interrupt", "own")])
    state, world = await walked(document, [message(1, "agent")])
    assert (world.said, state.ending and state.ending.reason) == (["Name?", "My own way."], "helped")
    _, world = await walked(document, [message(1, "help me"), message(2, "Asha")])
    assert world.said == ["Name?", "My own way.", "Name?", "Thank you, Asha."]


@pytest.mark.parametrize(
    ("heard", "said"), [(False, "Thank you, agent."), (["help me"], "Thank you, agent.")]
)
async def test_a_node_that_does_not_hear_a_word_takes_it_for_an_answer(heard: Any, said: str) -> None:
    _, world = await walked(asked({**AWAY, **BACK}, interrupts=heard), [message(1, "agent")])
    assert world.said == ["Name?", said]


async def test_a_word_within_a_sentence_is_an_answer() -> None:
    _, world = await walked(asked(AWAY), [message(1, "agent Smith")])
    assert world.said[-1] == "Thank you, agent Smith."


async def test_a_word_ends_what_is_being_gathered_and_interrupts_what_is_asked_next() -> None:
    document = asked(AWAY, doubleText="merge", quietPeriod="5s")
    document["edges"] = [edge for edge in document["edges"] if edge["from"] != "m"]
    document["edges"].append({"from": "m", "to": "q"})
    _, world = await walked(document, [message(1, "a"), message(2, "b"), message(3, "agent")])
    assert world.said == ["Name?", "Thank you, a\nb.", "Name?", "We help."]


async def test_on_a_side_path_that_asks_a_timeout_is_as_ever() -> None:
    more = {
        "id": "more",
        "type": "question",
        "config": {"text": "Which?", "saveTo": "which", "timeout": "9s"},
    }
    document = asked(BACK, [("desk", "more"), ("more", "e2"), ("more", "timeout", "e2")])
    document["edges"].remove({"from": "desk", "to": "e2"})
    document["nodes"].append(more)
    _, world = await walked(document, [message(1, "help me"), message(30, "Asha")])
    assert world.said == ["Name?", "We help.", "Which?", "Name?", "Thank you, Asha."]
    assert world.now == START + timedelta(seconds=30)


async def test_a_form_goes_on_with_the_field_it_was_at() -> None:
    form = {"id": "f", "type": "form", "config": {"fields": [{"name": "a"}, {"name": "b"}]}}
    desk = {"id": "desk", "type": "message", "config": {"text": "We help."}}
    document = flow([form, desk, END], [("f", "e"), ("desk", "e")], settings={"interrupts": BACK})
    state, world = await walked(document, [message(1, "x"), message(2, "help me"), message(3, "y")])
    assert state.frame.vars == {"a": "x", "b": "y"}
    assert world.said == ["a", "b", "We help.", "b"]


async def test_a_field_that_is_asked_again_has_its_own_tries_and_no_more() -> None:
    fields = [{"name": "a"}, {"name": "b", "expects": "email"}]
    form = {"id": "f", "type": "form", "config": {"fields": fields, "maxTries": 1, "invalidText": "No."}}
    desk = {"id": "desk", "type": "message", "config": {"text": "We help."}}
    ways = [("f", "e"), ("f", "invalid", "e"), ("desk", "e")]
    document = flow([form, desk, END], ways, settings={"interrupts": BACK})
    _, world = await walked(document, [message(1, "x"), message(2, "help me"), message(3, "nonsense")])
    assert world.said == ["a", "b", "We help.", "b"]
