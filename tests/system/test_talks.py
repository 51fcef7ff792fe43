"""The examples' conversations on real parts: the same words as in the simulator."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from pydantic import SecretStr

from dsl.channels import CHATWOOT
from dsl.model import Json
from providers.http.pooled import Pooled
from simulator.flows import Flow, Flows
from simulator.lines import Advance, Desk, Line
from simulator.person import PHONE
from simulator.playing import play as simulate
from simulator.simulation import Simulation
from simulator.talks import read_flow, read_talk, scenario_of
from tests.system.office import EXAMPLES, Office
from torture.raw import Raw
from wiring.catalog import catalogue
from wiring.people import channel_of, number_of, started_by, subscriber
from wiring.phones import Phones
from wiring.recorded import Recorded
from wiring.scenario import PATIENCE, play

pytestmark = pytest.mark.real


def for_real(lines: list[Line]) -> bool:
    """Whether it can be played where time is real and nobody is at the desk."""
    waits = [line.advance for line in lines if isinstance(line, Advance)]
    return all(seconds <= PATIENCE for seconds in waits) and not any(isinstance(one, Desk) for one in lines)


TALKS = [talk for talk in sorted(EXAMPLES.rglob("*.talk.json")) if for_real(read_talk(talk))]


def document_of(flow: Path, scenario: str, shop: Raw) -> dict[str, Any]:
    """The flow; the shop that it asks is ours."""
    document = read_flow(flow)
    if "shop_url" in document.get("variables", {}):
        document["variables"]["shop_url"]["default"] = shop.url(f"/{scenario}")
    return document


def teller() -> tuple[list[str], Callable[[str, str], None]]:
    """What the bot says, as it is told."""
    said: list[str] = []
    return said, lambda who, text: said.append(text) if who == "bot" else None


async def in_the_chat(office: Office, document: dict[str, Any], lines: list[Line]) -> list[str]:
    """What the bot says to a visitor of an inbox of the flow's own."""
    mine = await office.beside(document)
    id = (await mine.api.get(f"/api/v1/flows/{document['id']}-{mine.inbox['id']}")).json()["id"]
    visitor, (said, tell) = await mine.visitor(), teller()
    async with api_of(office) as api:
        await play(lines, visitor, tell, record=Recorded(api, id, lambda: visitor.conversation))
    return said


async def by_phone(office: Office, flow: Flow, document: dict[str, Any], talk: Path) -> list[str]:
    """What the bot says to somebody who dials, calls or writes to a number of the flow's own."""
    lines, (said, tell) = read_talk(talk), teller()
    channel = channel_of(flow.result.spec, lines)
    number, phone = number_of(channel), phone_of(talk)
    named = {**started_by(document, channel, number), "id": f"{document['id']}-{crc32(number.encode())}"}
    await office.publish_below(named)
    id = (await office.api.get(f"/api/v1/flows/{named['id']}")).json()["id"]
    async with api_of(office) as api, Pooled(office.dev.url(Phones.name), provider=Phones.name) as network:
        person = await subscriber(network, flow.result.spec, channel, number, phone)
        await play(lines, person, tell, record=Recorded(api, id))
        said += (await person.heard())[len(said) :]
    return said


def api_of(office: Office) -> Pooled:
    headers = {"X-API-Key": SecretStr(office.dev.first_key)}
    return Pooled(office.dev.url("api"), provider="tembea", headers=headers)


def phone_of(talk: Path) -> str:
    """The number that the conversation speaks of, else one that no other conversation has."""
    if PHONE in talk.read_text():
        return PHONE
    return f"+2547001{crc32(talk.name.encode()) % 100_000:05}"


@pytest.mark.parametrize("talk", TALKS, ids=lambda talk: talk.name.removesuffix(".talk.json"))
async def test_a_conversation_goes_for_real_as_it_goes_in_the_simulator(
    office: Office, shop: Raw, talk: Path
) -> None:
    path, scenario = scenario_of(talk)
    flow, lines = Flows(catalogue()).compiled(path), read_talk(talk)
    for below in flow.files[:-1]:
        await office.publish_below(read_flow(below))
    document = document_of(path, scenario, shop)
    if channel_of(flow.result.spec, lines) == CHATWOOT:
        said, contact = await in_the_chat(office, document, lines), None
    else:
        said, contact = await by_phone(office, flow, document, talk), {"phone": phone_of(talk)}
    assert said == await simulated(flow, lines, contact)


async def simulated(flow: Flow, lines: list[Line], contact: dict[str, Json] | None) -> list[str]:
    """What the bot says in the simulator."""
    setting = flow.setting(contact=contact)
    async with Simulation(flow.plan, catalogue(), setting, plans=flow.plans) as simulation:
        played = await simulate(lines, simulation)
    assert played.failure is None
    return [one.text for one in played.transcript if one.who == "bot"]
