"""What a trace tells of each step: what it read, decided and came to."""

from typing import Any

import pytest
from pydantic import TypeAdapter

from dsl.conditions import Condition
from simulator import watching
from simulator.trace import Answered, Heard, Read, Stepped
from tests.simulator.flows import ASK, END, flow, node, played

CONDITION: TypeAdapter[Condition] = TypeAdapter(Condition)
SCOPE: dict[str, Any] = {"age": 20, "city": "Nairobi"}


def compared(left: Any, operator: str, right: Any = None) -> dict[str, Any]:
    return {"left": left, "operator": operator, "right": right}


OLD, YOUNG = compared("{{age}}", "gte", 18), compared("{{age}}", "lt", "{{limit | default:18}}")


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        (OLD, {"operator": "gte", "left": 20, "right": 18, "holds": True}),
        (YOUNG, {"operator": "lt", "left": 20, "right": "18", "holds": False}),
        ({"not": OLD}, {"operator": "not", "holds": False}),
        ({"all": [OLD, OLD]}, {"operator": "all", "holds": True}),
        ({"any": [YOUNG, YOUNG]}, {"operator": "any", "holds": False}),
        ({"javascript": "1"}, {"operator": "javascript", "left": "1", "holds": False}),
    ],
)
def test_a_condition_is_told_with_both_sides_and_the_verdict(condition: Any, told: dict[str, Any]) -> None:
    found = watching.tested(CONDITION.validate_python(condition), SCOPE)
    assert told.items() <= found.model_dump(exclude={"parts"}).items()


@pytest.mark.parametrize(
    ("condition", "verdicts"),
    [
        ({"all": [OLD, YOUNG, OLD]}, [True, False]),
        ({"any": [YOUNG, OLD, YOUNG]}, [False, True]),
        ({"not": {"all": [OLD]}}, [True]),
    ],
)
def test_parts_are_told_as_far_as_they_were_needed(condition: Any, verdicts: list[bool]) -> None:
    assert [
        part.holds for part in watching.tested(CONDITION.validate_python(condition), SCOPE).parts
    ] == verdicts


async def steps(document: dict[str, Any], *lines: dict[str, Any], **setting: Any) -> dict[str, Stepped]:
    """The steps of a conversation by id; of several visits the last."""
    done = await played(document, *lines, **setting)
    assert done.failure is None
    return {one.step: one for one in done.trace if isinstance(one, Stepped)}


async def test_a_step_tells_the_texts_it_rendered_and_where_it_leads() -> None:
    document = flow(
        [
            node("set", "set_variables", set={"a.b": "{{city | upper}}", "c": 1}),
            node("hi", "message", text="To {{a.b}}, {{c}}"),
            node("end", "end", outputs={"where": "{{a.b}}"}),
        ],
        [("set", "hi"), ("hi", "end")],
        variables={
            "a": {"type": "object"},
            "c": {"type": "integer"},
            "city": {"type": "string", "default": "Nairobi"},
        },
    )
    told = await steps(document, {"say": "Hi"}, {"expect": "To NAIROBI, 1"})
    assert told["set"].reads == [Read(pointer="/values/a.b", template="{{city | upper}}", value="NAIROBI")]
    assert (told["set"].exit, told["set"].to, told["set"].kind) == ("next", "hi", "set_variables")
    assert [one.value for one in told["hi"].reads] == ["To NAIROBI, 1"]
    assert told["hi"].answered == [
        Answered(
            activity="send_message",
            args={"text": "To NAIROBI, 1", "choices": [], "attachments": []},
            exit="next",
            value={"id": 2},
        )
    ]
    assert (told["end"].reads[0].value, told["end"].exit, told["end"].to) == ("NAIROBI", None, None)


async def test_a_choice_tells_the_cases_up_to_the_one_that_holds() -> None:
    cases = [
        {"exit": "young", "condition": YOUNG},
        {"exit": "old", "condition": OLD},
        {"exit": "no", "condition": OLD},
    ]
    document = flow(
        [node("how", "switch", cases=cases), END],
        [*(("how", exit, "end") for exit in ("young", "old", "no", "default"))],
        variables={"age": {"type": "integer", "default": 20}, "limit": {"type": "integer"}},
    )
    told = (await steps(document, {"say": "Hi"}))["how"]
    assert [(one.operator, one.holds) for one in told.tests] == [("lt", False), ("gte", True)]
    assert (told.exit, told.to, told.reads) == ("old", "end", [])


async def test_inputs_are_told_before_the_steps_that_took_them() -> None:
    document = flow(
        [{**ASK, "config": {**ASK["config"], "maxTries": 1}}, END],
        [("ask", exit, "end") for exit in ("answer", "invalid", "timeout")],
    )
    done = await played(document, {"say": "Hi"}, {"say": "many"}, {"expectExit": {"ask": "invalid"}})
    told = [one for one in done.trace if isinstance(one, Heard | Stepped)]
    heard = next(index for index, one in enumerate(told) if isinstance(one, Heard) and one.how == "answer")
    after = [one.step for one in told[heard + 1 :] if isinstance(one, Stepped)]
    assert after[:2] == ["ask/wait", "ask/read"]
    read = next(one for one in told if isinstance(one, Stepped) and one.step == "ask/read")
    assert (read.answered[0].args["text"], read.answered[0].exit) == ("many", "invalid")


async def test_steps_of_a_loop_are_told_each_time() -> None:
    document = flow(
        [
            node("each", "loop", mode="for_each", items="{{list}}", **{"as": "one"}),
            node("hi", "message", text="{{one}}"),
            END,
        ],
        [("each", "body", "hi"), ("hi", "each"), ("each", "done", "end"), ("each", "limit", "end")],
        variables={"list": {"type": "array", "default": ["a", "b"]}},
    )
    done = await played(
        document, {"say": "Hi"}, {"expect": "a"}, {"expect": "b"}, {"expectExit": {"each": "done"}}
    )
    assert done.failure is None
    said = [one for one in done.trace if isinstance(one, Stepped) and one.step == "hi"]
    assert [one.visit for one in said] == [1, 2]
    assert done.exits["each"] == ["body", "done"]
