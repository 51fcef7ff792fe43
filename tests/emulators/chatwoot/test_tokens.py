"""Who may do what: tokens, the bot allow-list, accounts, roles."""

import pytest

from tests.emulators.chatwoot.conftest import OpenDesk
from tests.emulators.chatwoot.desk import SEED, Desk

BOT_REFUSAL = {"error": "Access to this endpoint is not authorized for bots"}


async def test_a_call_without_a_token_is_asked_to_sign_in(desk: Desk) -> None:
    answer = await desk.http.get("/api/v1/accounts/3/contacts")
    assert answer.status_code == 401
    assert answer.json() == {"errors": ["You need to sign in or sign up before continuing."]}


async def test_an_unknown_token_is_refused(desk: Desk) -> None:
    answer = await desk.call("nobody", "GET", "/contacts")
    assert (answer.status_code, answer.json()) == (401, {"error": "Invalid Access Token"})


async def test_the_dashed_header_works_where_a_proxy_drops_underscores(open_desk: OpenDesk) -> None:
    desk = await open_desk(drop_underscore_headers=True)
    assert (await desk.call("agent", "GET", "/agents")).status_code == 401
    answer = await desk.http.get("/api/v1/accounts/3/agents", headers={"Api-Access-Token": "agent-token"})
    assert answer.status_code == 200


@pytest.mark.parametrize("allowed", [False, True])
async def test_bearer_tokens_are_an_unverified_setting(open_desk: OpenDesk, allowed: bool) -> None:
    desk = await open_desk(bearer_tokens=allowed)
    headers = {"Authorization": "Bearer agent-token"}
    answer = await desk.http.get("/api/v1/accounts/3/agents", headers=headers)
    assert answer.status_code == (200 if allowed else 401)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/conversations/1/messages", None),
        ("GET", "/conversations", None),
        ("PATCH", "/conversations/1/messages/9101", {"status": "read"}),
        ("POST", "/conversations/1/destroy_custom_attributes", {"custom_attributes": ["a"]}),
        ("POST", "/conversations/1/mute", None),
        ("GET", "/contacts", None),
        ("GET", "/contacts/search?q=a", None),
        ("POST", "/contacts/filter", {"payload": []}),
        ("POST", "/contacts", {"name": "A"}),
        ("PUT", "/contacts/501", {"name": "A"}),
        ("POST", "/contacts/501/labels", {"labels": []}),
        ("GET", "/inboxes", None),
        ("GET", "/agents", None),
        ("GET", "/teams", None),
        ("GET", "/labels", None),
        ("GET", "/agent_bots", None),
        ("GET", "/webhooks", None),
    ],
)
async def test_a_bot_token_is_refused_outside_its_list(
    desk: Desk, method: str, path: str, body: object
) -> None:
    await desk.start(message="habari")
    answer = await desk.call("bot", method, path, body)
    assert (answer.status_code, answer.json()) == (401, BOT_REFUSAL)


@pytest.mark.parametrize(("profile", "status"), [("v4.16", 200), ("v4.3", 401)])
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("POST", "/toggle_typing_status", {"typing_status": "on"}),
        ("GET", "/labels", None),
        ("POST", "/labels", {"labels": ["vip"]}),
    ],
)
async def test_newer_releases_let_a_bot_do_more(
    open_desk: OpenDesk, profile: str, status: int, method: str, path: str, body: object
) -> None:
    desk = await open_desk(profile=profile)
    conversation = await desk.start()
    answer = await desk.call("bot", method, f"/conversations/{conversation}{path}", body)
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/toggle_status", {"status": "open"}),
        ("POST", "/toggle_priority", {"priority": "high"}),
        ("PATCH", "", {"priority": "low"}),
        ("POST", "/custom_attributes", {"custom_attributes": {"a": 1}}),
        ("POST", "/messages", {"content": "Karibu"}),
        ("POST", "/assignments", {"assignee_id": 8}),
    ],
)
async def test_what_every_release_lets_a_bot_do(
    open_desk: OpenDesk, method: str, path: str, body: object
) -> None:
    desk = await open_desk(profile="v4.3")
    conversation = await desk.start()
    assert (await desk.call("bot", method, f"/conversations/{conversation}{path}", body)).status_code == 200


@pytest.mark.parametrize(("profile", "status"), [("v4.16", 200), ("v4.3", 401)])
async def test_a_bot_without_an_inbox_belongs_to_its_account_only_in_newer_releases(
    open_desk: OpenDesk, profile: str, status: int
) -> None:
    desk = await open_desk(profile=profile)
    conversation = await desk.start()
    await desk.http.post("/_control/seed", json={"agent_bots": [{"id": 5, "token": "lonely"}]})
    answer = await desk.send(conversation, "lonely", content="x")
    assert answer.status_code == status
    if status == 401:
        assert answer.json() == {"error": "Bot is not authorized to access this account"}


async def test_nobody_enters_a_foreign_or_suspended_account(desk: Desk) -> None:
    await desk.http.post("/_control/seed", json={"account": {"id": 5, "name": "Other"}})
    headers = {"api_access_token": "agent-token"}
    foreign = await desk.http.get("/api/v1/accounts/5/agents", headers=headers)
    assert foreign.json() == {"error": "You are not authorized to access this account"}
    bot = await desk.http.post(
        "/api/v1/accounts/5/conversations/1/messages", json={}, headers={"api_access_token": "bot-token"}
    )
    assert bot.json() == {"error": "Bot is not authorized to access this account"}
    await desk.http.post("/_control/seed", json={"account": {**SEED["account"], "status": "suspended"}})
    assert (await desk.call("agent", "GET", "/agents")).json() == {"error": "Account is suspended"}


async def test_what_only_administrators_may_do_is_a_401_for_agents(desk: Desk) -> None:
    for path in ("/webhooks", "/agent_bots", "/inboxes"):
        answer = await desk.call("agent", "POST", path, {"name": "x"})
        assert answer.status_code == 401
        assert answer.json() == {"error": "You are not authorized to do this action"}


async def test_a_missing_record_is_a_404_with_its_text(desk: Desk) -> None:
    for path in ("/conversations/99", "/contacts/99", "/inboxes/99", "/conversations/x", "/nothing"):
        answer = await desk.call("agent", "GET", path)
        assert (answer.status_code, answer.json()) == (404, {"error": "Resource could not be found"})


async def test_the_throttle_answers_plain_text_and_forgets_after_a_minute(open_desk: OpenDesk) -> None:
    desk = await open_desk(requests_per_minute=2, throttle_retry_after=7)
    statuses = [(await desk.call("agent", "GET", "/agents")).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    refused = await desk.call("agent", "GET", "/agents")
    assert refused.text == "Retry later\n"
    assert refused.headers["retry-after"] == "7"
    desk.clock.moment += 60
    assert (await desk.call("agent", "GET", "/agents")).status_code == 200


async def test_searching_contacts_has_a_throttle_of_its_own(open_desk: OpenDesk) -> None:
    desk = await open_desk(searches_per_minute=1)
    statuses = [(await desk.call("agent", "GET", "/contacts/search?q=a")).status_code for _ in range(2)]
    assert statuses == [200, 429]
    assert (await desk.call("agent", "GET", "/contacts")).status_code == 200
