"""Inputs by API: stored in the execution's own lane, then delivered."""

from typing import Any

import httpx
import pytest

from tests.api.conftest import Api
from tests.api.documents import welcome

pytestmark = pytest.mark.real


async def started(api: Api, body: dict[str, Any]) -> str:
    await api.publish(welcome())
    answer = await api.client.post("/api/v1/flows/welcome/execute", json=body)
    execution_id: str = answer.json()["executionId"]
    return execution_id


async def say(api: Api, execution_id: str, body: Any, key: str | None = None) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    return await api.client.post(f"/api/v1/executions/{execution_id}/input", json=body, headers=headers)


async def inbox_of(api: Api) -> list[tuple[Any, ...]]:
    return await api.rows(
        "SELECT seq, event->>'kind', event->>'text', event->'value' FROM inbound_events"
        " WHERE workspace_id = $1 ORDER BY seq"
    )


@pytest.mark.parametrize("body", [{"testMode": True, "conversationId": 9}, {}])
async def test_what_is_said_is_stored_and_delivered(api: Api, body: dict[str, Any]) -> None:
    execution_id = await started(api, body)
    answer = await say(api, execution_id, {"text": "Asha"})
    taken = answer.json()
    assert (answer.status_code, taken["executionId"], taken["seq"], taken["duplicate"]) == (
        202,
        execution_id,
        1,
        False,
    )
    assert await inbox_of(api) == [(1, "message", "Asha", None)]
    await api.parts.deliveries.finish(5)
    assert api.edge.delivered == [(api.workspace, api.edge.starts[0]["scene"].lane)]


async def test_what_is_picked_is_a_submitted_value(api: Api) -> None:
    execution_id = await started(api, {"testMode": True})
    await say(api, execution_id, {"value": {"plan": "gold"}})
    assert await inbox_of(api) == [(1, "submitted", None, {"plan": "gold"})]


async def test_the_same_key_is_one_input_and_keys_of_two_executions_do_not_meet(api: Api) -> None:
    first, second = [await started(api, {"testMode": True}) for _ in range(2)]
    await say(api, first, {"text": "one"}, key="k")
    again = (await say(api, first, {"text": "one"}, key="k")).json()
    other = (await say(api, second, {"text": "two"}, key="k")).json()
    assert (again["duplicate"], other["duplicate"]) == (True, False)
    assert len(await inbox_of(api)) == 2


async def test_an_ended_execution_takes_no_input(api: Api) -> None:
    execution_id = await started(api, {"testMode": True})
    await api.parts.db.execute("UPDATE executions SET status = 'completed' WHERE id = $1", execution_id)
    answer = await say(api, execution_id, {"text": "late"})
    assert (answer.status_code, answer.json()["code"]) == (409, "EXECUTION_ENDED")
    assert await inbox_of(api) == []


async def test_nobody_speaks_for_the_person_of_a_real_conversation(api: Api) -> None:
    execution_id = await started(api, {"conversationId": 42})
    answer = await say(api, execution_id, {"text": "me"})
    assert (answer.status_code, answer.json()["code"]) == (409, "INPUT_FROM_CONVERSATION")
    assert await inbox_of(api) == []


@pytest.mark.parametrize(
    "body", [{}, {"text": ""}, {"text": 7}, {"text": "x" * 16_385}, {"say": "x"}, [], None]
)
async def test_a_senseless_input_is_refused(api: Api, body: Any) -> None:
    execution_id = await started(api, {"testMode": True})
    assert (await say(api, execution_id, body)).status_code == 422
    assert await inbox_of(api) == []


async def test_an_undelivered_input_is_stored_all_the_same(api: Api) -> None:
    execution_id = await started(api, {"testMode": True})
    api.edge.is_gone()
    assert (await say(api, execution_id, {"text": "Asha"})).status_code == 202
    await api.parts.deliveries.finish(5)
    assert [row[0] for row in await inbox_of(api)] == [1]
