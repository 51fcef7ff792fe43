"""The application over a real database; Temporal's edge writes down what it is asked."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from api.app import create_app
from api.parts import Channel, Parts
from dsl.messages import Control, Scene
from intake.gateway import Busy, Chain, Gateway, Unreachable
from store import access
from store.batches import Batch
from store.database import Database, engine_for
from store.ids import new_id
from tests.servers import Copies
from wiring.catalog import catalogue

SECRET = SecretStr("whsec-of-the-channel-in-tests")
OTHER_SECRET = SecretStr("the-one-it-replaces")
"""Either signs the webhooks of channel `main`."""


@dataclass
class Edge(Gateway):
    """Temporal's edge: writes down starts and deliveries, and fails on demand."""

    starts: list[dict[str, Any]] = field(default_factory=list)
    delivered: list[tuple[str, str]] = field(default_factory=list)
    commands: list[tuple[str, Chain, str | None]] = field(default_factory=list)
    values: list[dict[str, Any]] = field(default_factory=list)
    """Variables that were set."""
    runs: bool = True
    """Whether Temporal has an open run of the executions that are commanded."""
    fails: Exception | None = None
    waits_for: asyncio.Event | None = None
    runs_on: bool = False
    """Whether runs are open, whatever is on record."""

    async def start_by_api(self, scene: Scene, **given: Any) -> str:
        if self.fails:
            raise self.fails
        self.starts.append({"scene": scene, **given})
        return scene.execution_id

    async def deliver(
        self, workspace: str, lane: str, *, claimed: bool = False, batch: Batch | None = None
    ) -> bool:
        if self.waits_for:
            await self.waits_for.wait()
        if self.fails:
            raise self.fails
        assert claimed
        self.delivered.append((workspace, lane))
        return True

    async def cancel(self, chain: Chain) -> bool:
        if self.fails:
            raise self.fails
        self.commands.append(("cancel", chain, None))
        return self.runs

    async def control(self, chain: Chain, control: Control, id: str) -> bool:
        if self.fails:
            raise self.fails
        self.commands.append((control.command, chain, id))
        self.values += [control.values] if control.command == "set" else []
        return self.runs

    async def is_open(self, workflow_id: str, execution_id: str | None) -> bool:
        if self.fails:
            raise self.fails
        return self.runs_on

    async def check(self, timeout: float) -> None:  # noqa: ASYNC109
        if self.fails:
            raise self.fails

    def is_busy(self, execution_id: str) -> None:
        """The next starts find another run on their lane."""
        self.fails = Busy(execution_id)

    def is_gone(self) -> None:
        """Temporal does not answer."""
        self.fails = Unreachable("no answer")


@dataclass
class Api:
    """The application and a client that holds a key."""

    app: FastAPI
    parts: Parts
    edge: Edge
    client: httpx.AsyncClient
    key: str
    workspace: str

    async def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What a query gives; `$1` is the test's workspace."""
        return [tuple(row) for row in await self.parts.db.fetch(sql, self.workspace)]

    def lose_database(self) -> None:
        """From now on nobody listens where the database was."""
        nowhere = "postgresql://nobody@127.0.0.1:1/nothing"
        self.app.state.parts = replace(self.parts, db=Database(nowhere, engine_for(nowhere, 1)))

    async def publish(self, document: dict[str, Any]) -> dict[str, Any]:
        """Stores and publishes a flow; what publishing said."""
        saved = (await self.client.post("/api/v1/flows", json={"flow": document})).json()
        published = await self.client.post(f"/api/v1/flows/{saved['id']}/publish")
        assert published.status_code == 200, published.text
        said: dict[str, Any] = published.json()
        return said


@pytest.fixture(scope="session")
async def db(copies: Copies) -> AsyncIterator[Database]:
    """A migrated database of this folder's own; each test has a workspace of its own in it."""
    database = await Database.open(await copies.take(), size=5)
    yield database
    await database.close()


@pytest.fixture(scope="session")
def app(db: Database) -> FastAPI:
    """The application, made once: to derive its routes takes longer than most tests."""
    return create_app(parts_of(db, "nobody's"))


def parts_of(db: Database, workspace: str) -> Parts:
    """With channels signed and unsigned."""
    channels = {
        "main": Channel("main", "main", (SECRET, OTHER_SECRET), workspace=workspace),
        "open": Channel("open", "open", allow_unsigned=True, workspace=workspace),
        "shut": Channel("shut", "shut", workspace=workspace),
    }
    return Parts(
        db=db,
        gateway=Edge(),
        catalogue=catalogue(),
        channels=channels,
        version="1.2.3",
        cors_origins=("http://localhost:5173",),
    )


@pytest.fixture
async def api(app: FastAPI, db: Database) -> AsyncIterator[Api]:
    """The application over parts of the test's own, and a client with a key."""
    workspace = f"test-{new_id()}"
    app.state.parts = parts = parts_of(db, workspace)
    assert isinstance(parts.gateway, Edge)
    key = await access.create(db, workspace, "tests")
    async with client_of(app) as client:
        client.headers["X-API-Key"] = key
        yield Api(app, parts, parts.gateway, client, key, workspace)
    await parts.deliveries.finish(5)


def client_of(app: FastAPI) -> httpx.AsyncClient:
    """A client without a key."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://tembea.test")
