"""Several messages where one answer was expected: which of them counts, and what people are told."""

from datetime import timedelta
from typing import Any

import pytest

from dsl.inbox import Inbox
from dsl.limits import Limits
from dsl.messages import Row
from tests.workflows.world import START, World, flow, message, plan_of, run_input, status, walk_on, walked

END: dict[str, Any] = {"id": "e", "type": "end"}
POLICIES = ("latest", "merge", "reject")
SORRY = "One at a time, please."
THREE = [message(5, "I want"), message(6, "two kilos"), message(7, "of sugar")]


def asked(policy: str, **config: Any) -> dict[str, Any]:
    """A question of that policy, with three seconds of quiet, what it heard, and another question."""
    quiet = {} if policy == "queue" else {"quietPeriod": "3s"}
    first = {"text": "What?", "saveTo": "what", "timeout": "60s", "doubleText": policy, **quiet, **config}
    nodes = [
        {"id": "q", "type": "question", "config": first},
        {"id": "m", "type": "message", "config": {"text": "{{what}}, at {{now | date:'mm:ss'}}."}},
        {"id": "r", "type": "question", "config": {"text": "Sure?", "saveTo": "sure", "timeout": "60s"}},
        {"id": "z", "type": "message", "config": {"text": "Bye"}},
        END,
    ]
    ways = [("q", "m"), ("m", "r"), ("r", "z"), ("r", "timeout", "z"), ("z", "e"), ("q", "timeout", "z")]
    return flow(nodes, ways)


def fates(world: World) -> list[tuple[int, str]]:
    """What became of each input, as recorded."""
    return [(fate.seq, fate.how) for flush in world.flushes for fate in flush.consumed]


def line(world: World, node: str) -> Row:
    """The node's last line of the record."""
    return [row for flush in world.flushes for row in flush.rows if row.node == node][-1]


@pytest.mark.parametrize(
    ("policy", "answer", "others", "merged"),
    [
        ("latest", "of sugar", "superseded", []),
        ("merge", "I want\ntwo kilos\nof sugar", "merged", [1_005, 1_006, 1_007]),
    ],
)
async def test_the_answer_is_taken_when_nothing_more_comes(
    policy: str, answer: str, others: str, merged: list[int]
) -> None:
    state, world = await walked(asked(policy), THREE)
    assert state.frame.vars == {"what": answer}
    assert world.said == ["What?", f"{answer}, at 00:07.", "Sure?", "Bye"]
    assert fates(world) == [(5, others), (6, others), (7, "answer")]
    assert (line(world, "q").result, line(world, "q").merged) == (answer, merged)


async def test_the_first_message_counts_and_the_others_are_told_so_once() -> None:
    state, world = await walked(asked("reject", rejectText=SORRY), THREE)
    assert state.frame.vars == {"what": "I want"}
    assert [text.partition(",")[0] for text in world.said] == [
        "What?",
        "One at a time",
        "I want",
        "Sure?",
        "Bye",
    ]
    assert fates(world) == [(5, "answer"), (6, "rejected"), (7, "rejected")]
    assert line(world, "q").merged == []


async def test_without_a_text_for_it_the_others_are_rejected_in_silence() -> None:
    _, world = await walked(asked("reject"), THREE)
    assert [text.partition(",")[0] for text in world.said] == ["What?", "I want", "Sure?", "Bye"]


async def test_in_a_queue_each_message_answers_the_next_question() -> None:
    state, world = await walked(asked("queue"), THREE)
    assert state.frame.vars == {"what": "I want", "sure": "two kilos"}
    assert fates(world) == [(5, "answer"), (6, "answer")]


@pytest.mark.parametrize("policy", POLICIES)
async def test_a_message_by_itself_is_the_answer(policy: str) -> None:
    state, world = await walked(asked(policy, rejectText=SORRY), [message(5, "sugar")])
    assert state.frame.vars == {"what": "sugar"}
    assert fates(world) == [(5, "answer")]
    assert line(world, "q").merged == []
    assert SORRY not in world.said


@pytest.mark.parametrize("policy", POLICIES)
async def test_a_message_after_the_quiet_period_is_the_next_questions(policy: str) -> None:
    state, _ = await walked(asked(policy), [message(5, "sugar"), message(9, "yes")])
    assert state.frame.vars == {"what": "sugar", "sure": "yes"}


