"""Lints say what is useless or likely not meant, and are silent about what looks like it and is meant."""

from typing import Any

import pytest
from pydantic import TypeAdapter

from compiler.lints.decisions import sure
from dsl.conditions import Condition
from tests.compiler.documents import END, START, codes, compiled, edge, flow, line, message, question

CONDITION: TypeAdapter[Condition] = TypeAdapter(Condition)
GOLD = {"left": "{{contact.level}}", "operator": "eq", "right": "gold"}
KEY = "ghp_" + "0123456789abcdefghijABCDEFGHIJ012345"
VIP = {"left": "{{contact.level}}", "operator": "eq", "right": "vip"}


def node(id: str, type: str, **config: Any) -> dict[str, Any]:
    """A node of any kind."""
    return {"id": id, "type": type, "config": config}


def ways(one: dict[str, Any], *exits: str, **more: Any) -> dict[str, Any]:
    """start → the node → end by each of these exits."""
    return flow(
        [START, one, END], [edge("start", one["id"]), *(edge(one["id"], "end", e) for e in exits)], **more
    )


def call(**config: Any) -> dict[str, Any]:
    """A request."""
    return node("a", "api", url="https://api.example/x", **config)


class TestExits:
    """DEAD_EXIT and UNUSED_SETTING."""

    def test_a_timeout_that_is_set_is_taken(self) -> None:
        assert codes(ways(question("q", "n", timeout="1m"), "answer", "timeout")) == []
        assert codes(ways(question("q", "n"), "answer", "timeout")) == ["DEAD_EXIT"]

    def test_the_session_s_end_is_not_the_timeout_of_a_menu(self) -> None:
        menu = node("m", "menu", text="?", choices=[{"value": "a"}])
        assert codes(ways(menu, "a", "timeout")) == ["DEAD_EXIT"]

    def test_any_text_may_be_invalid_for_it_may_be_blank(self) -> None:
        assert codes(ways(question("q", "n"), "answer", "invalid")) == []

    def test_an_exit_that_stands_in_for_another_is_taken(self) -> None:
        desk = node("h", "transfer_agent")
        assert codes(ways(desk, "next", "resolved")) == []
        assert codes(ways(desk, "next", "resolved", "returned")) == ["DEAD_EXIT"]

    def test_a_way_that_weighs_nothing_for_now_is_meant(self) -> None:
        assert codes(ways(node("s", "split", weights={"a": 1, "b": 0}), "a", "b")) == []

    def test_a_value_for_errors_is_used_where_one_of_them_has_no_exit(self) -> None:
        given = {**call(), "onError": {"default": None}}
        assert codes(ways(given, "success", "error")) == []
        assert codes(ways(given, "success", "error", "failure")) == ["UNUSED_SETTING"]

    def test_what_speaks_may_fail_and_be_tried_again(self) -> None:
        settings: dict[str, Any] = {"onError": {"default": None}, "retry": {"attempts": 2}}
        assert codes(line(message("m", **settings))) == []
        assert codes(line({**node("d", "delay", **{"for": "1m"}), **settings})) == ["UNUSED_SETTING"] * 2


