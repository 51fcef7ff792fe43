"""Starting executions over HTTP: what is started, and that a key starts it once."""

import asyncio
from typing import Any

import httpx
import pytest

from intake.gateway import Unreachable
from tests.api.conftest import Api
from tests.api.documents import broken, welcome

pytestmark = pytest.mark.real

S1_BODY = {
    "conversationId": 123,
    "testMode": True,
    "mockData": {"contactName": "Test User", "contactEmail": "test@example.com"},
}


async def execute(api: Api, body: dict[str, Any], key: str | None = None) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    return await api.client.post("/api/v1/flows/welcome/execute", json=body, headers=headers)


async def rows_of(api: Api) -> list[tuple[Any, ...]]:
    return await api.rows("SELECT id, status, mode, conversation_id FROM executions WHERE workspace_id = $1")


async def test_a_published_flow_is_started(api: Api) -> None:
    flow = await api.publish(welcome())
    answer = await execute(api, {"trigger": {"source": "crm"}, "variables": {"plan": "gold"}})
    started = answer.json()
    assert (answer.status_code, started["status"], started["flowId"], started["flowVersion"]) == (
        202, "starting", flow["id"], 1,
    )  # fmt: skip
    assert answer.headers["Location"] == f"/api/v1/executions/{started['executionId']}"
    assert await rows_of(api) == [(started["executionId"], "starting", "live", None)]
    [start] = api.edge.starts
    assert (start["plan"], start["name"]) == (flow["digest"], "Welcome")
    assert (start["trigger"], start["variables"]) == ({"source": "crm"}, {"plan": "gold"})
    assert start["workflow_id"] == start["scene"].execution_id == started["executionId"]


async def test_the_source_documents_own_curl_line_runs_a_draft_in_test_mode(api: Api) -> None:
    await api.client.post("/api/v1/flows", json=welcome())
    answer = await execute(api, S1_BODY)
    assert answer.status_code == 202
    [start] = api.edge.starts
    scene = start["scene"]
    assert (scene.mode, scene.conversation, scene.mock_data) == ("test", "123", {})
    assert start["contact"] == {"name": "Test User", "email": "test@example.com"}
    assert start["workflow_id"] == f"test/{scene.execution_id}"
    assert await rows_of(api) == [(scene.execution_id, "starting", "test", "123")]


async def test_a_draft_does_not_run_live(api: Api) -> None:
    await api.client.post("/api/v1/flows", json={"flow": welcome()})
    answer = await execute(api, {})
    assert (answer.status_code, answer.json()["code"]) == (409, "FLOW_NOT_PUBLISHED")
    assert await rows_of(api) == []


async def test_test_mode_runs_the_latest_version_and_live_the_published_one(api: Api) -> None:
    await api.publish(welcome())
    await api.client.post("/api/v1/flows", json={"flow": welcome(name="Next")})
    assert (await execute(api, {"testMode": True})).json()["flowVersion"] == 2
    assert (await execute(api, {})).json()["flowVersion"] == 1
    assert api.edge.starts[0]["plan"] != api.edge.starts[1]["plan"]


async def test_a_draft_with_errors_does_not_even_run_in_test_mode(api: Api) -> None:
    await api.client.post("/api/v1/flows", json={"flow": broken("welcome")})
    answer = await execute(api, {"testMode": True})
    assert (answer.status_code, answer.json()["error"]) == (422, "CompilationError")


async def test_mock_data_of_nodes_goes_along_in_test_mode(api: Api) -> None:
    await api.publish(welcome())
    mocks = {"hello": {"exit": "next", "value": 7}}
    await execute(api, {"testMode": True, "mockData": {"contactName": "Asha", **mocks}})
    assert api.edge.starts[0]["scene"].mock_data == mocks
    assert (await execute(api, {"mockData": mocks})).status_code == 422


async def test_a_live_run_of_a_conversation_takes_its_lane(api: Api) -> None:
    await api.publish(welcome())
    await execute(api, {"conversationId": 42})
    await execute(api, {"address": "42", "channel": "main"})
    first, second = (start["scene"] for start in api.edge.starts)
    assert first.lane == second.lane
    assert (first.connection, first.conversation, first.channel) == ("main", "42", "chatwoot")
    assert api.edge.starts[0]["workflow_id"] == f"{api.workspace}/main/42"
    assert api.edge.starts[0]["conversation"] == {"id": "42"}


async def test_test_runs_of_one_conversation_do_not_meet(api: Api) -> None:
    await api.publish(welcome())
    for body in (S1_BODY, S1_BODY, {"conversationId": 123}):
        await execute(api, body)
    assert len({start["scene"].lane for start in api.edge.starts}) == 3


@pytest.mark.parametrize("body", [{"conversationId": 1}, {}, {"testMode": True}])
async def test_an_unknown_channel_is_not_found(api: Api, body: dict[str, Any]) -> None:
    await api.publish(welcome())
    answer = await execute(api, {**body, "channel": "nobody"})
    assert (answer.status_code, answer.json()["code"]) == (404, "CHANNEL_NOT_FOUND")
    assert api.edge.starts == []


@pytest.mark.parametrize("address", ["+254700000001", "254700000001", "asha", "0712345678", "a:1"])
async def test_what_is_no_number_of_a_conversation_is_never_a_workflow_id(api: Api, address: str) -> None:
    await api.publish(welcome())
    for name in ("conversationId", "address"):
        answer = await execute(api, {name: address})
        assert (answer.status_code, answer.json()["code"]) == (422, "NOT_A_CONVERSATION")
    assert api.edge.starts == []
    assert (await execute(api, {"conversationId": address, "testMode": True})).status_code == 202


