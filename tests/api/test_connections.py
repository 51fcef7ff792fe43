"""A flow that proves itself with a connection is told, before it runs, whether there is one."""

from dataclasses import replace
from typing import Any

import pytest

from tests.api.conftest import Api
from tests.api.documents import welcome

pytestmark = pytest.mark.real


def asking(auth: str) -> dict[str, Any]:
    ask = {"id": "ask", "type": "api", "config": {"url": "https://crm.example/people", "auth": auth}}
    exits = ("success", "failure", "error")
    edges = [{"from": "ask", "exit": exit, "to": "end"} for exit in exits]
    nodes = [{"id": "start", "type": "start"}, ask, {"id": "end", "type": "end"}]
    return {**welcome(), "nodes": nodes, "edges": [{"from": "start", "to": "ask"}, *edges]}


@pytest.mark.parametrize(
    ("known", "auth", "warned"),
    [(frozenset({"crm"}), "crm", False), (frozenset({"crm"}), "crms", True), (None, "crms", False)],
)
async def test_a_connection_nobody_set_up_is_a_warning_and_no_error(
    api: Api, known: frozenset[str] | None, auth: str, warned: bool
) -> None:
    api.app.state.parts = replace(api.parts, connections=known)
    checked = (await api.client.post("/api/v1/flows/validate", json={"flow": asking(auth)})).json()
    await api.client.post("/api/v1/flows", json={"flow": asking(auth)})
    published = await api.client.post("/api/v1/flows/welcome/publish")
    assert (checked["valid"], published.status_code) == (True, 200)
    for warnings in (checked["warnings"], published.json()["warnings"]):
        found = [one for one in warnings if one["code"] == "UNKNOWN_CONNECTION"]
        assert [one["pointer"] for one in found] == (["/nodes/1/config/auth"] if warned else [])
        assert all("did you mean 'crm'?" in one["message"] for one in found)
