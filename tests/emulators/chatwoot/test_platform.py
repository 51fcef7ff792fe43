"""The platform API: tenants, users and global bots of a self-hosted installation."""

from typing import Any

import httpx
import pytest

from tests.emulators.chatwoot.desk import Desk, Json

NOT_OURS = {"error": "Non permissible resource"}


@pytest.fixture
async def platform(desk: Desk) -> Desk:
    apps = [{"token": "platform-token"}, {"name": "Another", "token": "another-token"}]
    assert (await desk.http.post("/_control/seed", json={"platform_apps": apps})).status_code == 200
    return desk


async def ask(
    desk: Desk, method: str, path: str, body: Any = None, token: str = "platform-token"
) -> httpx.Response:
    headers = {"api_access_token": token}
    return await desk.http.request(method, f"/platform/api/v1{path}", json=body, headers=headers)


async def made(desk: Desk, path: str, body: Json) -> Json:
    answer = await ask(desk, "POST", path, body)
    assert answer.status_code == 200, answer.text
    row: Json = answer.json()
    return row


async def test_a_tenant_with_its_administrator_is_ready_to_be_used(platform: Desk) -> None:
    account = await made(platform, "/accounts", {"name": "Duka Mbili"})
    user = await made(platform, "/users", {"name": "Neema", "email": "Neema@example.org"})
    place = {"user_id": user["id"], "role": "administrator"}
    joined = await made(platform, f"/accounts/{account['id']}/account_users", place)
    assert joined == {"account_id": account["id"], **place}
    token = await made(platform, f"/users/{user['id']}/token", {})
    headers = {"api_access_token": token["access_token"]}
    agents = await platform.http.get(f"/api/v1/accounts/{account['id']}/agents", headers=headers)
    assert [row["email"] for row in agents.json()] == ["neema@example.org"]
    login = (await ask(platform, "GET", f"/users/{user['id']}/login")).json()
    assert "sso_auth_token=" in login["url"]
    left = await ask(platform, "DELETE", f"/accounts/{account['id']}/account_users", {"user_id": user["id"]})
    assert left.status_code == 200
    assert (await ask(platform, "GET", f"/accounts/{account['id']}/account_users")).json() == []


async def test_an_app_sees_nothing_but_what_it_made(platform: Desk) -> None:
    user = await made(platform, "/users", {"name": "Neema", "email": "neema@example.org"})
    bot = await made(platform, "/agent_bots", {"name": "Global"})
    for path in ("/accounts/3", "/users/8", "/agent_bots/4"):
        answer = await ask(platform, "GET", path)
        assert (answer.status_code, answer.json()) == (401, NOT_OURS)
    for path in (f"/users/{user['id']}", f"/agent_bots/{bot['id']}"):
        assert (await ask(platform, "GET", path)).status_code == 200
        assert (await ask(platform, "DELETE", path, token="another-token")).json() == NOT_OURS
    assert (await ask(platform, "GET", "/users/999")).status_code == 404


async def test_what_is_changed_or_gone_is_so_for_the_account_api_too(platform: Desk) -> None:
    account = await made(platform, "/accounts", {"name": "Duka Mbili"})
    bot = await made(platform, "/agent_bots", {"name": "Global"})
    assert (
        await ask(platform, "PATCH", f"/agent_bots/{bot['id']}", {"name": "Everywhere"})
    ).status_code == 200
    shown = (await platform.call("admin", "GET", "/agent_bots")).json()
    assert [row["name"] for row in shown if row["system_bot"]] == ["Everywhere"]
    assert [row["id"] for row in (await ask(platform, "GET", "/agent_bots")).json()] == [bot["id"]]
    suspended = await ask(platform, "PATCH", f"/accounts/{account['id']}", {"status": "suspended"})
    assert suspended.json()["status"] == "suspended"
    for path in (f"/agent_bots/{bot['id']}", f"/accounts/{account['id']}"):
        assert (await ask(platform, "DELETE", path)).status_code == 200
        assert (await ask(platform, "GET", path)).status_code == 404


async def test_a_user_is_renamed_and_removed(platform: Desk) -> None:
    user = await made(platform, "/users", {"name": "Neema", "email": "neema@example.org"})
    renamed = await ask(platform, "PATCH", f"/users/{user['id']}", {"name": "Neema K."})
    assert renamed.json() == {**user, "name": "Neema K."}
    assert (await ask(platform, "DELETE", f"/users/{user['id']}")).status_code == 200
    assert (await ask(platform, "GET", f"/users/{user['id']}")).status_code == 404


@pytest.mark.parametrize("token", ["admin-token", "bot-token", "nobody", ""])
async def test_no_other_token_opens_it(platform: Desk, token: str) -> None:
    answer = await ask(platform, "GET", "/accounts/3", token=token)
    assert (answer.status_code, answer.json()) == (401, {"error": "Invalid access_token"})


async def test_its_token_opens_no_account(platform: Desk) -> None:
    assert (await platform.call("platform-token", "GET", "/agents")).status_code == 401


@pytest.mark.parametrize(
    ("path", "body"),
    [("/accounts", {}), ("/users", {"name": "Neema"}), ("/users", {"email": "a@b.c"}), ("/agent_bots", {})],
)
async def test_what_lacks_its_name_or_address_is_refused(platform: Desk, path: str, body: Json) -> None:
    assert (await ask(platform, "POST", path, body)).status_code == 422