class TestDecisions:
    """CONSTANT_CONDITION and UNREACHABLE_CASE."""

    @pytest.mark.parametrize(
        ("condition", "comes_to"),
        [
            (GOLD, None),
            ({"left": 1, "operator": "eq", "right": 1}, True),
            ({"left": "age", "operator": "gte", "right": 18}, False),
            ({"left": 18, "operator": "gte", "right": "{{age}}"}, None),
            ({"left": "{{age}}", "operator": "gte", "right": "eighteen"}, False),
            ({"left": "{{age}}", "operator": "gte", "right": "18"}, None),
            ({"left": "{{age}}", "operator": "between", "right": [1]}, False),
            ({"left": "{{age}}", "operator": "between", "right": [1, "{{most}}"]}, None),
            ({"left": "{{age}}", "operator": "in", "right": "1, 2"}, False),
            ({"left": "{{age}}", "operator": "not_in", "right": []}, True),
            ({"left": "{{age}}", "operator": "in", "right": "{{ages}}"}, None),
            ({"left": "{{day}}", "operator": "before", "right": "tomorrow"}, False),
            ({"left": "{{day}}", "operator": "before", "right": "2030-01-01"}, None),
            ({"left": "{{day}}", "operator": "has_type", "right": "text"}, False),
            ({"left": "{{day}}", "operator": "has_type", "right": "string"}, None),
            ({"left": "{{day}}", "operator": "is_set"}, None),
            ({"left": "day", "operator": "matches", "right": "d.y"}, None),
            ({"all": []}, True),
            ({"any": []}, False),
            ({"all": [GOLD, {"any": []}]}, False),
            ({"any": [GOLD, {"all": []}]}, True),
            ({"any": [GOLD, {"any": []}]}, None),
            ({"not": {"all": []}}, False),
            ({"not": GOLD}, None),
            ({"javascript": "true"}, None),
        ],
    )
    def test_only_what_no_value_changes_is_constant(self, condition: Any, comes_to: bool | None) -> None:
        assert sure(CONDITION.validate_python(condition)) is comes_to

    def test_two_cases_of_one_value_in_different_types_are_two(self) -> None:
        truth, one = ({**GOLD, "right": value} for value in (True, 1))
        cases = [{"exit": "a", "condition": truth}, {"exit": "b", "condition": one}]
        assert codes(ways(node("s", "switch", cases=cases), "a", "b", "default")) == []

    def test_several_edges_with_conditions_of_their_own_are_meant(self) -> None:
        edges = [edge("m", "end", condition=condition) for condition in (GOLD, VIP)]
        document = flow([START, message("m"), END], [edge("start", "m"), *edges, edge("m", "end")])
        assert codes(document) == []
        edges[1]["condition"] = GOLD
        assert codes(document) == ["UNREACHABLE_CASE"]


class TestVariables:
    """UNREAD_VARIABLE and UNUSED_VARIABLE."""

    def test_an_answer_is_kept_for_whoever_reads_the_execution(self) -> None:
        assert codes(line(question("q", "name"))) == []

    def test_a_value_that_is_declared_may_be_kept_too(self) -> None:
        assert codes(line(node("s", "set_variables", set={"a.b": 1}), variables={"a": {}})) == []
        assert codes(line(node("s", "set_variables", set={"a.b": 1}))) == ["UNREAD_VARIABLE"]

    def test_code_reads_what_it_names_and_maybe_everything(self) -> None:
        sets = node("s", "set_variables", set={"a": 1})
        for code, told in (("vars.a", []), ("vars[now]", []), ("1", ["UNREAD_VARIABLE"])):
            assert codes(line(sets, node("j", "script", javascript=code))) == told

    def test_a_condition_of_an_edge_reads(self) -> None:
        asks = edge("s", "end", condition={"left": "{{a}}", "operator": "eq", "right": 2})
        nodes = [START, node("s", "set_variables", set={"a": 1}), END]
        assert codes(flow(nodes, [edge("start", "s"), asks, edge("s", "end")])) == []


class TestPeople:
    """HANDOFF_WITHOUT_RETURN and BUTTONS_UNANSWERED."""

    def test_the_flow_may_end_quietly_after_a_hand_over(self) -> None:
        assert codes(line(message("m"), node("h", "handoff"), node("l", "add_label", labels=["x"]))) == []

    def test_it_may_speak_when_the_human_is_done_or_time_has_passed(self) -> None:
        nodes = [START, node("h", "handoff"), message("m"), END]
        assert codes(flow(nodes, [edge("start", "h"), edge("h", "m", "resolved"), edge("m", "end")])) == []
        assert codes(line(node("h", "handoff"), node("d", "delay", **{"for": "1d"}), message("m"))) == []

    def test_what_is_said_when_handing_over_failed_is_heard(self) -> None:
        nodes = [START, node("h", "handoff"), message("m"), END]
        edges = [edge("start", "h"), edge("h", "end"), edge("h", "m", "error"), edge("m", "end")]
        assert codes(flow(nodes, edges)) == []

    def test_buttons_may_be_for_a_question_later_on(self) -> None:
        buttons = node("m", "message", text="!", buttons=[{"title": "Go"}])
        assert codes(line(buttons, message("n"), question("q", "name"))) == []
        assert codes(line(question("q", "name"), buttons)) == ["BUTTONS_UNANSWERED"]


