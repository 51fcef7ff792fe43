"""The examples' conversations on real parts: the same words as in the simulator."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from providers.http.pooled import Pooled
from simulator.flows import Flows
from simulator.lines import Advance, Desk, Line
from simulator.playing import play as simulate
from simulator.simulation import Simulation
from simulator.talks import read_flow, read_talk, scenario_of
from tests.providers.http.raw import Raw, answer, serving
from tests.servers import scratch_state_dir
from tests.system.local import running_dev
from tests.system.office import EXAMPLES, Office, opened_office
from wiring.catalog import catalogue
from wiring.recorded import Recorded
from wiring.scenario import PATIENCE, play

pytestmark = pytest.mark.real

SHOP = {"A-17": b'{"status": "on its way"}'}
"""What the shop knows; it hangs up on whoever asks after `away`."""


def for_real(lines: list[Line]) -> bool:
    """Whether it can be played where time is real and nobody is at the desk."""
    waits = [line.advance for line in lines if isinstance(line, Advance)]
    return all(seconds <= PATIENCE for seconds in waits) and not any(isinstance(one, Desk) for one in lines)


TALKS = [talk for talk in sorted(EXAMPLES.rglob("*.talk.json")) if for_real(read_talk(talk))]


async def shop(asked: bytes, writer: asyncio.StreamWriter) -> None:
    """Answers as the examples' mocks do."""
    found = re.match(rb"GET /(?P<shop>[a-z]+)/orders/(?P<order>[\w-]+) ", asked)
    if found is None or found["shop"] == b"away":
        writer.close()
        return
    order = SHOP.get(found["order"].decode())
    writer.write(answer(200 if order else 404, order or b"{}", content_type="application/json"))


@pytest.fixture(scope="module")
async def place() -> AsyncIterator[tuple[Office, Raw]]:
    """A `dev` whose flows may ask the shop."""
    with scratch_state_dir() as folder:
        async with (
            serving(shop) as raw,
            running_dev(folder, TEMBEA_SAFE_HTTP_ALLOW=raw.here) as dev,
            opened_office(dev) as office,
        ):
            yield office, raw


def document_of(flow: Path, scenario: str, raw: Raw) -> dict[str, Any]:
    """The flow; the shop that it asks is ours."""
    document = read_flow(flow)
    if "shop_url" in document.get("variables", {}):
        document["variables"]["shop_url"]["default"] = raw.url(f"/{scenario}")
    return document


async def publish_beside(office: Office, flow: Path) -> None:
    """The flows that it may walk, under their own ids."""
    for other in sorted(flow.parent.glob("*.json")):
        if other != flow and not other.name.endswith((".talk.json", ".ui.json")):
            content = json.loads(other.read_bytes())
            created = (await office.api.post("/api/v1/flows", json={"flow": content})).json()
            done = await office.api.post(f"/api/v1/flows/{created['id']}/publish", json={})
            assert done.status_code == 200, done.text


@pytest.mark.parametrize("talk", TALKS, ids=lambda talk: talk.name.removesuffix(".talk.json"))
async def test_a_conversation_goes_for_real_as_it_goes_in_the_simulator(
    place: tuple[Office, Raw], talk: Path
) -> None:
    office, raw = place
    flow, scenario = scenario_of(talk)
    await publish_beside(office, flow)
    document = document_of(flow, scenario, raw)
    mine = await office.beside(document)
    id = (await mine.api.get(f"/api/v1/flows/{document['id']}-{mine.inbox['id']}")).json()["id"]
    visitor, told = await mine.visitor(), list[tuple[str, str]]()
    headers = {"X-API-Key": SecretStr(office.dev.first_key)}
    async with Pooled(office.dev.url("api"), provider="tembea", headers=headers) as api:
        record = Recorded(api, id, lambda: visitor.conversation)
        await play(read_talk(talk), visitor, lambda who, text: told.append((who, text)), record=record)
    assert [text for who, text in told if who == "bot"] == await simulated(flow, talk)


async def simulated(flow: Path, talk: Path) -> list[str]:
    """What the bot says in the simulator."""
    found = Flows(catalogue()).compiled(flow)
    async with Simulation(found.plan, catalogue(), plans=found.plans) as simulation:
        played = await simulate(read_talk(talk), simulation)
    assert played.failure is None
    return [one.text for one in played.transcript if one.who == "bot"]
