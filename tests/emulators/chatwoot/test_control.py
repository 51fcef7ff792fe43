"""`/_control`: seeding, acting as people, the journal, faults on the way in."""

import ast
import sys
from pathlib import Path

import pytest

import emulators.chatwoot
from emulators.common.gate import Dropped
from tests.emulators.chatwoot.conftest import OpenDesk
from tests.emulators.chatwoot.desk import SEED, Desk, Json


async def test_what_a_seed_leaves_open_is_given_and_told(desk: Desk) -> None:
    body = {"account": {"id": 5}, "users": [{"name": "A"}], "agent_bots": [{}], "inboxes": [{}]}
    created = (await desk.http.post("/_control/reset", json=body)).json()
    assert created["account"]["id"] == 5
    user, bot, inbox = created["users"][0], created["agent_bots"][0], created["inboxes"][0]
    assert len(user["token"]) == len(bot["token"]) == len(bot["secret"]) == len(inbox["secret"]) == 24
    assert inbox["identifier"]
    assert user["account_ids"] == [5]


async def test_a_seed_changes_settings_until_the_next_reset(desk: Desk) -> None:
    await desk.http.post("/_control/seed", json={"settings": {"profile": "v4.3", "secret_length": 40}})
    created = (await desk.http.post("/_control/seed", json={"agent_bots": [{}]})).json()
    assert len(created["agent_bots"][-1]["secret"]) == 40
    assert (await desk.http.get("/api")).json()["version"] == "4.3.0"
    await desk.http.post("/_control/reset")
    assert (await desk.http.get("/api")).json()["version"] == "4.16.0"


@pytest.mark.parametrize(
    "seed", [{"user": []}, {"settings": {"nonsense": 1}}, {"inboxes": [{"channel": "smoke"}]}]
)
async def test_a_seed_with_a_mistake_is_refused(desk: Desk, seed: Json) -> None:
    assert (await desk.http.post("/_control/seed", json=seed)).status_code == 422


async def test_a_reset_forgets_rows_and_faults_but_never_gives_an_id_twice(desk: Desk) -> None:
    await desk.start(message="before")
    await desk.fault("drop", {"channel": "account"})
    await desk.http.post("/_control/reset", json=SEED)
    assert await desk.landed() == []
    assert (await desk.http.get("/_control/state")).json()["messages"] == []
    again = await desk.customer("start", inbox=12, message="after")
    assert (again["conversationId"], again["messageId"], again["contactId"]) == (2, 9102, 502)


async def test_the_state_shows_one_conversation_in_order(desk: Desk) -> None:
    conversation = await desk.start(name="Asha", message="one")
    await desk.sent(conversation, content="two")
    shown = (await desk.http.get("/_control/state", params={"conversation": conversation})).json()
    assert [message["content"] for message in shown["messages"]] == ["one", "two"]
    assert shown["contact"]["name"] == "Asha"
    assert (await desk.http.get("/_control/state?conversation=99")).status_code == 404


async def test_a_person_with_the_same_phone_is_the_same_contact(desk: Desk) -> None:
    started = [await desk.customer("start", inbox=12, phone="+254700000111") for _ in range(2)]
    assert started[0]["contactId"] == started[1]["contactId"]
    assert started[0]["sourceId"] == started[1]["sourceId"]
    assert started[0]["conversationId"] != started[1]["conversationId"]


async def test_a_click_needs_a_menu_that_offers_it(desk: Desk) -> None:
    conversation = await desk.start()
    body: Json = {"action": "click", "conversation": conversation, "value": "bal"}
    assert (await desk.http.post("/_control/customer", json=body)).status_code == 422
    items = [{"title": "Balance", "value": "bal"}]
    for _ in range(2):
        await desk.sent(conversation, content_type="input_select", content_attributes={"items": items})
    assert (await desk.http.post("/_control/customer", json=body)).json()["messageId"] == 9102
    assert (await desk.http.post("/_control/customer", json={**body, "value": "x"})).status_code == 422


