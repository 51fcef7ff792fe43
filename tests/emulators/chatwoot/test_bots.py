"""Agent bots as administrators keep them."""

import pytest

from tests.emulators.chatwoot.conftest import OpenDesk
from tests.emulators.chatwoot.desk import Desk, Json


async def test_a_bot_is_kept_with_everything_that_is_said_of_it(desk: Desk) -> None:
    said: Json = {
        "name": "Night bot",
        "description": "Answers at night.",
        "outgoing_url": "http://receiver.test/night",
        "bot_config": {"tone": "calm"},
        "bot_type": 0,
    }
    made = (await desk.call("admin", "POST", "/agent_bots", said)).json()
    shown = (await desk.call("admin", "GET", f"/agent_bots/{made['id']}")).json()
    assert shown == made
    assert {key: shown[key] for key in said if key != "bot_type"} | {"bot_type": 0} == said
    changed = (await desk.call("admin", "PATCH", f"/agent_bots/{made['id']}", {"description": None})).json()
    assert changed == {**made, "description": ""}


async def test_a_new_token_makes_the_old_one_worthless(desk: Desk) -> None:
    conversation = await desk.start()
    token = (await desk.call("admin", "POST", "/agent_bots/4/reset_access_token")).json()["access_token"]
    assert (await desk.send(conversation, "bot", content="old")).status_code == 401
    assert (await desk.send(conversation, token, content="new")).status_code == 200


async def test_a_bot_that_is_gone_hears_nothing_and_its_inbox_has_none(desk: Desk) -> None:
    assert (await desk.call("admin", "DELETE", "/agent_bots/4")).status_code == 200
    assert (await desk.call("admin", "GET", "/inboxes/12/agent_bot")).json() == {"agent_bot": {}}
    conversation = await desk.start(12, message="hi")
    assert (await desk.look(conversation))["status"] == "open"
    assert (await desk.settle()).events("bot") == []


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "x", "bot_type": 7}], ids=str)
async def test_a_bot_without_a_name_or_of_another_type_is_refused(desk: Desk, body: Json) -> None:
    assert (await desk.call("admin", "POST", "/agent_bots", body)).status_code == 422


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/agent_bots"),
        ("PATCH", "/agent_bots/4"),
        ("DELETE", "/agent_bots/4"),
        ("POST", "/agent_bots/4/reset_access_token"),
        ("POST", "/agent_bots/4/reset_secret"),
    ],
)
async def test_bots_are_kept_by_administrators_alone(desk: Desk, method: str, path: str) -> None:
    answer = await desk.call("agent", method, path, {"name": "x"})
    assert answer.json() == {"error": "You are not authorized to do this action"}


async def test_a_global_bot_is_seen_and_changed_by_no_account(desk: Desk) -> None:
    await desk.http.post("/_control/seed", json={"agent_bots": [{"id": 40, "shared": True}]})
    shown = (await desk.call("admin", "GET", "/agent_bots/40")).json()
    assert (shown["system_bot"], "access_token" in shown) == (True, False)
    assert (await desk.call("admin", "DELETE", "/agent_bots/40")).status_code == 404


async def test_older_releases_have_no_secret_to_reset(open_desk: OpenDesk) -> None:
    desk = await open_desk(profile="v4.3")
    assert (await desk.call("admin", "POST", "/agent_bots/4/reset_secret")).status_code == 404
