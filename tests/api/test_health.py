"""Whether the service lives, can serve, and which part is down."""

import pytest

from store.database import Database
from tests.api.conftest import Api, client_of

pytestmark = pytest.mark.real


async def test_all_is_well(api: Api) -> None:
    async with client_of(api.app) as anyone:
        assert (await anyone.get("/livez")).json() == {"status": "ok"}
        ready = await anyone.get("/readyz")
        health = (await anyone.get("/health")).json()
    assert (ready.status_code, ready.json()["status"]) == (200, "ok")
    assert health["status"] == "ok"
    assert health["versions"]["tembea"] == "1.2.3"
    assert {name: part["status"] for name, part in health["components"].items()} == {
        "database": "ok", "migrations": "ok", "temporal": "ok",
    }  # fmt: skip


async def test_without_temporal_it_lives_and_says_so(api: Api) -> None:
    api.edge.is_gone()
    async with client_of(api.app) as anyone:
        assert (await anyone.get("/livez")).status_code == 200
        ready = await anyone.get("/readyz")
        health = await anyone.get("/health")
    assert (ready.status_code, ready.json()["components"]["temporal"]) == (
        503, {"status": "down", "detail": "Unreachable"},
    )  # fmt: skip
    assert ready.json()["components"]["database"]["status"] == "ok"
    assert (health.status_code, health.json()["status"]) == (200, "down")


async def test_without_the_database_it_says_so_and_names_no_host(api: Api) -> None:
    api.lose_database()
    async with client_of(api.app) as anyone:
        assert (await anyone.get("/livez")).status_code == 200
        ready = await anyone.get("/readyz")
    components = ready.json()["components"]
    assert (ready.status_code, components["database"]["status"], components["migrations"]["status"]) == (
        503, "down", "down",
    )  # fmt: skip
    assert components["temporal"]["status"] == "ok"
    assert "127.0.0.1" not in ready.text


async def test_a_database_behind_the_release_is_not_ready(api: Api, db: Database) -> None:
    newest = await db.fetchval("SELECT version_num FROM alembic_version")
    await db.execute("UPDATE alembic_version SET version_num = 'older'")
    try:
        async with client_of(api.app) as anyone:
            components = (await anyone.get("/readyz")).json()["components"]
    finally:
        await db.execute("UPDATE alembic_version SET version_num = $1", newest)
    assert components["database"]["status"] == "ok"
    assert components["migrations"] == {"status": "down", "detail": "migrations are missing"}
