"""Executions over HTTP: listed, looked at, their record read."""

from dataclasses import replace
from datetime import timedelta

import pytest

from store.ids import new_id
from store.jsons import dumps
from tests.api.conftest import Api
from tests.api.documents import welcome
from tests.api.rows import NOON, line, ran

pytestmark = pytest.mark.real

WAITING = {"kind": "waiting_input", "expects": "email", "since": "2026-03-01T12:00:05Z", "deadline": None}


async def test_an_execution_shows_where_it_stands(api: Api) -> None:
    flow = await api.publish(welcome())
    execution_id = await ran(
        api, flow, status="waiting_input", completed_at=None, current_node_id="question-email", progress=0.5,
        conversation_id="42", waiting=dumps(WAITING), started_at=NOON,
        context=dumps({"variables": {"user_name": "Asha"}, "results": {"score": 3}, "contact": {"id": 5}}),
    )  # fmt: skip
    view = (await api.client.get(f"/api/v1/executions/{execution_id}")).json()
    assert view == {
        "id": execution_id, "flowId": flow["id"], "flowVersion": 1, "status": "waiting_input", "mode": "live",
        "conversationId": "42", "channel": None, "currentNodeId": "question-email", "progress": 0.5,
        "completionReason": None,
        "timings": {
            "createdAt": "2026-03-01T12:00:00Z", "startedAt": "2026-03-01T12:00:00Z",
            "updatedAt": view["timings"]["updatedAt"], "completedAt": None, "duration": None,
        },
        "variables": {"user_name": "Asha"}, "results": {"score": 3}, "waiting": WAITING, "error": None,
        "workflow": {"workflowId": "w", "runId": None, "url": None},
    }  # fmt: skip


async def test_an_ended_execution_tells_why_and_how_long(api: Api) -> None:
    flow = await api.publish(welcome())
    error = {"code": "UNHANDLED_ERROR", "message": "It broke."}
    execution_id = await ran(
        api, flow, status="failed", completion_reason="UNHANDLED_ERROR", error=dumps(error)
    )
    view = (await api.client.get(f"/api/v1/executions/{execution_id}")).json()
    assert (view["status"], view["completionReason"], view["error"]) == ("failed", "UNHANDLED_ERROR", error)
    assert view["timings"]["duration"] == 90