@pytest.mark.parametrize(("policy", "answer"), [("latest", "c"), ("merge", "a\nb\nc"), ("reject", "a")])
async def test_each_message_prolongs_the_quiet_period_unless_only_the_first_counts(
    policy: str, answer: str
) -> None:
    state, _ = await walked(asked(policy), [message(5, "a"), message(7, "b"), message(9, "c")])
    assert state.frame.vars["what"] == answer
    assert state.frame.vars.get("sure") == ("c" if policy == "reject" else None)


async def test_nobody_who_writes_on_and_on_is_waited_for_without_end() -> None:
    state, _ = await walked(asked("merge"), [message(second, str(second)) for second in range(1, 50)])
    assert state.frame.vars == {"what": "\n".join(str(second) for second in range(1, 32)), "sure": "32"}


@pytest.mark.parametrize("policy", POLICIES)
async def test_no_quiet_period_lasts_beyond_the_deadline(policy: str) -> None:
    state, world = await walked(asked(policy, quietPeriod="50s"), [message(30, "sugar")])
    assert state.frame.vars == {"what": "sugar"}
    assert world.now == START + timedelta(seconds=120)


@pytest.mark.parametrize(("policy", "answer"), [("latest", "two"), ("merge", "one\ntwo"), ("reject", "one")])
async def test_what_the_lane_accepted_in_the_quiet_period_belongs_to_it_however_late_it_comes(
    policy: str, answer: str
) -> None:
    """Its delivery is slow: the lane is asked before anything is decided (2.1)."""
    copy = message(6, "two").but(accepted_at=START + timedelta(seconds=30))
    state, world = await walked(asked(policy), [message(5, "one"), copy], lane=[message(6, "two")])
    assert state.frame.vars == {"what": answer}
    assert len(fates(world)) == 2


@pytest.mark.parametrize("policy", POLICIES)
async def test_what_is_said_after_a_quiet_period_is_an_ordinary_activity(policy: str) -> None:
    """Its schedule event commits how the period ended (2.2)."""
    _, world = await walked(asked(policy, rejectText=SORRY), THREE)
    told = [effect.node for effect in world.ordinary]
    assert told[: told.index("m") + 1] == (["q", "m"] if policy == "reject" else ["m"])


@pytest.mark.parametrize("policy", POLICIES)
async def test_messages_typed_ahead_of_the_question_are_one_group_too(policy: str) -> None:
    world = World(inbox=Inbox().taking([message(1, "a"), message(2, "b")], Limits()))
    state = await walk_on(run_input(plan_of(asked(policy))), world)
    assert state.frame.vars == {"what": {"latest": "b", "merge": "a\nb", "reject": "a"}[policy]}


@pytest.mark.parametrize("policy", POLICIES)
async def test_a_quiet_period_outlives_continue_as_new(policy: str) -> None:
    once = await walked(asked(policy, rejectText=SORRY), THREE)
    often = await walked(asked(policy, rejectText=SORRY), THREE, limits=Limits(every_steps=1))
    assert often[1].said == once[1].said
    assert fates(often[1]) == fates(once[1])


@pytest.mark.parametrize("policy", POLICIES)
async def test_a_human_who_takes_over_in_the_quiet_period_has_the_word(policy: str) -> None:
    taken = status(6, "open", "human")
    state, world = await walked(asked(policy, rejectText=SORRY), [message(5, "sugar"), taken])
    assert state.owner == "human"
    assert fates(world)[0] == (5, "answer")


@pytest.mark.parametrize("policy", POLICIES)
async def test_an_answer_that_is_none_is_asked_for_again_and_gathered_again(policy: str) -> None:
    document = asked(policy, expects="integer", maxTries=3, invalidText="A number!")
    document["edges"].append({"from": "q", "exit": "invalid", "to": "e"})
    state, world = await walked(document, [message(5, "x"), message(20, "7")])
    assert state.frame.vars == {"what": 7}
    assert "A number!" in world.said


async def test_merged_answers_of_two_fields_of_a_form_are_both_on_record() -> None:
    fields = [{"name": "a"}, {"name": "b"}]
    form = {
        "id": "f",
        "type": "form",
        "config": {"fields": fields, "doubleText": "merge", "quietPeriod": "3s"},
    }
    script = [message(1, "x"), message(2, "y"), message(20, "z"), message(21, "w")]
    state, world = await walked(flow([form, END], [("f", "e")]), script)
    assert state.frame.vars == {"a": "x\ny", "b": "z\nw"}
    assert line(world, "f").merged == [1_001, 1_002, 1_020, 1_021]
