"""Checking and publishing flows over HTTP."""

import pytest

from tests.api.conftest import Api
from tests.api.documents import broken, welcome

pytestmark = pytest.mark.real

TRIGGER = {"channel": "chatwoot", "event": "message_created", "inboxId": 12, "keyword": "Hello "}


async def test_a_good_flow_is_valid(api: Api) -> None:
    answer = await api.client.post("/api/v1/flows/anything/validate", json={"flow": welcome()})
    assert (answer.status_code, answer.json()) == (200, {"valid": True, "errors": [], "warnings": []})
    assert (await api.client.post("/api/v1/flows/validate", json=welcome())).json()["valid"] is True


async def test_errors_and_warnings_say_what_where_and_how_to_mend(api: Api) -> None:
    document = broken()
    document["nodes"].append({"id": "lost", "type": "message", "config": {"text": "?"}})
    findings = (await api.client.post("/api/v1/flows/validate", json={"flow": document})).json()
    assert findings["valid"] is False
    error = next(error for error in findings["errors"] if error["code"] == "NO_START_NODE")
    assert error["message"]
    assert error["hint"]
    assert error["docs"] == "docs/issues.md#no_start_node"


async def test_without_a_body_the_stored_draft_is_checked(api: Api) -> None:
    await api.client.post("/api/v1/flows", json={"flow": broken()})
    assert (await api.client.post("/api/v1/flows/broken/validate")).json()["valid"] is False
    missing = await api.client.post("/api/v1/flows/nobody/validate")
    assert (missing.status_code, missing.json()["code"]) == (404, "FLOW_NOT_FOUND")


async def test_publishing_makes_the_latest_version_live(api: Api) -> None:
    await api.client.post("/api/v1/flows", json={"flow": welcome()})
    await api.client.post("/api/v1/flows", json={"flow": welcome(name="Second")})
    answer = await api.client.post("/api/v1/flows/welcome/publish")
    said = answer.json()
    assert (answer.status_code, said["version"], said["status"], said["warnings"]) == (
        200,
        2,
        "published",
        [],
    )
    assert len(said["digest"]) == 64
    view = (await api.client.get("/api/v1/flows/welcome")).json()
    assert (view["status"], view["publishedVersion"], view["publishedAt"]) == (
        "published",
        2,
        said["publishedAt"],
    )


async def test_the_plan_is_stored_once_under_its_digest(api: Api) -> None:
    first = await api.publish(welcome())
    second = await api.publish(welcome())
    assert first["digest"] == second["digest"]
    rows = await api.rows(
        "SELECT DISTINCT digest, plan->>'flow' FROM plans JOIN flow_versions ON plan_digest = digest"
        " WHERE workspace_id = $1"
    )
    assert rows == [(first["digest"], "welcome")]


async def test_an_older_version_can_be_published_again(api: Api) -> None:
    await api.client.post("/api/v1/flows", json={"flow": welcome()})
    await api.publish(welcome(name="Second"))
    answer = await api.client.post("/api/v1/flows/welcome/publish", json={"version": 1})
    assert answer.json()["version"] == 1
    view = (await api.client.get("/api/v1/flows/welcome")).json()
    assert (view["version"], view["publishedVersion"]) == (2, 1)


async def test_an_unknown_version_is_not_found(api: Api) -> None:
    await api.client.post("/api/v1/flows", json={"flow": welcome()})
    answer = await api.client.post("/api/v1/flows/welcome/publish", json={"version": 9})
    assert (answer.status_code, answer.json()["code"]) == (404, "VERSION_NOT_FOUND")


async def test_a_flow_with_errors_is_not_published(api: Api) -> None:
    await api.client.post("/api/v1/flows", json={"flow": broken()})
    answer = await api.client.post("/api/v1/flows/broken/publish")
    problem = answer.json()
    assert (answer.status_code, problem["error"]) == (422, "CompilationError")
    codes = [issue["code"] for issue in problem["details"]["issues"]]
    assert "NO_START_NODE" in codes
    assert problem["code"] == codes[0]
    assert (await api.client.get("/api/v1/flows/broken")).json()["status"] == "draft"


async def test_the_trigger_of_the_spec_becomes_the_flows_own(api: Api) -> None:
    flow = await api.publish(welcome(trigger=TRIGGER))
    query = "SELECT flow_id, channel, event, inbox_id, keyword FROM triggers WHERE workspace_id = $1"
    assert await api.rows(query) == [(flow["id"], "chatwoot", "message_created", 12, "hello")]
    await api.publish(welcome(trigger={"event": "conversation_created"}))
    assert [event for _, _, event, _, _ in await api.rows(query)] == ["conversation_created"]
    await api.publish(welcome(trigger={"event": "api"}))
    assert await api.rows(query) == []


async def test_two_published_flows_cannot_have_one_trigger(api: Api) -> None:
    await api.publish(welcome("first", trigger=TRIGGER))
    await api.client.post(
        "/api/v1/flows", json={"flow": welcome("second", trigger=TRIGGER | {"keyword": "HELLO"})}
    )
    answer = await api.client.post("/api/v1/flows/second/publish")
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["error"]) == (409, "TRIGGER_CONFLICT", "Conflict")
    assert problem["details"]["flow"] == "first"
    assert (await api.client.get("/api/v1/flows/second")).json()["status"] == "draft"


async def test_another_inbox_is_another_trigger(api: Api) -> None:
    await api.publish(welcome("first", trigger=TRIGGER))
    await api.publish(welcome("second", trigger=TRIGGER | {"inboxId": 13}))
    await api.publish(welcome("third", trigger=TRIGGER | {"keyword": None}))
    assert await api.rows("SELECT count(*) FROM triggers WHERE workspace_id = $1") == [(3,)]