async def test_a_busy_conversation_is_a_conflict_that_names_the_running_execution(api: Api) -> None:
    await api.publish(welcome())
    api.edge.is_busy("01900000-0000-7000-8000-00000000beef")
    answer = await execute(api, {"conversationId": 42}, key="k1")
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["error"]) == (409, "CONVERSATION_BUSY", "Conflict")
    assert problem["details"] == {"executionId": "01900000-0000-7000-8000-00000000beef"}
    assert await rows_of(api) == []
    api.edge.fails = None
    assert (await execute(api, {"conversationId": 42}, key="k1")).status_code == 202


async def test_the_same_key_and_body_give_the_same_execution(api: Api) -> None:
    await api.publish(welcome())
    first = await execute(api, {"variables": {"a": 1}}, key="order-7")
    again = await execute(api, {"variables": {"a": 1}}, key="order-7")
    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert len(api.edge.starts) == 1


async def test_a_key_answers_even_when_the_flow_has_changed(api: Api) -> None:
    await api.publish(welcome())
    first = await execute(api, {}, key="order-7")
    await api.publish(welcome(name="Next"))
    assert (await execute(api, {}, key="order-7")).json() == first.json()


async def test_the_same_key_with_another_body_is_refused(api: Api) -> None:
    await api.publish(welcome())
    await execute(api, {"variables": {"a": 1}}, key="order-7")
    answer = await execute(api, {"variables": {"a": 2}}, key="order-7")
    assert (answer.status_code, answer.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")


async def test_ten_requests_at_once_with_one_key_start_one_execution(api: Api) -> None:
    await api.publish(welcome())
    answers = await asyncio.gather(*(execute(api, {}, key="order-7") for _ in range(10)))
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert len({answer.json()["executionId"] for answer in answers if answer.status_code == 202}) == 1
    assert len(api.edge.starts) == len(await rows_of(api)) == 1


async def test_a_request_under_way_makes_the_next_one_wait(api: Api) -> None:
    await api.publish(welcome())
    await execute(api, {}, key="order-7")
    await api.parts.db.execute(
        "UPDATE idempotency_keys SET answer = NULL, claimed_until = now() + interval '9s'"
        " WHERE workspace_id = $1",
        api.workspace,
    )
    answer = await execute(api, {}, key="order-7")
    assert (answer.status_code, answer.json()["code"]) == (409, "IDEMPOTENCY_KEY_IN_USE")
    assert answer.headers["Retry-After"] == "1"


async def test_a_request_that_died_leaves_its_execution_id_to_the_next(api: Api) -> None:
    await api.publish(welcome())
    first = (await execute(api, {}, key="order-7")).json()
    await api.parts.db.execute(
        "UPDATE idempotency_keys SET answer = NULL, claimed_until = now() - interval '1s'"
        " WHERE workspace_id = $1",
        api.workspace,
    )
    again = await execute(api, {}, key="order-7")
    assert (again.status_code, again.json()) == (202, first)
    assert len(await rows_of(api)) == 1


async def test_without_temporal_the_start_may_be_tried_again_under_the_same_id(api: Api) -> None:
    await api.publish(welcome())
    api.edge.is_gone()
    answer = await execute(api, {}, key="order-7")
    assert (answer.status_code, answer.json()["code"]) == (503, "TEMPORAL_UNAVAILABLE")
    assert answer.headers["Retry-After"]
    [(execution_id, status, _, _)] = await rows_of(api)
    assert status == "starting"
    api.edge.fails = None
    assert (await execute(api, {}, key="order-7")).json()["executionId"] == execution_id


async def test_without_temporal_and_without_a_key_the_execution_is_marked_failed(api: Api) -> None:
    await api.publish(welcome())
    api.edge.fails = Unreachable("no answer")
    assert (await execute(api, {})).status_code == 503
    [(execution_id, status, _, _)] = await rows_of(api)
    view = (await api.client.get(f"/api/v1/executions/{execution_id}")).json()
    assert (status, view["error"]["code"]) == ("failed", "START_UNKNOWN")


@pytest.mark.parametrize(
    "body",
    [
        {"flow": {"nodes": []}}, {"data": 1}, {"override": {}}, {"onConflict": "shout"},
        {"conversationId": ""}, {"conversationId": -1}, {"conversationId": 2**64}, {"address": 1.5},
        {"conversationId": True}, {"conversationId": "a b"},
        {"conversationId": 1, "address": "2"},
        {"variables": {"contact": 1}}, {"variables": {"a b": 1}}, {"variables": []}, {"trigger": "x"},
        {"testMode": "perhaps"}, [], "x", None,
    ],
)  # fmt: skip
async def test_a_senseless_start_is_refused(api: Api, body: Any) -> None:
    await api.publish(welcome())
    answer = await api.client.post("/api/v1/flows/welcome/execute", json=body)
    assert (answer.status_code, answer.json()["error"]) == (422, "ValidationError")
    assert await rows_of(api) == []


@pytest.mark.parametrize("key", ["x" * 256, "with space", "\u00e9"])
async def test_a_senseless_idempotency_key_is_refused(api: Api, key: str) -> None:
    await api.publish(welcome())
    answer = await api.client.post(
        "/api/v1/flows/welcome/execute", json={}, headers=[(b"Idempotency-Key", key.encode("latin-1"))]
    )
    assert answer.status_code == 422
