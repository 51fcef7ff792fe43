"""Flows that walk other flows, from storing them to starting them."""

import json
from itertools import pairwise
from typing import Any

import pytest

from store.references import published
from store.triggers import Asked, matching
from tests.api.conftest import Api
from tests.api.documents import welcome
from tests.api.rows import line, ran

pytestmark = pytest.mark.real

SMS_EXITS = ("sent", "delivered", "failed")


def calling(key: str, *references: str, **more: Any) -> dict[str, Any]:
    """start → each of the other flows in turn → end."""
    nodes = [
        {"id": f"walk-{number}", "type": "subflow", "config": {"flow": reference}}
        for number, reference in enumerate(references)
    ]
    ids = ["start", *(node["id"] for node in nodes), "end"]
    return {
        "id": key,
        "name": key.title(),
        "nodes": [{"id": "start", "type": "start"}, *nodes, {"id": "end", "type": "end"}],
        "edges": [{"from": one, "to": other} for one, other in pairwise(ids)],
        **more,
    }


def asking(key: str = "ask") -> dict[str, Any]:
    """Takes a topic, asks about it, and gives the answer."""
    return welcome(
        key,
        settings={
            "sessionTtl": "1d",
            "params": {
                "topic": {"type": "string", "required": True},
                "tries": {"type": "integer", "default": 3},
            },
            "outputs": {"answer": {"type": "string"}},
        },
        variables={"answer": {"pii": True}},
        nodes=[
            {"id": "start", "type": "start"},
            {
                "id": "q",
                "type": "question",
                "config": {"text": "{{topic}}?", "saveTo": "answer", "expects": "text"},
            },
            {"id": "end", "type": "end", "config": {"outputs": {"answer": "{{answer}}"}}},
        ],
        edges=[{"from": "start", "to": "q"}, {"from": "q", "to": "end"}],
    )


async def findings(api: Api, document: dict[str, Any]) -> list[tuple[str, str]]:
    """(code, pointer) of the errors that validating finds."""
    answer = (await api.client.post("/api/v1/flows/validate", json={"flow": document})).json()
    return [(found["code"], found["pointer"]) for found in answer["errors"]]


async def digest_below(api: Api, key: str) -> list[str]:
    """The plans that the published version of a flow walks, as its plan says."""
    query = """
        SELECT p.plan->'plans' FROM flows AS f
        JOIN flow_versions AS v ON v.flow_id = f.id AND v.version = f.published_version
        JOIN plans AS p ON p.digest = v.plan_digest WHERE f.workspace_id = $1 AND f.key = $2
    """
    found: list[str] = await api.parts.db.fetchval(query, api.workspace, key)
    return found


async def started(api: Api, key: str, **body: Any) -> dict[str, Any]:
    """What Temporal was asked to start."""
    answer = await api.client.post(f"/api/v1/flows/{key}/execute", json=body)
    assert answer.status_code == 202, answer.text
    return api.edge.starts[-1]


async def test_a_draft_that_names_a_flow_nobody_published_is_told_so_at_every_step(api: Api) -> None:
    await api.client.post("/api/v1/flows", json={"flow": asking()})
    document = calling("main", "ask")
    assert await findings(api, document) == [("SUBFLOW_NOT_PUBLISHED", "/nodes/1/config/flow")]
    await api.client.post("/api/v1/flows", json={"flow": document})
    answer = await api.client.post("/api/v1/flows/main/publish")
    assert (answer.status_code, answer.json()["code"]) == (422, "SUBFLOW_NOT_PUBLISHED")
    answer = await api.client.post("/api/v1/flows/main/execute", json={"testMode": True})
    assert (answer.status_code, answer.json()["code"]) == (422, "SUBFLOW_NOT_PUBLISHED")


async def test_what_goes_in_and_comes_out_is_checked_against_the_published_contract(api: Api) -> None:
    await api.publish(asking())
    document = calling("main", "ask")
    config = document["nodes"][1]["config"]
    assert await findings(api, document) == [("MISSING_INPUT", "/nodes/1/config/flow")]
    config |= {"inputs": {"topic": 5, "colour": "red"}, "outputs": {"x": "question"}}
    assert await findings(api, document) == [
        ("INPUT_TYPE", "/nodes/1/config/inputs/topic"),
        ("UNKNOWN_INPUT", "/nodes/1/config/inputs/colour"),
        ("UNKNOWN_OUTPUT", "/nodes/1/config/outputs/x"),
    ]
    config |= {"inputs": {"topic": "Colour"}, "outputs": {"x": "answer"}}
    assert await findings(api, document) == []


async def test_a_start_brings_all_plans_below_along(api: Api) -> None:
    inner, other = await api.publish(welcome("inner")), await api.publish(welcome("other"))
    middle = await api.publish(calling("middle", "inner"))
    await api.publish(calling("main", "middle", "other", "inner"))
    below = sorted({inner["digest"], other["digest"], middle["digest"]})
    assert await digest_below(api, "main") == below
    assert list((await started(api, "main"))["plans"]) == below
    assert list((await started(api, "inner"))["plans"]) == []


