"""Triggers beyond the spec's, and the channels they come by."""

import asyncio
from typing import Any

import httpx
import pytest

from store import access
from store.ids import new_id
from store.triggers import PER_FLOW
from tests.api.conftest import Api
from tests.api.documents import welcome

pytestmark = pytest.mark.real

HELLO = {"flowId": "welcome", "event": "message_created", "inboxId": 7, "keyword": " Hello  there"}
SPEC = {"event": "conversation_created"}


async def add(api: Api, **more: Any) -> httpx.Response:
    return await api.client.post("/api/v1/triggers", json=HELLO | more)


async def listed(api: Api, query: str = "") -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await api.client.get(f"/api/v1/triggers{query}")).json()["items"]
    return items


async def test_an_added_trigger_is_shown_beside_the_specs_own(api: Api) -> None:
    flow = await api.publish(welcome(trigger=SPEC))
    answer = await add(api)
    made = answer.json()
    assert answer.status_code == 201
    assert made == {
        "id": made["id"], "flowId": flow["id"], "flow": "welcome", "channel": "chatwoot",
        "event": "message_created", "inboxId": 7, "keyword": "hello there", "serviceCode": None,
        "origin": "api",
        "createdAt": made["createdAt"],
    }  # fmt: skip
    assert [(row["origin"], row["event"]) for row in await listed(api)] == [
        ("api", "message_created"), ("spec", "conversation_created"),
    ]  # fmt: skip


async def test_it_stays_when_the_flow_is_published_anew_or_taken_back(api: Api) -> None:
    await api.publish(welcome(trigger=SPEC))
    await add(api)
    await api.publish(welcome(trigger={"event": "conversation_resolved"}))
    assert [row["event"] for row in await listed(api)] == ["conversation_resolved", "message_created"]
    await api.client.post("/api/v1/flows/welcome/unpublish")
    assert [row["event"] for row in await listed(api)] == ["message_created"]


async def test_a_tie_is_a_conflict_that_names_the_other_flow(api: Api) -> None:
    await api.publish(welcome("first", trigger={"event": "message_created", "keyword": "hello there"}))
    await api.publish(welcome())
    answer = await add(api, inboxId=None)
    assert (answer.status_code, answer.json()["code"]) == (409, "TRIGGER_CONFLICT")
    assert answer.json()["details"]["flow"] == "first"
    assert (await add(api)).status_code == 201, "another inbox is another trigger"
    assert (await add(api)).json()["details"]["flow"] == "welcome", "its own one"


async def test_a_flow_that_does_not_run_stands_in_nobodys_way_until_it_is_published(api: Api) -> None:
    await api.client.post("/api/v1/flows", json={"flow": welcome("waiting")})
    assert (await add(api, flowId="waiting")).status_code == 201
    await api.publish(welcome())
    assert (await add(api)).status_code == 201
    answer = await api.client.post("/api/v1/flows/waiting/publish")
    assert (answer.status_code, answer.json()["code"]) == (409, "TRIGGER_CONFLICT")
    assert (await api.client.get("/api/v1/flows/waiting")).json()["status"] == "draft"