async def test_the_journal_numbers_every_call_and_hides_secrets(desk: Desk) -> None:
    conversation = await desk.start(name="Asha")
    await desk.sent(conversation, content="Karibu", secret="hush")
    await desk.call("nobody", "GET", "/contacts")
    await desk.call("agent", "POST", "/contacts", {"name": "B"})
    calls = await desk.journal("api")
    route = "/api/v1/accounts/{account_id}/conversations/{conversation_id}/messages"
    assert calls[0]["route"] == route
    assert calls[0]["ids"] == {"account_id": 3, "conversation_id": conversation}
    assert (calls[0]["token"], calls[0]["owner"], calls[0]["status"]) == ("bot", 4, 200)
    assert calls[0]["body"] == {"content": "Karibu", "secret": "[hidden]"}
    assert calls[0]["response_id"] == 9101
    assert (calls[1]["token"], calls[1]["status"]) == ("invalid", 401)
    assert calls[2]["response_id"] == 502
    everything = await desk.http.get("/_control/journal")
    numbers = [line["n"] for line in everything.json()["lines"]]
    assert numbers == list(range(1, len(numbers) + 1))
    assert "token-" not in everything.text
    assert "bot-token" not in everything.text
    rest = (await desk.http.get("/_control/journal", params={"after": numbers[-2]})).json()
    assert [line["n"] for line in rest["lines"]] == numbers[-1:]
    assert rest["last"] == numbers[-1]


async def test_a_huge_body_is_journalled_by_its_size(desk: Desk) -> None:
    await desk.sent(await desk.start(), content="x" * 20_000)
    assert (await desk.journal("api"))[0]["body"]["bytes"] > 20_000


MESSAGES = {"method": "POST", "path": "/messages$"}


async def test_an_injected_error_comes_before_the_work_or_after_it(desk: Desk) -> None:
    conversation = await desk.start()
    await desk.fault("error", MESSAGES, param=503)
    assert (await desk.send(conversation, content="a")).status_code == 503
    assert await desk.thread(conversation) == []
    await desk.fault("error_after", MESSAGES)
    assert (await desk.send(conversation, content="b")).status_code == 500
    assert [message["content"] for message in await desk.thread(conversation)] == ["b"]
    assert (await desk.send(conversation, content="c")).status_code == 200
    assert await desk.landed() == [1, 1]
    last = (await desk.journal("api"))[1]
    assert (last["status"], last["response_id"], last["fault"]) == (200, 9101, "error_after")


async def test_an_error_may_say_what_it_is_told_to(desk: Desk) -> None:
    conversation = await desk.start()
    for action in ("error", "error_after"):
        await desk.fault(action, MESSAGES, param=503, body="so it goes")
        answer = await desk.send(conversation, content="x")
        assert (answer.status_code, answer.text) == (503, "so it goes")


async def test_a_dropped_connection_has_done_its_work_or_not(desk: Desk) -> None:
    conversation = await desk.start()
    for action, stored in (("drop_before", 0), ("drop_after", 1)):
        await desk.fault(action, MESSAGES)
        with pytest.raises(Dropped):
            await desk.send(conversation, content="x")
        assert len(await desk.thread(conversation)) == stored


