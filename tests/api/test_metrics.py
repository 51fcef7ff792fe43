"""What Prometheus reads of the API: what was counted, how things stand, and nothing about anybody."""

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from store import inbox, record
from tests.api.conftest import Api, client_of
from tests.api.documents import welcome
from tests.api.serving import following, served
from tests.store.made import flush, line, message, scene

pytestmark = pytest.mark.real

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


async def samples(api: Api) -> Samples:
    """Every figure, by its name and labels."""
    answer = await api.client.get("/metrics")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def named(name: str, **labels: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The key of a figure."""
    return name, tuple(sorted(labels.items()))


async def grown(api: Api, before: Samples, name: str, **labels: str) -> float:
    """By how much a figure has grown."""
    return (await samples(api)).get(named(name, **labels), 0) - before.get(named(name, **labels), 0)


async def test_metrics_are_told_with_a_key_only(api: Api) -> None:
    async with client_of(api.app) as stranger:
        assert (await stranger.get("/metrics")).status_code == 401


async def test_requests_are_counted_by_the_template_of_their_route(api: Api) -> None:
    before = await samples(api)
    for name in ("asha", "0712345678"):
        await api.client.get(f"/api/v1/flows/{name}")
        await api.client.get(f"/nowhere/{name}")
    await api.client.request("GREET", "/api/v1/flows")
    counted = "tembea_request_seconds_count"
    route = "/api/v1/flows/{id}"
    assert await grown(api, before, counted, method="GET", route=route, status="404") == 2
    assert await grown(api, before, counted, method="GET", route="none", status="404") == 2
    assert {dict(labels)["method"] for name, labels in await samples(api) if name == counted} <= {
        "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "WEBSOCKET", "other",
    }  # fmt: skip
    text = (await api.client.get("/metrics")).text
    assert "asha" not in text
    assert "0712345678" not in text


async def test_webhooks_are_counted_by_what_became_of_them(api: Api) -> None:
    before = await samples(api)
    for channel, body in (("main", b"{}"), ("nowhere", b"{}"), ("open", b"{"), ("open", b'{"event": "x"}')):
        await api.client.post(
            f"/webhooks/chatwoot/{channel}", content=body, headers={"Content-Type": "application/json"}
        )
    for result in ("invalid_signature", "channel_not_found", "invalid_json", "ignored"):
        assert await grown(api, before, "tembea_webhooks_total", provider="chatwoot", result=result) == 1, (
            result
        )


async def test_what_waits_is_told_as_it_stands(api: Api) -> None:
    before = await samples(api)
    await inbox.accept(api.parts.db, api.workspace, "main", message("left"), claim_seconds=0)
    await api.publish(welcome())
    await api.client.post("/api/v1/flows/welcome/execute", json={})
    assert await grown(api, before, "tembea_inbox_rows", state="received") == 1
    assert await grown(api, before, "tembea_executions_active", status="starting") == 1
    now = await samples(api)
    assert now[named("tembea_inbox_oldest_seconds")] > 0
    assert now[named("tembea_inbox_rows", state="dead")] >= 0
    assert now[named("tembea_database_pool", state="size")] == 5


async def test_executions_are_counted_as_they_start_and_end_once(api: Api) -> None:
    before = await samples(api)
    row = await inbox.accept(api.parts.db, api.workspace, "main", message("1"))
    where = scene(row.lane, row.id).model_copy(update={"workspace": api.workspace})
    await record.apply(api.parts.db, flush(where, line(1), status="waiting_input"))
    for _ in range(2):
        await record.apply(api.parts.db, flush(where, line(2), at=1, status="expired"))
    assert await grown(api, before, "tembea_executions_started_total") == 1
    assert await grown(api, before, "tembea_executions_ended_total", status="expired") == 1


async def test_readers_are_told_while_they_are_there(api: Api) -> None:
    where = scene("00000000-0000-0000-0000-00000000000b").model_copy(update={"workspace": api.workspace})
    await record.apply(api.parts.db, flush(where, line(1)))
    async with served(api.app) as address:
        async with following(address, where.execution_id, api.key) as events:
            await anext(events)
            assert (await samples(api))[named("tembea_live_readers")] == 1
        async with httpx.AsyncClient(base_url=f"http://{address}", headers={"X-API-Key": api.key}) as other:
            assert "tembea_live_readers " in (await other.get("/metrics")).text
