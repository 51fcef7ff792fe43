"""Simulations by API: a conversation is played, and nothing is left of it."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.api.conftest import Api
from tests.api.documents import broken, welcome
from tests.simulator.flows import END, flow, node

pytestmark = pytest.mark.real

TABLES = ("executions", "lanes", "inbound_events", "effects", "flow_versions")
PATH = "/api/v1/flows/{}/simulate"


async def saved(api: Api, document: dict[str, Any]) -> None:
    answer = await api.client.post("/api/v1/flows", json={"flow": document})
    assert answer.status_code == 201, answer.text


async def simulated(api: Api, body: dict[str, Any], flow: str = "welcome") -> httpx.Response:
    return await api.client.post(PATH.format(flow), json=body)


async def played(api: Api, body: dict[str, Any], flow: str = "welcome") -> dict[str, Any]:
    answer = await simulated(api, body, flow)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def rows(api: Api) -> list[int]:
    counted = [await api.rows(f"SELECT count(*) FROM {table} WHERE workspace_id = $1") for table in TABLES]
    return [count for [(count,)] in counted]


async def test_a_draft_is_simulated_and_nothing_is_started_or_stored(api: Api) -> None:
    await saved(api, welcome())
    before = await rows(api)
    done = await played(
        api, {"script": [{"say": "Hi"}, {"expect": "Hello Asha!"}], "contact": {"name": "Asha"}}
    )
    assert (done["passed"], done["failure"], done["status"], done["reason"]) == (
        True,
        None,
        "completed",
        "completed",
    )
    assert [(one["who"], one["text"]) for one in done["transcript"]] == [
        ("contact", "Hi"),
        ("bot", "Hello Asha!"),
    ]
    assert [one["type"] for one in done["trace"]] == ["input", "step", "step", "step", "end"]
    assert (await rows(api), api.edge.starts) == (before, [])


async def test_a_flow_on_a_service_code_is_dialled_and_answers_by_screens(api: Api) -> None:
    ask = node("ask", "question", text="Which?", saveTo="it", timeout="1h")
    nodes, edges = [ask, END], [("ask", "end"), ("ask", "timeout", "end")]
    trigger = {"event": "ussd_session", "serviceCode": "*777#"}
    document = flow(nodes, edges, trigger=trigger)
    script = [{"dial": "*777#"}, {"expect": "Which?"}, {"hangUp": True}, {"dial": "*777#"}]
    done = await played(api, {"flow": document, "script": script, "contact": {"phone": "+254711111111"}})
    assert [(one["who"], one["text"], one["open"]) for one in done["transcript"]] == [
        ("contact", "(dials *777#)", None),
        ("bot", "Which?", True),
        ("contact", "(hangs up)", None),
        ("contact", "(dials *777#)", None),
        ("bot", "Which?\n00 Start over", True),
    ]
    assert done["failure"]["message"] == "the bot said more than was expected"
    refused = await simulated(api, {"flow": document, "script": [{"dial": "nobody"}]})
    assert refused.status_code == 422


async def test_inputs_are_a_script_of_words_alone(api: Api) -> None:
    await saved(api, welcome())
    done = await played(api, {"inputs": ["Hi"]})
    assert [one["text"] for one in done["transcript"]] == ["Hi", "Hello John!"]


async def test_a_line_that_goes_another_way_is_told_and_no_error(api: Api) -> None:
    await saved(api, welcome())
    done = await played(api, {"script": [{"say": "Hi"}, {"expect": "Bye."}]})
    assert done["passed"] is False
    assert done["failure"] == {
        "line": 1,
        "message": "the bot said something else",
        "expected": "Bye.",
        "actual": "Hello John!",
    }


async def test_a_flow_in_the_body_need_not_be_stored(api: Api) -> None:
    done = await played(api, {"flow": welcome("other"), "inputs": ["Hi"]}, "anything")
    assert done["status"] == "completed"


async def test_a_flow_that_does_not_compile_is_told_with_its_issues(api: Api) -> None:
    await saved(api, broken())
    answer = await simulated(api, {"inputs": ["Hi"]}, "broken")
    assert (answer.status_code, answer.json()["error"]) == (422, "CompilationError")
    assert answer.json()["details"]["issues"][0]["code"] == answer.json()["code"]
    answer = await simulated(api, {"flow": broken(), "inputs": ["Hi"]})
    assert answer.status_code == 422


async def test_a_flow_that_is_not_there_is_404(api: Api) -> None:
    assert (await simulated(api, {})).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"script": [{"shout": "Hi"}]},
        {"script": [{"say": "Hi", "expect": "x"}]},
        {"script": [{"say": "Hi"}] * 501},
        {"script": [{"say": "Hi"}], "inputs": ["Hi"]},
        {"variables": {"now": 1}},
        {"at": "noon"},
        {"at": "9999-12-31T23:59:59Z"},
        {"mock": {"hello": {"exit": "next", "valeu": 1}}},
        {"steps": 1_000_000},
    ],
)
async def test_what_cannot_be_played_is_refused(api: Api, body: dict[str, Any]) -> None:
    await saved(api, welcome())
    answer = await simulated(api, body)
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_REQUEST")


async def test_a_mock_of_a_node_that_is_not_there_is_refused(api: Api) -> None:
    await saved(api, welcome())
    answer = await simulated(api, {"mock": {"hullo": 1}})
    assert (answer.status_code, answer.json()["code"]) == (422, "UNKNOWN_NODE")


async def test_time_variables_trigger_and_mocks_are_as_given(api: Api) -> None:
    document = flow(
        [
            node("call", "api", url="https://shop.example", saveTo="got"),
            node("hi", "message", text="{{now}} {{name}} {{trigger.event}} {{got.body}}"),
            END,
        ],
        [("call", "success", "hi"), ("call", "failure", "end"), ("hi", "end")],
        variables={"name": {"type": "string", "default": "x"}, "got": {"type": "object"}},
    )
    body = {
        "flow": document,
        "at": "2030-05-01T10:00:00+03:00",
        "variables": {"name": "Asha"},
        "trigger": {"event": "api"},
        "mock": {"call": {"body": 7}},
    }
    done = await played(api, body)
    assert [one["text"] for one in done["transcript"]] == ["2030-05-01T10:00:00+03:00 Asha api 7"]


async def test_a_simulation_walks_published_subflows(api: Api) -> None:
    await api.publish(welcome("inner", settings={}))
    outer = flow([node("sub", "subflow", flow="inner"), END], [("sub", "end")])
    done = await played(api, {"flow": outer, "inputs": ["Hi"]})
    assert [one["text"] for one in done["transcript"]] == ["Hi", "Hello John!"]
    assert done["exits"]["sub/hello"] == ["next"]


async def test_a_simulation_walks_the_subflows_of_subflows(api: Api) -> None:
    await api.publish(welcome("inner", settings={}))
    await api.publish(flow([node("sub", "subflow", flow="inner"), END], [("sub", "end")], id="middle"))
    outer = flow([node("sub", "subflow", flow="middle"), END], [("sub", "end")])
    done = await played(api, {"flow": outer, "inputs": ["Hi"]})
    assert [one["text"] for one in done["transcript"]] == ["Hi", "Hello John!"]
    assert done["exits"]["sub/sub/hello"] == ["next"]


async def test_code_runs_and_the_application_answers_others_meanwhile(api: Api) -> None:
    document = flow(
        [
            node("one", "script", javascript="return 6 * 7", saveTo="n"),
            node("hi", "message", text="{{n}}"),
            END,
        ],
        [("one", "hi"), ("hi", "end")],
        variables={"n": {"type": "any"}},
    )
    asked = asyncio.create_task(played(api, {"flow": document, "inputs": ["Hi"]}))
    others = 0
    while not asked.done():
        assert (await api.client.get("/api/v1/flows")).status_code == 200
        others += 1
    assert others > 0
    assert (await asked)["transcript"][-1]["text"] == "42"


async def test_a_flow_that_never_ends_is_stopped(api: Api) -> None:
    document = flow(
        [node("wait", "delay", **{"for": "1s"}), node("hi", "message", text="Hi."), END],
        [("wait", "hi"), ("hi", "wait")],
    )
    document["nodes"].pop()
    done = await played(api, {"flow": document, "script": [{"say": "Hi"}, {"advance": "30d"}]})
    assert done["passed"] is False
    assert done["failure"]["message"].startswith(("TOO_MANY_STEPS", "TRACE_TOO_LARGE"))
    assert done["trace"][-1]["type"] == "stop"


async def test_the_same_request_gives_the_same_bytes(api: Api) -> None:
    await saved(api, welcome())
    one, two = [(await simulated(api, {"inputs": ["Hi", "Ho"]})).content for _ in range(2)]
    assert one == two