async def test_an_event_that_starts_a_flow_finds_its_plans_below_in_the_same_look(api: Api) -> None:
    inner = await api.publish(welcome("inner"))
    event = {"channel": "chatwoot", "event": "conversation_created"}
    await api.publish(calling("main", "inner", trigger=event))
    events = ["conversation_created"]
    [found] = await matching(api.parts.db, api.workspace, Asked("chatwoot", "main", events))
    assert found.plans == (inner["digest"],)


async def test_a_flow_that_waits_for_the_world_waits_for_nobody_s_words(api: Api) -> None:
    text = {"to": "+254711000111", "message": "Hello.", "waitForDelivery": "1h"}
    nodes = [{"id": "start", "type": "start"}, {"id": "t", "type": "send_sms", "config": text}]
    edges = [{"from": "start", "to": "t"}, *({"from": "t", "exit": e, "to": "end"} for e in SMS_EXITS)]
    await api.publish(welcome("texts", nodes=[*nodes, {"id": "end", "type": "end"}], edges=edges))
    await api.publish(asking())
    known = await published(api.parts.db, api.workspace, ["ask", "texts"])
    assert [(known[key].waits, known[key].rests) for key in ("ask", "texts")] == [(True, True), (False, True)]


async def test_many_ways_through_few_flows_are_counted_in_no_time(api: Api) -> None:
    """Twelve ways at each of fifteen levels: each plan is looked at once, not each way."""
    await api.publish(welcome("flow-1"))
    for number in range(2, 17):
        await api.publish(calling(f"flow-{number}", *[f"flow-{number - 1}"] * 12))
    found = await published(api.parts.db, api.workspace, ["flow-16"])
    assert (found["flow-16"].depth, len(found["flow-16"].plans)) == (16, 15)


async def test_what_is_published_later_touches_neither_users_nor_their_starts(api: Api) -> None:
    first = await api.publish(welcome("inner"))
    main = await api.publish(calling("main", "inner"))
    second = await api.publish(welcome("inner", name="Changed"))
    assert second["digest"] != first["digest"]
    start = await started(api, "main")
    assert (start["plan"], list(start["plans"])) == (main["digest"], [first["digest"]])
    assert (await api.client.post("/api/v1/flows/main/publish")).json()["digest"] != main["digest"]
    assert await digest_below(api, "main") == [second["digest"]]
    assert (await api.client.post("/api/v1/flows/inner/rollback")).json()["version"] == 1
    assert await digest_below(api, "main") == [second["digest"]]


@pytest.mark.parametrize("gone", ["unpublished", "deleted"])
async def test_a_flow_that_is_taken_away_goes_on_where_it_is_used(api: Api, gone: str) -> None:
    inner = await api.publish(welcome("inner"))
    await api.publish(calling("main", "inner"))
    if gone == "deleted":
        await api.client.delete("/api/v1/flows/inner")
    else:
        await api.client.post("/api/v1/flows/inner/unpublish")
    assert list((await started(api, "main"))["plans"]) == [inner["digest"]]
    rows = await api.parts.db.fetchval("SELECT count(*) FROM plans WHERE digest = $1", inner["digest"])
    assert rows == 1
    answer = await api.client.post("/api/v1/flows/main/publish")
    assert (answer.status_code, answer.json()["code"]) == (422, "SUBFLOW_NOT_PUBLISHED")
    assert list((await started(api, "main"))["plans"]) == [inner["digest"]]


async def test_a_version_may_be_named_and_stays_what_it_was(api: Api) -> None:
    first = await api.publish(welcome("inner"))
    await api.publish(welcome("inner", name="Changed"))
    await api.client.post("/api/v1/flows", json={"flow": welcome("inner", name="A draft")})
    await started(api, "inner", testMode=True)
    await api.publish(calling("main", "inner@1"))
    assert await digest_below(api, "main") == [first["digest"]]
    assert await findings(api, calling("main", "inner@2")) == []
    for never in ("inner@3", "inner@9"):
        assert [code for code, _ in await findings(api, calling("main", never))] == ["SUBFLOW_NOT_PUBLISHED"]
    await api.client.post("/api/v1/flows/inner/unpublish")
    assert await findings(api, calling("main", "inner@1")) == []


async def test_flows_that_would_come_back_to_themselves_are_refused(api: Api) -> None:
    await api.publish(welcome("inner"))
    await api.publish(calling("middle", "inner"))
    await api.publish(calling("outer", "middle"))
    for reference in ("inner", "inner@1", "middle", "outer"):
        assert await findings(api, calling("inner", reference)) == [("SUBFLOW_CYCLE", "/nodes/1/config/flow")]


