"""Sessions over HTTP: executions with an end in time, seen from the person's side."""

from typing import Any

import httpx
import pytest

from intake.gateway import Chain
from store.jsons import dumps
from tests.api.conftest import Api
from tests.api.documents import welcome
from tests.api.rows import ran

pytestmark = pytest.mark.real

SESSIONS = "/api/v1/sessions"
LEFT = "SELECT extract(epoch FROM expires_at - now())::float8 FROM executions WHERE workspace_id = $1"


async def session(api: Api, flow: dict[str, Any], **values: Any) -> str:
    """The session of a run that waits; its id."""
    waits = dumps({"kind": "waiting_input"})
    rests: dict[str, Any] = {"status": "waiting_input", "completed_at": None, "waiting": waits}
    return await ran(api, flow, **{**rests, "first_run_id": "r1", "workflow_id": "w/1", **values})


async def by_sms(api: Api, flow: dict[str, Any], **values: Any) -> str:
    """The same of somebody who writes texts."""
    context = dumps({"variables": {"name": "Amina"}, "contact": {"phone": "+254711000111"}})
    told = {"channel": "sms", "conversation_id": f"28901/{'0' * 32}", "context": context}
    return await session(api, flow, **told, **values)


async def begin(api: Api, key: str | None = None, **body: Any) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    return await api.client.post(SESSIONS, json={"flowId": "welcome", **body}, headers=headers)


async def ids(api: Api, query: str = "") -> list[str]:
    """The sessions of a list, newest first."""
    answer = await api.client.get(f"{SESSIONS}?{query}")
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["items"]]


async def test_a_session_is_an_execution_with_an_end_in_time(api: Api) -> None:
    flow = await api.publish(welcome())
    answer = await begin(api, conversationId=42, variables={"plan": "gold"}, ttl="30m")
    made = answer.json()
    assert (answer.status_code, made["status"], made["flowId"]) == (202, "starting", flow["id"])
    assert answer.headers["Location"] == f"{SESSIONS}/{made['id']}"
    assert (made["channel"], made["address"], made["service"]) == ("chatwoot", "42", None)
    [start] = api.edge.starts
    assert (start["scene"].execution_id, start["variables"]) == (made["id"], {"plan": "gold"})
    [(left,)] = await api.rows(LEFT)
    assert 0 < left <= 1800
    execution = (await api.client.get(f"/api/v1/executions/{made['id']}")).json()
    assert (execution["id"], execution["channel"]) == (made["id"], "chatwoot")


async def test_a_session_without_a_ttl_lasts_as_long_as_its_flow(api: Api) -> None:
    await api.publish(welcome())
    assert (await begin(api)).json()["expiresAt"] is None


async def test_a_key_begins_a_session_once(api: Api) -> None:
    await api.publish(welcome())
    first, again = [await begin(api, "key-1", ttl="1h") for _ in range(2)]
    assert first.json()["id"] == again.json()["id"]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(api.edge.starts) == 1
    assert (await begin(api, "key-1", ttl="2h")).status_code == 422


async def test_a_flow_that_is_not_there_begins_nothing(api: Api) -> None:
    answer = await begin(api)
    assert (answer.status_code, answer.json()["code"]) == (404, "FLOW_NOT_FOUND")


@pytest.mark.parametrize(
    "body",
    [
        {"ttl": "10s"},
        {"ttl": "soon"},
        {"ttl": 90.5},
        {"ttl": True},
        {"ttl": "9999d"},
        {"phone": "+254711000111", "address": "7"},
    ],
)
async def test_what_makes_no_sense_begins_nothing(api: Api, body: dict[str, Any]) -> None:
    await api.publish(welcome())
    assert (await begin(api, **body)).status_code == 422
    assert api.edge.starts == []


async def test_a_phone_number_is_shown_masked(api: Api) -> None:
    id = await by_sms(api, await api.publish(welcome()))
    answer = await api.client.get(f"{SESSIONS}/{id}")
    shown = answer.json()
    assert (shown["channel"], shown["service"], shown["address"]) == ("sms", "28901", "+254******111")
    assert (shown["status"], shown["variables"]) == ("waiting_input", {"name": "Amina"})
    assert "711000" not in answer.text
    assert "0000000000" not in answer.text


async def test_sessions_are_listed_by_flow_channel_and_state(api: Api) -> None:
    flow, other = await api.publish(welcome()), await api.publish(welcome("second"))
    text, chat = await by_sms(api, flow), await session(api, other, channel="chatwoot", conversation_id="42")
    done = await ran(api, flow, channel="ussd")
    assert set(await ids(api)) == {text, chat, done}
    assert await ids(api, "channel=sms") == [text]
    assert await ids(api, "flowId=second") == [chat]
    assert await ids(api, "active=false") == await ids(api, "status=completed") == [done]
    assert await ids(api, "flowId=nobody") == []
    assert (await api.client.get(f"{SESSIONS}?channel=telex")).status_code == 422


