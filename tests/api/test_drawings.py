"""A flow's graph over HTTP: for programs, and drawn."""

import base64
import hashlib
import re
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from tests.api.conftest import Api
from tests.api.documents import broken, welcome

pytestmark = pytest.mark.real

MERMAID, SVG = "text/vnd.mermaid", "image/svg+xml"


async def graph(api: Api, accept: str | None = None, flow: str = "welcome", **params: Any) -> httpx.Response:
    headers = {"Accept": accept} if accept else {}
    return await api.client.get(f"/api/v1/flows/{flow}/graph", headers=headers, params=params)


async def test_a_program_gets_nodes_edges_and_an_order(api: Api) -> None:
    await api.client.post("/api/v1/flows", json={"flow": welcome()})
    answer = await graph(api)
    told = answer.json()
    assert answer.headers["Content-Type"] == "application/json"
    assert told["order"] == ["start", "hello", "end"]
    assert told["edges"][0] == {
        "from": "start",
        "exit": "next",
        "to": "hello",
        "conditional": False,
        "priority": 0,
    }
    assert [(node["id"], node["kind"]) for node in told["nodes"]][1] == ("hello", "message")


async def test_a_page_gets_mermaid(api: Api) -> None:
    await api.client.post("/api/v1/flows", json={"flow": welcome()})
    answer = await graph(api, MERMAID)
    assert answer.headers["Content-Type"].startswith(MERMAID)
    assert answer.text.startswith("flowchart TD\n")


async def test_a_person_gets_a_drawing_that_can_do_nothing_as_a_page(api: Api) -> None:
    await api.client.post("/api/v1/flows", json={"flow": welcome(name="<script>alert(1)</script>")})
    answer = await graph(api, SVG)
    assert answer.headers["Content-Type"] == SVG
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Accept" in answer.headers["Vary"]
    style = re.findall(r"<style>(.*?)</style>", answer.text)[0]
    hashed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{hashed}'; sandbox"
    assert answer.headers["Content-Security-Policy"] == policy
    assert "<script" not in answer.text
    ElementTree.fromstring(answer.text)


async def test_errors_of_a_draft_are_marked(api: Api) -> None:
    document = broken()
    document["nodes"].append({"id": "what", "type": "teleport"})
    await api.client.post("/api/v1/flows", json={"flow": document})
    drawn = (await graph(api, SVG, "broken")).text
    assert "UNKNOWN_KIND" in drawn
    assert 'class="node wrong" data-node="what"' in drawn
    assert "class n1 wrong" in (await graph(api, MERMAID, "broken")).text


async def test_any_version_can_be_drawn(api: Api) -> None:
    await api.client.post("/api/v1/flows", json={"flow": welcome(name="First")})
    await api.client.post("/api/v1/flows", json={"flow": welcome(name="Second")})
    assert "<title>Second</title>" in (await graph(api, SVG)).text
    assert "<title>First</title>" in (await graph(api, SVG, version=1)).text
    missing = await graph(api, SVG, version=3)
    assert (missing.status_code, missing.json()["code"]) == (404, "VERSION_NOT_FOUND")


async def test_what_cannot_be_read_has_no_graph_but_its_errors(api: Api) -> None:
    await api.client.post("/api/v1/flows", json={"flow": {"id": "odd", "nodes": 7}})
    answer = await graph(api, SVG, "odd")
    problem = answer.json()
    assert (answer.status_code, problem["error"]) == (422, "CompilationError")
    assert problem["details"]["issues"][0]["pointer"]


async def test_what_nobody_offers_and_what_is_not_there_is_said(api: Api) -> None:
    await api.client.post("/api/v1/flows", json={"flow": welcome()})
    answer = await graph(api, "image/png")
    assert (answer.status_code, answer.json()["code"]) == (406, "NOT_ACCEPTABLE")
    assert (await graph(api, flow="nobody")).json()["code"] == "FLOW_NOT_FOUND"