async def test_sixteen_flows_may_be_inside_one_another(api: Api) -> None:
    await api.publish(welcome("flow-1"))
    for number in range(2, 17):
        await api.publish(calling(f"flow-{number}", f"flow-{number - 1}"))
    assert await findings(api, calling("flow-17", "flow-16")) == [
        ("SUBFLOW_TOO_DEEP", "/nodes/1/config/flow")
    ]
    assert len(await digest_below(api, "flow-16")) == 15


async def test_a_published_flow_is_seen_as_its_publication_made_it(api: Api) -> None:
    ask = await api.publish(asking())
    await api.publish(calling("wrapper", "ask@1", settings={"sessionTtl": "1d"}) | {"nodes": wrapped()})
    found = await published(api.parts.db, api.workspace, ["ask", "wrapper", "nobody", "ask@5"])
    assert set(found) == {"ask", "wrapper"}
    one, other = found["ask"], found["wrapper"]
    assert (one.flow, one.version, one.digest, one.plans, one.depth) == ("ask", 1, ask["digest"], (), 1)
    assert {name: (param.type, param.required, param.default) for name, param in one.params.items()} == {
        "topic": ("string", True, None),
        "tries": ("integer", False, 3),
    }
    assert (one.outputs, one.waits, one.rests) == (("answer",), True, True)
    assert (other.outputs, other.plans, other.flows) == (
        ("said", "times"),
        (ask["digest"],),
        frozenset({"ask"}),
    )
    assert (other.waits, other.rests, other.depth, other.params) == (True, True, 2, {})


def wrapped() -> list[dict[str, Any]]:
    """The nodes of a flow that asks by another, and says what it gives only where it ends."""
    config = {"flow": "ask@1", "inputs": {"topic": "Name"}, "outputs": {"name": "answer"}}
    outputs = {"said": "{{name}}", "times": 1}
    return [
        {"id": "start", "type": "start"},
        {"id": "walk-0", "type": "subflow", "config": config},
        {"id": "end", "type": "end", "config": {"outputs": outputs}},
    ]


async def test_flows_of_another_workspace_are_not_seen(api: Api) -> None:
    await api.publish(welcome("inner"))
    assert set(await published(api.parts.db, api.workspace, ["inner"])) == {"inner"}
    assert await published(api.parts.db, "another", ["inner"]) == {}


async def test_a_draft_is_tried_with_what_is_published_of_the_others_now(api: Api) -> None:
    first = await api.publish(welcome("inner"))
    await api.client.post("/api/v1/flows", json={"flow": calling("main", "inner")})
    assert list((await started(api, "main", testMode=True))["plans"]) == [first["digest"]]
    second = await api.publish(welcome("inner", name="Changed"))
    assert list((await started(api, "main", testMode=True))["plans"]) == [second["digest"]]
    await api.client.post("/api/v1/flows/main/publish")
    third = await api.publish(welcome("inner", name="Changed again"))
    assert list((await started(api, "main", testMode=True))["plans"]) == [second["digest"]]
    assert third["digest"] not in await digest_below(api, "main")


async def test_a_start_is_checked_against_the_params_of_the_flow(api: Api) -> None:
    await api.publish(asking())
    answer = await api.client.post(
        "/api/v1/flows/ask/execute", json={"variables": {"tries": "many", "colour": "red"}}
    )
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["error"]) == (
        422,
        "MISSING_INPUT",
        "ValidationError",
    )
    assert [(found["code"], found["pointer"], found["in"]) for found in problem["details"]["issues"]] == [
        ("MISSING_INPUT", "/variables", "body"),
        ("INPUT_TYPE", "/variables/tries", "body"),
        ("UNKNOWN_INPUT", "/variables/colour", "body"),
    ]
    assert api.edge.starts == []
    assert (await started(api, "ask", variables={"topic": "Colour"}))["variables"] == {"topic": "Colour"}


async def test_a_flow_without_params_takes_any_variable(api: Api) -> None:
    await api.publish(welcome())
    given = {"anything": [1, {"a": None}]}
    assert (await started(api, "welcome", variables=given))["variables"] == given


async def test_personal_values_of_flows_below_are_hidden_in_the_record(api: Api) -> None:
    await api.publish(asking())
    main = calling("main", "ask")
    main["nodes"][1]["config"]["inputs"] = {"topic": "Name"}
    flow = await api.publish(main)
    execution = await ran(api, flow)
    snapshot = {"topic": "Name", "answer": "Asha"}
    await line(
        api, execution, 1, node_id="walk-0#1/q", phase="waiting", variables_snapshot=json.dumps(snapshot)
    )
    for mask, shown in ((True, "***"), (False, "Asha")):
        page = await api.client.get(f"/api/v1/executions/{execution}/history", params={"mask": mask})
        [item] = page.json()["items"]
        assert (item["nodeId"], item["variables"]) == ("walk-0#1/q", {"topic": "Name", "answer": shown})