async def test_the_list_comes_in_pages(api: Api) -> None:
    flow = await api.publish(welcome())
    every = {await by_sms(api, flow) for _ in range(3)}
    first = (await api.client.get(f"{SESSIONS}?limit=2")).json()
    rest = (await api.client.get(f"{SESSIONS}?limit=2&cursor={first['nextCursor']}")).json()
    assert {one["id"] for one in (*first["items"], *rest["items"])} == every
    assert rest["nextCursor"] is None


async def test_variables_are_handed_to_the_run_once_for_a_key(api: Api) -> None:
    id = await by_sms(api, await api.publish(welcome()))
    body = {"variables": {"plan": "gold", "address.city": "Mombasa"}}
    for _ in range(2):
        answer = await api.client.patch(f"{SESSIONS}/{id}", json=body, headers={"Idempotency-Key": "k"})
        assert (answer.status_code, answer.json()["id"]) == (202, id)
    (told, chain, first), (_, _, again) = api.edge.commands
    assert (told, chain, first) == ("set", Chain("w/1", id, "r1"), again)
    assert api.edge.values == [body["variables"]] * 2


async def test_the_time_that_is_left_can_be_set_anew(api: Api) -> None:
    id = await by_sms(api, await api.publish(welcome()))
    answer = await api.client.patch(f"{SESSIONS}/{id}", json={"ttl": "2h"})
    assert answer.json()["expiresAt"] is not None
    [(left,)] = await api.rows(LEFT)
    assert 3600 < left <= 7200
    assert api.edge.commands == []


@pytest.mark.parametrize("body", [{}, {"variables": {"contact.name": "x"}}, {"variables": {"a b": 1}}])
async def test_a_change_that_makes_no_sense_is_refused(api: Api, body: dict[str, Any]) -> None:
    id = await by_sms(api, await api.publish(welcome()))
    assert (await api.client.patch(f"{SESSIONS}/{id}", json=body)).status_code == 422
    assert api.edge.commands == []


async def test_ending_a_session_cancels_its_execution_and_may_be_asked_again(api: Api) -> None:
    id = await by_sms(api, await api.publish(welcome()))
    assert (await api.client.post(f"{SESSIONS}/{id}/end")).status_code == 202
    assert [(told, chain.execution_id) for told, chain, _ in api.edge.commands] == [("cancel", id)]
    await api.parts.db.execute("UPDATE executions SET status = 'cancelled', completed_at = now()")
    assert (await api.client.post(f"{SESSIONS}/{id}/end")).status_code == 202
    assert len(api.edge.commands) == 1


async def test_a_session_that_has_ended_is_changed_and_ended_no_more(api: Api) -> None:
    id = await ran(api, await api.publish(welcome()))
    for answer in (
        await api.client.patch(f"{SESSIONS}/{id}", json={"ttl": "2h"}),
        await api.client.post(f"{SESSIONS}/{id}/end"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "EXECUTION_ENDED")


async def test_a_deleted_session_is_ended_and_gone_while_its_execution_stays(api: Api) -> None:
    id = await by_sms(api, await api.publish(welcome()))
    assert (await api.client.delete(f"{SESSIONS}/{id}")).status_code == 204
    assert [told for told, _, _ in api.edge.commands] == ["cancel"]
    for answer in (
        await api.client.get(f"{SESSIONS}/{id}"),
        await api.client.delete(f"{SESSIONS}/{id}"),
        await api.client.post(f"{SESSIONS}/{id}/end"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "SESSION_NOT_FOUND")
    assert await ids(api) == []
    assert (await api.client.get(f"/api/v1/executions/{id}")).status_code == 200


async def test_a_session_that_nobody_runs_at_the_moment_is_not_deleted(api: Api) -> None:
    id = await by_sms(api, await api.publish(welcome()))
    api.edge.runs = False
    answer = await api.client.delete(f"{SESSIONS}/{id}")
    assert (answer.status_code, answer.json()["code"]) == (409, "EXECUTION_NOT_RUNNING")
    assert await ids(api) == [id]


async def test_an_ended_session_is_deleted_without_a_word_to_temporal(api: Api) -> None:
    id = await ran(api, await api.publish(welcome()))
    assert (await api.client.delete(f"{SESSIONS}/{id}")).status_code == 204
    assert (api.edge.commands, await ids(api)) == ([], [])