async def test_of_many_at_once_one_gets_the_trigger(api: Api) -> None:
    for number in range(4):
        await api.publish(welcome(f"flow-{number}"))
    answers = await asyncio.gather(*(add(api, flowId=f"flow-{number}") for number in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


async def test_the_spec_may_ask_for_what_was_added_already(api: Api) -> None:
    await api.publish(welcome())
    await add(api)
    await api.publish(welcome(trigger={"event": "message_created", "inboxId": 7, "keyword": "HELLO there"}))
    assert [row["origin"] for row in await listed(api)] == ["api"]


async def test_an_added_trigger_is_taken_away_and_the_specs_is_not(api: Api) -> None:
    await api.publish(welcome(trigger=SPEC))
    made = (await add(api)).json()
    [of_spec] = [row for row in await listed(api) if row["origin"] == "spec"]
    refused = await api.client.delete(f"/api/v1/triggers/{of_spec['id']}")
    assert (refused.status_code, refused.json()["code"]) == (409, "TRIGGER_OF_SPEC")
    assert (await api.client.delete(f"/api/v1/triggers/{made['id']}")).status_code == 204
    for ref in (made["id"], new_id(), "nobody"):
        gone = await api.client.delete(f"/api/v1/triggers/{ref}")
        assert (gone.status_code, gone.json()["code"]) == (404, "TRIGGER_NOT_FOUND")
    assert await listed(api) == [of_spec]


async def test_the_list_pages_and_is_filtered_by_flow(api: Api) -> None:
    for key in ("one", "two"):
        await api.publish(welcome(key))
        for inbox in range(1, 4):
            await add(api, flowId=key, inboxId=inbox, keyword=key)
    first = (await api.client.get("/api/v1/triggers?limit=4")).json()
    rest = (await api.client.get(f"/api/v1/triggers?limit=4&cursor={first['nextCursor']}")).json()
    seen = [(row["flow"], row["inboxId"]) for row in first["items"] + rest["items"]]
    assert seen == [("two", 3), ("two", 2), ("two", 1), ("one", 3), ("one", 2), ("one", 1)]
    assert rest["nextCursor"] is None
    assert [row["flow"] for row in await listed(api, "?flowId=one")] == ["one"] * 3
    assert await listed(api, "?flowId=nobody") == []


async def test_flows_are_found_by_the_channel_that_starts_them(api: Api) -> None:
    await api.publish(welcome("started", trigger=SPEC))
    await api.publish(welcome("never"))

    async def keys(channel: str) -> list[str]:
        page = (await api.client.get(f"/api/v1/flows?channel={channel}")).json()
        return [flow["key"] for flow in page["items"]]

    assert await keys("chatwoot") == ["started"]
    assert await keys("sms") == []


async def test_a_key_adds_a_trigger_once_and_a_refusal_frees_it(api: Api) -> None:
    await api.publish(welcome())
    key = {"Idempotency-Key": "t-1"}
    first = await api.client.post("/api/v1/triggers", json=HELLO, headers=key)
    again = await api.client.post("/api/v1/triggers", json=HELLO, headers=key)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    other = {"Idempotency-Key": "t-2"}
    assert (await api.client.post("/api/v1/triggers", json=HELLO, headers=other)).status_code == 409
    await api.client.delete(f"/api/v1/triggers/{first.json()['id']}")
    assert (await api.client.post("/api/v1/triggers", json=HELLO, headers=other)).status_code == 201


async def test_a_request_that_died_is_gone_on_with_under_the_same_id(api: Api) -> None:
    await api.publish(welcome())
    key = {"Idempotency-Key": "t-1"}
    first = (await api.client.post("/api/v1/triggers", json=HELLO, headers=key)).json()
    await api.parts.db.execute(
        "UPDATE idempotency_keys SET answer = NULL, claimed_until = now() - interval '1s'"
        " WHERE workspace_id = $1",
        api.workspace,
    )
    assert (await api.client.post("/api/v1/triggers", json=HELLO, headers=key)).json() == first
    assert len(await listed(api)) == 1


async def test_a_flow_has_only_so_many(api: Api) -> None:
    flow = await api.publish(welcome())
    await api.parts.db.execute(
        "INSERT INTO triggers (workspace_id, id, flow_id, channel, event, keyword, origin)"
        " SELECT $1, gen_random_uuid(), $2, 'chatwoot', 'message_created', 'k' || n, 'api'"
        " FROM generate_series(1, $3) AS n",
        api.workspace, flow["id"], PER_FLOW,
    )  # fmt: skip
    answer = await add(api)
    assert (answer.status_code, answer.json()["code"]) == (409, "TOO_MANY_TRIGGERS")


@pytest.mark.parametrize(
    "more",
    [{"event": "api"}, {"event": "x"}, {"inboxId": 0}, {"inboxId": 2**31}, {"keyword": " "}, {"keyword": ""},
     {"keyword": "x" * 65}, {"channel": "a b"}, {"flowId": ""}, {"connection": "x"}],
)  # fmt: skip
async def test_a_senseless_trigger_is_refused(api: Api, more: dict[str, Any]) -> None:
    await api.publish(welcome())
    assert (await add(api, **more)).status_code == 422
    assert (await add(api, flowId="nobody")).status_code == 404


async def test_another_workspace_has_no_part_in_it(api: Api) -> None:
    await api.publish(welcome())
    made = (await add(api)).json()
    stranger = {"X-API-Key": await access.create(api.parts.db, f"other-{new_id()}", "tests")}
    for path in ("/api/v1/triggers", "/api/v1/channels"):
        assert (await api.client.get(path, headers=stranger)).json()["items"] == []
    assert (await api.client.post("/api/v1/triggers", json=HELLO, headers=stranger)).status_code == 404
    gone = await api.client.delete(f"/api/v1/triggers/{made['id']}", headers=stranger)
    assert gone.status_code == 404
    await api.client.post("/api/v1/flows", json={"flow": welcome()}, headers=stranger)
    assert (await api.client.post("/api/v1/triggers", json=HELLO, headers=stranger)).status_code == 201


async def test_channels_are_shown_without_their_secrets(api: Api) -> None:
    answer = await api.client.get("/api/v1/channels")
    shown = {row["name"]: (row["webhook"], row["signingSecrets"], row["acceptsUnsigned"]) for row in
             answer.json()["items"]}  # fmt: skip
    assert shown == {
        "main": ("/webhooks/chatwoot/main", 2, False),
        "open": ("/webhooks/chatwoot/open", 0, True),
        "shut": ("/webhooks/chatwoot/shut", 0, False),
    }
    assert "whsec" not in answer.text


async def test_a_trigger_is_added_under_its_flow_too(api: Api) -> None:
    flow = await api.publish(welcome())
    dialled = {"event": "ussd_session", "serviceCode": "*384*1#"}
    answer = await api.client.post("/api/v1/flows/welcome/triggers", json=dialled)
    made = answer.json()
    assert answer.status_code == 201
    assert (made["flowId"], made["channel"], made["serviceCode"]) == (flow["id"], "ussd", "*384*1#")
    assert [row["id"] for row in await listed(api)] == [made["id"]]
    named = await api.client.post("/api/v1/flows/welcome/triggers", json=HELLO)
    assert (named.status_code, named.json()["details"]["issues"][0]["pointer"]) == (422, "/flowId")
    assert (await api.client.post("/api/v1/flows/nobody/triggers", json=dialled)).status_code == 404