async def test_an_injected_429_looks_like_the_throttles(open_desk: OpenDesk) -> None:
    desk = await open_desk(throttle_body="Slow down", throttle_retry_after=3)
    await desk.fault("throttle", {"path": "/contacts"}, times=2)
    answers = [await desk.call("agent", "GET", "/contacts") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert (answers[0].text, answers[0].headers["retry-after"]) == ("Slow down", "3")


async def test_a_fault_may_spare_the_first_matches_and_be_lifted(desk: Desk) -> None:
    conversation = await desk.start()
    fault = await desk.fault("error", MESSAGES, times=10, skip=1)
    statuses = [(await desk.send(conversation, content="x")).status_code for _ in range(2)]
    assert statuses == [200, 500]
    await desk.http.delete("/_control/faults", params={"id": fault["id"]})
    assert (await desk.send(conversation, content="x")).status_code == 200
    assert [line["action"] for line in await desk.journal("fault")] == ["error"]


@pytest.mark.parametrize(
    "fault",
    [
        {"action": "explode"},
        {"action": "error", "match": {"event": "message_created"}},
        {"action": "reorder", "match": {"method": "POST"}},
        {"action": "error", "param": 200},
        {"action": "drop_after", "match": {"path": "("}},
        {"action": "drop_after", "times": 0},
    ],
)
async def test_a_fault_with_a_mistake_is_refused(desk: Desk, fault: Json) -> None:
    assert (await desk.http.post("/_control/faults", json=fault)).status_code == 422


async def test_a_full_emulator_refuses_to_grow(open_desk: OpenDesk) -> None:
    desk = await open_desk(row_limit=3)
    conversation = await desk.start(14, message="one")
    answer = await desk.send(conversation, "agent", content="two")
    assert answer.status_code == 507


async def test_the_directory_lists_what_was_seeded(desk: Desk) -> None:
    inboxes = (await desk.call("admin", "GET", "/inboxes")).json()["payload"]
    assert inboxes[0]["channel_type"] == "Channel::Api"
    assert (inboxes[0]["inbox_identifier"], inboxes[0]["secret"]) == ("api-door", "secret-inbox")
    seen_by_agent = (await desk.call("agent", "GET", "/inboxes/12")).json()
    assert "secret" not in seen_by_agent
    assert "hmac_token" not in seen_by_agent
    agents = (await desk.call("agent", "GET", "/agents")).json()
    assert [agent["role"] for agent in agents] == ["agent", "administrator"]
    assert (await desk.call("agent", "GET", "/teams")).json()[0]["name"] == "Billing"
    assert (await desk.call("agent", "GET", "/labels")).json()["payload"][0]["title"] == "vip"
    assert (await desk.call("admin", "GET", "/agent_bots")).json()[0]["access_token"] == "bot-token"
    assert "access_token" not in (await desk.call("agent", "GET", "/agent_bots")).json()[0]


async def test_an_administrator_sets_up_bot_inbox_and_webhook_by_the_api(desk: Desk) -> None:
    bot = (
        await desk.call("admin", "POST", "/agent_bots", {"name": "New", "outgoing_url": "http://x"})
    ).json()
    channel = {"type": "api", "webhook_url": "http://receiver.test/inbox"}
    inbox = (await desk.call("admin", "POST", "/inboxes", {"name": "New", "channel": channel})).json()
    await desk.call("admin", "POST", f"/inboxes/{inbox['id']}/set_agent_bot", {"agent_bot": bot["id"]})
    shown = (await desk.call("admin", "GET", f"/inboxes/{inbox['id']}/agent_bot")).json()
    assert shown["agent_bot"]["name"] == "New"
    assert (await desk.look(await desk.start(inbox["id"])))["status"] == "pending"
    renewed = (await desk.call("admin", "POST", f"/agent_bots/{bot['id']}/reset_secret")).json()
    assert renewed["secret"] != bot["secret"]
    await desk.call("admin", "POST", f"/inboxes/{inbox['id']}/set_agent_bot", {"agent_bot": None})
    assert (await desk.look(await desk.start(inbox["id"])))["status"] == "open"


async def test_webhooks_are_kept_by_administrators_one_per_url(desk: Desk) -> None:
    body: Json = {"url": "https://bot.example/hook", "subscriptions": ["message_created"]}
    hook = (await desk.call("admin", "POST", "/webhooks", body)).json()["payload"]["webhook"]
    assert len(hook["secret"]) == 24
    taken = await desk.call("admin", "POST", "/webhooks", body)
    assert taken.json() == {"message": "Url has already been taken", "attributes": ["url"]}
    for wrong in ({**body, "url": "ftp://x"}, {"url": "https://y", "subscriptions": ["nonsense"]}):
        assert (await desk.call("admin", "POST", "/webhooks", wrong)).status_code == 422
    assert (await desk.call("admin", "DELETE", f"/webhooks/{hook['id']}")).status_code == 200
    left = (await desk.call("admin", "GET", "/webhooks")).json()["payload"]["webhooks"]
    assert [row["id"] for row in left] == [21]


def test_the_emulator_imports_nothing_of_the_house() -> None:
    allowed = {"emulators", "fastapi", "starlette", "uvicorn", "httpx", "pydantic", "orjson"}
    house = {"api", "compiler", "dsl", "workflows", "activities", "intake", "providers", "store", "wiring"}
    imported: set[str] = set()
    for path in Path(emulators.chatwoot.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            if isinstance(node, ast.ImportFrom) and node.module:
                imported.add(node.module.split(".")[0])
    assert "fastapi" in imported
    assert not imported & house
    assert imported - allowed <= set(sys.stdlib_module_names)
