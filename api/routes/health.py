"""Whether the process lives and can serve, and how its parts are. Public: names no host."""

import asyncio
import platform
from typing import Literal

from fastapi import APIRouter, Request, Response

from api.guard import GuardedRoute, public
from api.parts import Parts, parts_of
from dsl.model import Message
from store.migrate import at_head

SECONDS = 2.0
"""A part that takes longer to answer is down."""

router = APIRouter(tags=["health"], route_class=GuardedRoute)

Word = Literal["ok", "down"]


class Alive(Message):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Component(Message):
    """How a part is; `detail` says what is wrong with it."""

    status: Word
    detail: str | None = None


class Components(Message):
    """The servers we stand on."""

    database: Component
    migrations: Component
    temporal: Component


class Readiness(Message):
    """`ok` when every part is."""

    status: Word
    components: Components


class Versions(Message):
    """What runs here."""

    tembea: str
    python: str


class Health(Readiness):
    """Readiness, and what runs here."""

    versions: Versions


@router.get("/livez")
@public()
async def livez() -> Alive:
    """The process answers."""
    return Alive()


@router.get("/readyz", responses={503: {"model": Readiness}})
@public()
async def readyz(request: Request, response: Response) -> Readiness:
    """200 when every part answers, else 503 with the part that does not."""
    readiness = await _look(parts_of(request))
    response.status_code = 200 if readiness.status == "ok" else 503
    return readiness


@router.get("/health")
@public()
async def health(request: Request) -> Health:
    """How every part is, and what runs here; always 200."""
    parts = parts_of(request)
    readiness = await _look(parts)
    versions = Versions(tembea=parts.version, python=platform.python_version())
    return Health(status=readiness.status, components=readiness.components, versions=versions)


async def _look(parts: Parts) -> Readiness:
    database, migrations, temporal = await asyncio.gather(
        _database(parts), _migrations(parts), _temporal(parts)
    )
    well = all(part.status == "ok" for part in (database, migrations, temporal))
    components = Components(database=database, migrations=migrations, temporal=temporal)
    return Readiness(status="ok" if well else "down", components=components)


async def _database(parts: Parts) -> Component:
    try:
        async with asyncio.timeout(SECONDS):
            await parts.db.fetchrow("SELECT 1")
    except Exception as error:
        return _down(error)
    return Component(status="ok")


async def _migrations(parts: Parts) -> Component:
    try:
        async with asyncio.timeout(SECONDS):
            current = await at_head(parts.db)
    except Exception as error:
        return _down(error)
    return Component(status="ok") if current else Component(status="down", detail="migrations are missing")


async def _temporal(parts: Parts) -> Component:
    try:
        async with asyncio.timeout(SECONDS):
            await parts.gateway.check(SECONDS)
    except Exception as error:
        return _down(error)
    return Component(status="ok")


def _down(error: Exception) -> Component:
    """Whatever was raised means down; its type is told, its text (hosts, names) is not."""
    return Component(status="down", detail=type(error).__name__)
