"""Flows over HTTP: stored, listed, read back."""

import asyncio
from uuid import UUID

import pytest

from store import access
from store.ids import new_id
from tests.api.conftest import Api
from tests.api.documents import broken, welcome

pytestmark = pytest.mark.real


async def test_a_new_flow_is_created_as_a_draft(api: Api) -> None:
    answer = await api.client.post("/api/v1/flows", json={"flow": welcome(), "ui": {"zoom": 1.5}})
    assert answer.status_code == 201
    saved = answer.json()
    assert (saved["version"], saved["status"], saved["key"]) == (1, "draft", "welcome")
    assert UUID(saved["id"]).version == 7
    assert saved["createdAt"].endswith("Z")
    assert answer.headers["Location"] == f"/api/v1/flows/{saved['id']}"


async def test_the_same_key_again_is_a_new_version_of_the_same_flow(api: Api) -> None:
    first = (await api.client.post("/api/v1/flows", json={"flow": welcome()})).json()
    answer = await api.client.post("/api/v1/flows", json={"flow": welcome(name="Renamed")})
    second = answer.json()
    assert answer.status_code == 200
    assert (second["id"], second["version"], second["status"]) == (first["id"], 2, "draft")
    assert (await api.client.get("/api/v1/flows/welcome")).json()["name"] == "Renamed"


async def test_the_same_document_again_makes_no_new_version(api: Api) -> None:
    body = {"flow": welcome(), "ui": {"zoom": 1.5}}
    first = (await api.client.post("/api/v1/flows", json=body)).json()
    again = await api.client.post("/api/v1/flows", json=body)
    assert (again.status_code, again.json()) == (200, first)
    other_ui = await api.client.post("/api/v1/flows", json=body | {"ui": {"zoom": 2}})
    assert other_ui.json()["version"] == 2


async def test_saving_at_once_gives_every_save_a_version_of_its_own(api: Api) -> None:
    bodies = [{"flow": welcome(name=f"Name {number}")} for number in range(8)]
    answers = await asyncio.gather(*(api.client.post("/api/v1/flows", json=body) for body in bodies))
    assert sorted(answer.json()["version"] for answer in answers) == list(range(1, 9))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]


async def test_a_half_drawn_flow_is_saved_all_the_same(api: Api) -> None:
    answer = await api.client.post("/api/v1/flows", json={"flow": broken()})
    assert (answer.status_code, answer.json()["status"]) == (201, "draft")


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"name": "No id", "nodes": []}, "MISSING_FIELD"),
        ({"id": 7, "nodes": []}, "INVALID_VALUE"),
        ({"id": "has space", "nodes": []}, "INVALID_VALUE"),
        ({"id": "x" * 129, "nodes": []}, "INVALID_VALUE"),
        ({"id": "welcome\n", "nodes": []}, "INVALID_VALUE"),
    ],
)
async def test_a_flow_without_a_usable_id_is_refused(
    api: Api, document: dict[str, object], code: str
) -> None:
    answer = await api.client.post("/api/v1/flows", json={"flow": document})
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["error"]) == (422, code, "ValidationError")
    assert problem["details"]["issues"][0]["pointer"] == "/id"


async def test_document_and_ui_come_back_as_they_were_sent(api: Api) -> None:
    document = welcome(description="Says hello") | {"variables": {"a_b": {"default": [1, 2.5, None, "é"]}}}
    ui = {"nodes": {"start": {"x": 1, "y": -2.5}}, "theme": "dark", "odd_Case-key": [{}]}
    saved = (await api.client.post("/api/v1/flows", json={"flow": document, "ui": ui})).json()
    for ref in (saved["id"], saved["id"].upper(), "welcome"):
        view = (await api.client.get(f"/api/v1/flows/{ref}")).json()
        assert (view["flow"], view["ui"], view["id"], view["key"]) == (document, ui, saved["id"], "welcome")
    assert view["description"] == "Says hello"


async def test_a_flow_that_never_ran_has_no_figures(api: Api) -> None:
    await api.client.post("/api/v1/flows", json={"flow": welcome()})
    view = (await api.client.get("/api/v1/flows/welcome")).json()
    assert view["metadata"] == {"executions": 0, "successRate": None, "avgDuration": None}


