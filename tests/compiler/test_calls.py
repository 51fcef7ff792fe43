"""Flows on calls: what is said to nobody, what keys cannot spell, and where a hang-up leads."""

from typing import Any

import pytest

from compiler.compile import compile_flow
from dsl.plan import Wait
from tests.compiler.documents import END, START, codes, compiled, edge, flow, line, message, question
from wiring.catalog import catalogue

BY_CALL = {"event": "call_received"}
BY_CHAT = {"event": "conversation_created"}
RING = {"id": "ring", "type": "initiate_call", "config": {"to": "+254711000111"}}
SAY = {"id": "say", "type": "say", "config": {"text": "Hello."}}


def kind(type: str, **config: Any) -> dict[str, Any]:
    """A node named after its kind."""
    return {"id": type, "type": type, "config": config}


class TestOutsideOfCalls:
    """VOICE_OUTSIDE_CALL."""

    def test_a_flow_that_a_call_starts_tells_it_what_to_do(self) -> None:
        assert codes(line(SAY, trigger=BY_CALL)) == []

    def test_a_flow_that_a_chat_starts_has_no_call(self) -> None:
        assert codes(line(SAY, trigger=BY_CHAT)) == ["VOICE_OUTSIDE_CALL"]

    def test_a_flow_without_a_trigger_may_be_started_by_a_call(self) -> None:
        assert codes(line(SAY)) == []

    @pytest.mark.parametrize(("exit", "found"), [("answered", []), ("no_answer", ["VOICE_OUTSIDE_CALL"])])
    def test_a_call_that_was_made_goes_on_where_it_is_answered(self, exit: str, found: list[str]) -> None:
        other = "no_answer" if exit == "answered" else "answered"
        edges = [
            edge("start", "ring"),
            edge("ring", "say", exit),
            edge("ring", "end", other),
            edge("say", "end"),
        ]
        assert codes(flow([START, RING, SAY, END], edges, trigger=BY_CHAT)) == found


class TestNothingHeard:
    """NOTHING_HEARD_AFTER."""

    @pytest.mark.parametrize(
        "last",
        [
            kind("dial", phoneNumbers=["+254711000111"]),
            kind("enqueue"),
            kind("redirect", url="https://calls.example/on"),
            kind("reject"),
        ],
    )
    def test_what_ends_a_call_is_the_last_that_is_heard(self, last: dict[str, Any]) -> None:
        assert codes(line(last, trigger=BY_CALL)) == []
        assert codes(line(last, message("bye"), trigger=BY_CALL)) == ["NOTHING_HEARD_AFTER"]

    def test_words_later_than_a_wait_are_said_somewhere_else(self) -> None:
        later = {"id": "later", "type": "delay", "config": {"for": "1h"}}
        assert codes(line(kind("enqueue"), later, message("bye"), trigger=BY_CALL)) == []

    def test_words_before_are_heard(self) -> None:
        assert codes(line(message("hello"), kind("enqueue"), trigger=BY_CALL)) == []


class TestKeys:
    """NOT_BY_KEYS."""

    def test_keys_spell_numbers_and_no_addresses(self) -> None:
        asked = {**question("ask", "it", expects="email")}
        assert codes(line(asked, trigger=BY_CALL)) == ["NOT_BY_KEYS"]
        assert codes(line({**question("ask", "it", expects="integer")}, trigger=BY_CALL)) == []

    def test_a_flow_that_calls_may_start_too_asks_what_it_likes(self) -> None:
        assert codes(line({**question("ask", "it", expects="email")}, trigger=BY_CHAT)) == []


def waits_of(node: dict[str, Any], *exits: str) -> list[dict[str, str]]:
    """Where the node's waits lead, connected by these exits."""
    edges = [edge("start", node["id"]), *(edge(node["id"], "end", exit) for exit in exits)]
    plan = compiled(flow([START, node, END], edges)).plan
    assert plan is not None
    return [dict(step.to) for step in plan.steps.values() if isinstance(step, Wait)]


ASKING: dict[str, tuple[dict[str, Any], *tuple[str, ...]]] = {
    "question": (question("q", "it"), "answer"),
    "menu": (kind("menu", text="?", choices=[{"value": "a"}]), "a"),
    "form": (kind("form", fields=[{"name": "n"}]), "answer"),
    "get_digits": (kind("get_digits", text="?"), "answer", "timeout"),
    "record": (kind("record"), "next"),
    "dial": (kind("dial", phoneNumbers=["+254711000111"]), "next"),
}


@pytest.mark.parametrize("name", ASKING)
def test_a_hang_up_leaves_what_waits_where_that_is_drawn(name: str) -> None:
    node, *exits = ASKING[name]
    assert all("hangup" not in to for to in waits_of(node, *exits))
    assert [to["hangup"] for to in waits_of(node, *exits, "hangup")] == ["!hangup"]


@pytest.mark.parametrize("name", ["get_digits", "record", "dial"])
def test_nobody_is_waited_for_on_a_call_of_whose_end_nobody_tells(name: str) -> None:
    node, *exits = ASKING[name]
    [unheard], [heard] = waits_of(node, *exits), waits_of(node, *exits, "hangup")
    assert (unheard["timeout"], heard["timeout"]) == ("!expired", "!hangup")


def test_what_a_caller_who_hangs_up_leaves_unsaid_may_be_unset() -> None:
    asked = question("q", "name")
    told = {**message("m"), "config": {"text": "Bye, {{name}}."}}
    edges = [edge("start", "q"), edge("q", "m"), edge("q", "m", "hangup"), edge("m", "end")]
    assert codes(flow([START, asked, told, END], edges)) == ["MAYBE_UNSET"]


def test_a_recording_is_kept_though_the_caller_hangs_up() -> None:
    node = kind("record", saveTo="left")
    assert [(to["answer"], to["hangup"]) for to in waits_of(node, "next", "hangup")] == [
        ("record/save", "record/left")
    ]


def test_a_call_that_nobody_answers_has_a_way_of_its_own() -> None:
    result = compile_flow(line(RING), catalogue())
    assert [found.code for found in result.errors] == ["DANGLING_EXIT"]