class TestRequests:
    """SECRET_IN_FLOW, ADDRESS_NOT_PUBLIC, BODY_OF_A_GET, and addresses that are none."""

    @pytest.mark.parametrize(
        "config",
        [
            {"headers": {"Authorization": "Bearer {{token}}"}},
            {"headers": {"X-Request": "0123456789abcdef"}},
            {"method": "POST", "body": {"token": "short", "password": "Please write your password"}},
            {"method": "POST", "body": {"text": "basic responsibilities of the risk-assessment-committee"}},
            {"query": {"token": "{{token}}", "keyword": "0123456789abcdef"}},
        ],
    )
    def test_what_is_read_or_is_no_secret_may_be_written(self, config: Any) -> None:
        assert codes(line(call(**config), variables={"token": {"default": "x", "pii": True}})) in (
            [],
            ["UNUSED_VARIABLE"],
        )

    def test_a_long_text_of_what_could_begin_a_token_is_read_once(self) -> None:
        """Each beginning read to the end again would take hours: the test would never end."""
        assert codes(line(message("m", "eyJ-" * 250_000))) == ["LIMIT_EXCEEDED"]

    @pytest.mark.parametrize(
        "config",
        [
            {"headers": {"X-API-Key": "0123456789"}},
            {"headers": {"api_access_token": "0123456789"}},
            {"headers": {"authorization": "Basic dXNlcjpwYXNz"}},
            {"query": {"apiKey": "0123456789"}},
            {"method": "POST", "body": {"a": [{"clientSecret": "0123456789"}]}},
        ],
    )
    def test_a_secret_is_told_of_and_never_told(self, config: Any) -> None:
        result = compiled(line(call(**config)))
        assert [found.code for found in result.warnings] == ["SECRET_IN_FLOW"]
        assert "0123456789" not in result.warnings[0].model_dump_json()

    def test_the_key_of_a_known_service_is_known_anywhere(self) -> None:
        assert codes(line(message("m", f"Use {KEY}"))) == ["SECRET_IN_FLOW"]

    @pytest.mark.parametrize(
        "url",
        [
            "https://api.example/x",
            "HTTP://8.8.8.8:80/",
            "{{base}}/x",
            "https://{{host}}:8443/x",
            "https://10.{{net}}.1/x",
            "https://[2606:4700::1111]/",
        ],
    )
    def test_an_address_that_may_be_public_is_not_doubted(self, url: str) -> None:
        given = {
            "base": {"default": "https://a.example"},
            "host": {"default": "a"},
            "net": {"default": "1.2"},
        }
        result = compiled(line(node("a", "api", url=url), variables=given))
        assert {found.code for found in (*result.errors, *result.warnings)} <= {"UNUSED_VARIABLE"}

    @pytest.mark.parametrize(
        ("url", "code"),
        [
            ("http://10.0.0.1/x", "ADDRESS_NOT_PUBLIC"),
            ("http://[::1]/x?a={{now}}", "ADDRESS_NOT_PUBLIC"),
            ("http://localhost./x", "ADDRESS_NOT_PUBLIC"),
            ("https://api.example:8443", "ADDRESS_NOT_PUBLIC"),
            ("ftp://api.example/x", "INVALID_VALUE"),
            ("/orders/{{now}}", "INVALID_VALUE"),
        ],
    )
    def test_an_address_that_is_surely_refused_is_told(self, url: str, code: str) -> None:
        assert codes(line(node("a", "api", url=url))) == [code]

    def test_a_body_is_for_what_changes_something(self) -> None:
        assert codes(line(call(body={"a": 1}, method="POST"))) == []