async def test_the_figures_count_live_executions_only(api: Api) -> None:
    flow = await api.publish(welcome())
    for status, mode, seconds in [
        ("completed", "live", 10), ("completed", "live", 30), ("failed", "live", 99), ("running", "live", 0),
        ("completed", "test", 1000),
    ]:  # fmt: skip
        await api.parts.db.execute(
            "INSERT INTO executions (workspace_id, id, flow_id, flow_version, workflow_id, mode, status,"
            " created_at, completed_at)"
            " VALUES ($1, $2, $3, 1, 'w', $4, $5, now(), now() + make_interval(secs => $6))",
            api.workspace, new_id(), flow["id"], mode, status, seconds,
        )  # fmt: skip
    metadata = (await api.client.get("/api/v1/flows/welcome")).json()["metadata"]
    assert metadata == {"executions": 4, "successRate": pytest.approx(2 / 3), "avgDuration": 20.0}


@pytest.mark.parametrize(
    "ref", ["nobody", "01900000-0000-7000-8000-000000000000", "a%00b", "%F0%9F%98%80", "x" * 300]
)
async def test_an_unknown_flow_is_not_found(api: Api, ref: str) -> None:
    answer = await api.client.get(f"/api/v1/flows/{ref}")
    assert answer.status_code == (422 if len(ref) > 128 else 404)
    assert answer.json()["code"] == ("INVALID_REQUEST" if len(ref) > 128 else "FLOW_NOT_FOUND")


async def test_the_list_pages_through_every_flow_newest_first(api: Api) -> None:
    for number in range(5):
        await api.client.post("/api/v1/flows", json={"flow": welcome(f"flow-{number}")})
    seen, url = [], "/api/v1/flows?limit=2"
    for _ in range(3):
        answer = await api.client.get(url)
        page = answer.json()
        seen += [flow["key"] for flow in page["items"]]
        url = f"/api/v1/flows?limit=2&cursor={page['nextCursor']}"
        if page["nextCursor"]:
            assert answer.headers["Link"] == f'<{url}>; rel="next"'
    assert seen == [f"flow-{number}" for number in reversed(range(5))]
    assert page["nextCursor"] is None
    assert "Link" not in answer.headers


async def test_the_list_is_filtered_by_status_and_by_part_of_a_name(api: Api) -> None:
    await api.publish(welcome("first"))
    await api.client.post("/api/v1/flows", json={"flow": welcome("second", name="50% off_er")})

    async def keys(query: str) -> list[str]:
        return [flow["key"] for flow in (await api.client.get(f"/api/v1/flows?{query}")).json()["items"]]

    assert await keys("status=published") == ["first"]
    assert await keys("status=draft") == ["second"]
    assert await keys("q=0%25%20OFF") == ["second"]
    assert await keys("q=of%25f") == []
    assert await keys("q=FIRS") == ["first"]
    assert await keys("q=';DROP TABLE flows--") == []


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=201", "limit=x", "cursor=%21%21", "cursor=e30", "cursor=WzEsMl0", "cursor=bnVsbA",
     "cursor=WyIyMDI2LTAxLTAxIiwieCJd", "status=gone", "q=a%00b", f"q={'x' * 101}"],
)  # fmt: skip
async def test_a_senseless_query_is_refused(api: Api, query: str) -> None:
    answer = await api.client.get(f"/api/v1/flows?{query}")
    assert answer.status_code == 422
    assert answer.json()["error"] == "ValidationError"


async def test_a_bare_flow_is_taken_as_one(api: Api) -> None:
    """The first curl line of the source documents sends the flow itself."""
    answer = await api.client.post("/api/v1/flows", json=welcome())
    assert (answer.status_code, answer.json()["key"]) == (201, "welcome")


@pytest.mark.parametrize(
    "extra", ["role", "workspaceId", "tenant_id", "is_admin", "created_by", "status", "version"]
)
async def test_nobody_assigns_what_is_ours_to_set(api: Api, extra: str) -> None:
    answer = await api.client.post("/api/v1/flows", json={"flow": welcome(), extra: "x"})
    assert answer.status_code == 422
    assert answer.json()["details"]["issues"][0]["pointer"] == f"/{extra}"


async def test_another_workspace_sees_none_of_it(api: Api) -> None:
    saved = (await api.client.post("/api/v1/flows", json={"flow": welcome()})).json()
    key = await access.create(api.parts.db, "other", "tests")
    stranger = {"X-API-Key": key}
    assert (await api.client.get("/api/v1/flows", headers=stranger)).json()["items"] == []
    for ref in (saved["id"], "welcome"):
        assert (await api.client.get(f"/api/v1/flows/{ref}", headers=stranger)).status_code == 404
    theirs = await api.client.post("/api/v1/flows", json={"flow": welcome()}, headers=stranger)
    assert theirs.status_code == 201
    assert theirs.json()["id"] != saved["id"]
