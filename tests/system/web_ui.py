"""A look through Temporal's Web UI: what a browser asks its server, and the codec that it is told of."""

import base64
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from tests.system.local import Dev

NAMESPACE = "default"
METADATA = "__temporal_workflow_metadata"
OURS = base64.b64encode(b"binary/tembea-aesgcm").decode()

Payload = dict[str, Any]
Document = dict[str, Any]


@dataclass(frozen=True)
class Page:
    """The page of one execution: its description, its history, its user metadata; as they are stored."""

    description: Document
    history: list[Document]
    metadata: Document

    @property
    def whole(self) -> Document:
        """All that it shows."""
        return {"description": self.description, "history": self.history, "metadata": self.metadata}

    def events(self, kind: str) -> list[Document]:
        """The events of a type: `WORKFLOW_EXECUTION_STARTED`."""
        return [event for event in self.history if event["eventType"] == f"EVENT_TYPE_{kind}"]


@dataclass(frozen=True)
class WebUi:
    """The Web UI of a running `dev`, in a browser."""

    http: httpx.AsyncClient
    origin: str

    async def codec(self) -> str:
        """Where its settings send a browser to decode."""
        endpoint: str = (await self._get("/api/v1/settings"))["Codec"]["Endpoint"]
        return endpoint

    async def front(self) -> Document:
        """Its first page."""
        return await self._get(f"/api/v1/namespaces/{NAMESPACE}/workflows")

    async def page(self, workflow: str, run: str) -> Page:
        """All that it fetches of one execution."""
        one = f"/api/v1/namespaces/{NAMESPACE}/workflows/{quote(workflow, safe='')}"
        which = {"execution.runId": run}
        ask = {"execution": {"workflowId": workflow, "runId": run}, "query": {"queryType": METADATA}}
        # First what waits for the workflow task under way: the rest is then as that task leaves it.
        answer = await self.http.post(f"{one}/query/{METADATA}", json=ask, headers=await self._trusted())
        assert answer.status_code == 200, answer.text
        description = await self._get(one, **which)
        history = (await self._get(f"{one}/history", **which))["history"]["events"]
        return Page(description, history, answer.json())

    async def ask(self, endpoint: str, *payloads: Payload, **headers: str) -> httpx.Response:
        """What the codec answers a browser on the Web UI."""
        sent = {"Origin": self.origin, "X-Namespace": NAMESPACE, **headers}
        return await self.http.post(f"{endpoint}/decode", json={"payloads": payloads}, headers=sent)

    async def decoded(self, found: Any) -> list[Any]:
        """The values of every payload of ours in a document, as the page would show them."""
        ours = [payload for payload in payloads_in(found) if payload["metadata"]["encoding"] == OURS]
        answer = await self.ask(await self.codec(), *ours)
        assert answer.status_code == 200, answer.text
        assert answer.headers["Access-Control-Allow-Origin"] == self.origin
        return [_value(payload) for payload in answer.json()["payloads"]]

    async def _trusted(self) -> dict[str, str]:
        """What its server wants to see of a page of its own."""
        await self.http.get("/")
        return {"X-CSRF-TOKEN": self.http.cookies["_csrf"]}

    async def _get(self, path: str, **params: str) -> Document:
        answer = await self.http.get(path, params=params)
        assert answer.status_code == 200, answer.text
        document: Document = answer.json()
        return document


@asynccontextmanager
async def opened_web_ui(dev: Dev) -> AsyncIterator[WebUi]:
    """A browser on it."""
    url = dev.record().parts["temporal"].ui_url
    assert url
    async with httpx.AsyncClient(base_url=url, timeout=20) as http:
        yield WebUi(http, url)


def payloads_in(found: Any) -> Iterator[Payload]:
    """Every payload of a document, encrypted or not."""
    if isinstance(found, list):
        for item in found:
            yield from payloads_in(item)
    elif isinstance(found, dict):
        if "encoding" in (found.get("metadata") or {}):
            yield found
        for value in found.values():
            yield from payloads_in(value)


def in_the_clear(found: Any) -> list[Any]:
    """The values of payloads that are not encrypted."""
    return [_value(payload) for payload in payloads_in(found) if payload["metadata"]["encoding"] != OURS]


def _value(payload: Payload) -> Any:
    encoding = base64.b64decode(payload["metadata"]["encoding"])
    assert encoding in (b"json/plain", b"json/protobuf", b"binary/null"), encoding
    data = base64.b64decode(payload.get("data", ""))
    return json.loads(data) if data else None