@pytest.mark.parametrize("ref", ["nobody", "01900000-0000-7000-8000-000000000000", "a%00b"])
@pytest.mark.parametrize("path", ["", "/history"])
async def test_an_unknown_execution_is_not_found(api: Api, ref: str, path: str) -> None:
    answer = await api.client.get(f"/api/v1/executions/{ref}{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "EXECUTION_NOT_FOUND")


async def test_the_list_pages_newest_first_and_ties_have_an_order(api: Api) -> None:
    flow = await api.publish(welcome())
    made = [await ran(api, flow) for _ in range(5)]
    seen, cursor = [], ""
    for _ in range(3):
        page = (await api.client.get(f"/api/v1/executions?limit=2{cursor}")).json()
        seen += [row["id"] for row in page["items"]]
        cursor = f"&cursor={page['nextCursor']}"
    assert seen == sorted(made, reverse=True)
    assert page["nextCursor"] is None


async def test_the_list_is_filtered(api: Api) -> None:
    first, second = await api.publish(welcome("first")), await api.publish(welcome("second"))
    done = await ran(api, first, conversation_id="42")
    failed = await ran(api, first, status="failed", created_at=NOON - timedelta(1))
    other = await ran(api, second, status="running", completed_at=None, created_at=NOON - timedelta(2))

    async def ids(query: str) -> list[str]:
        return [row["id"] for row in (await api.client.get(f"/api/v1/executions?{query}")).json()["items"]]

    assert await ids("") == [done, failed, other]
    assert await ids("status=failed") == [failed]
    assert await ids("status=failed&status=running") == [failed, other]
    assert await ids(f"flowId={first['id']}") == [done, failed]
    assert await ids("flowId=second") == [other]
    assert await ids("flowId=nobody") == []
    assert await ids("conversationId=42") == [done]
    assert await ids("conversationId=42&flowId=second") == []
    assert await ids("active=true") == [other]
    assert await ids("active=false&flowId=first") == [done, failed]
    assert await ids("mode=test") == []
    assert await ids("startedAfter=2026-03-01T12:00:00Z") == [done]
    assert await ids("startedBefore=2026-03-01T15:00:00%2B03:00") == [failed, other]
    assert await ids("startedAfter=2026-02-28T00:00:00Z&startedBefore=2026-03-01T00:00:00Z") == [failed]


async def test_a_flows_own_list_is_filtered_alike(api: Api) -> None:
    first, second = await api.publish(welcome("first")), await api.publish(welcome("second"))
    done, running = await ran(api, first), await ran(api, first, status="running", completed_at=None)
    await ran(api, second)
    for query, wanted in (("", {done, running}), ("?active=true", {running}), ("?status=completed", {done})):
        page = (await api.client.get(f"/api/v1/flows/first/executions{query}")).json()
        assert {row["id"] for row in page["items"]} == wanted
    assert (await api.client.get("/api/v1/flows/nobody/executions")).status_code == 404


async def test_the_list_tells_what_is_awaited_until_when(api: Api) -> None:
    flow = await api.publish(welcome())
    await ran(api, flow, status="waiting_input", completed_at=None, waiting=dumps(WAITING))
    [row] = (await api.client.get("/api/v1/executions")).json()["items"]
    assert row["waiting"] == WAITING


@pytest.mark.parametrize(
    ("run", "path"),
    [(None, "default%2Fmain%2F42"), ("0194", "default%2Fmain%2F42/0194/history")],
)
async def test_an_execution_leads_to_its_page_in_the_web_ui(api: Api, run: str | None, path: str) -> None:
    flow = await api.publish(welcome())
    execution_id = await ran(api, flow, workflow_id="default/main/42", first_run_id=run)
    api.app.state.parts = replace(api.parts, temporal_ui="http://ui.test/namespaces/default")
    view = (await api.client.get(f"/api/v1/executions/{execution_id}")).json()
    url = f"http://ui.test/namespaces/default/workflows/{path}"
    assert view["workflow"] == {"workflowId": "default/main/42", "runId": run, "url": url}


@pytest.mark.parametrize(
    "query",
    ["status=gone", "conversationId=a'b", "conversationId=a%00b", "limit=-1", "cursor=x", "mode=x",
     "active=perhaps", "startedAfter=yesterday", "startedAfter=0.5",
     "startedAfter=2026-03-01", "startedAfter=2026-03-01T12:00:00",
     "startedBefore=0001-01-01T00:00:00%2B10:00", "cursor=x&flowId=nobody"],
)  # fmt: skip
async def test_a_senseless_filter_is_refused(api: Api, query: str) -> None:
    assert (await api.client.get(f"/api/v1/executions?{query}")).status_code == 422


async def test_the_record_is_read_in_order_page_by_page(api: Api) -> None:
    flow = await api.publish(welcome())
    execution_id = await ran(api, flow)
    for seq in (3, 1, 2):
        await line(api, execution_id, seq)
    first = (await api.client.get(f"/api/v1/executions/{execution_id}/history?limit=2")).json()
    assert [item["seq"] for item in first["items"]] == [1, 2]
    rest = await api.client.get(
        f"/api/v1/executions/{execution_id}/history?limit=2&cursor={first['nextCursor']}"
    )
    assert [item["seq"] for item in rest.json()["items"]] == [3]
    assert rest.json()["nextCursor"] is None
    assert (await api.client.get(f"/api/v1/executions/{execution_id}/history?cursor=MS41")).status_code == 422


async def test_a_line_of_the_record_has_every_field(api: Api) -> None:
    flow = await api.publish(welcome())
    execution_id = await ran(api, flow)
    await line(
        api, execution_id, 1, attempt=2, effect_state="done", result=dumps({"id": 7}),
        variables_snapshot=dumps({"a": 1}), merged=dumps([7, 8]),
    )  # fmt: skip
    told = {"status": "delivered", "raw": "Success", "kind": "delivery", "at": "2026-03-01T12:00:01Z"}
    for number, report in ((1, None), (2, dumps(told))):
        await api.parts.db.execute(
            "INSERT INTO effects"
            " (workspace_id, id, execution_id, node, visit, number, kind, state, digest, report)"
            " VALUES ($1, $2, $3, 'node-1', 1, $4, 'send_sms', 'done', 'd', $5)",
            *(api.workspace, new_id(), execution_id, number, report),
        )
    [item] = (await api.client.get(f"/api/v1/executions/{execution_id}/history")).json()["items"]
    assert item == {
        "seq": 1, "nodeId": "node-1", "nodeType": "message", "label": "Hello", "visit": 1, "phase": "done",
        "exit": "next", "result": {"id": 7}, "error": None, "startedAt": "2026-03-01T12:00:00Z",
        "endedAt": "2026-03-01T12:00:00Z", "attempt": 2, "effectState": "done", "variables": {"a": 1},
        "merged": [7, 8], "report": told,
    }  # fmt: skip


async def test_personal_values_are_hidden_when_asked(api: Api) -> None:
    variables = {"email": {"pii": True, "default": None}, "phone": {"pii": True}, "city": {}}
    flow = await api.publish(welcome(variables=variables))
    values = {"email": "a@b.test", "phone": None, "city": "Nairobi"}
    execution_id = await ran(api, flow, context=dumps({"variables": values}))
    await line(api, execution_id, 1, variables_snapshot=dumps(values))
    hidden = {"email": "***", "phone": None, "city": "Nairobi"}
    url = f"/api/v1/executions/{execution_id}"
    assert (await api.client.get(url)).json()["variables"] == values
    assert (await api.client.get(f"{url}?mask=true")).json()["variables"] == hidden
    [item] = (await api.client.get(f"{url}/history?mask=true")).json()["items"]
    assert item["variables"] == hidden
