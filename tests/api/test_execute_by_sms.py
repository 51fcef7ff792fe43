"""Starting executions with a phone: on the person's lane, once at a time, and their number stays unseen."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from api.parts import Channel
from dsl.addresses import lane_address
from store.addresses import Addresses
from store.ids import new_id
from store.lanes import open_lane
from tests.api.conftest import Api
from tests.api.documents import welcome

pytestmark = pytest.mark.real

PHONE, SENDER, AT = "+254711000111", "28901", "at-1"


@pytest.fixture
async def texting(api: Api) -> Api:
    """The application with an account that sends texts, and a published flow."""
    line = Channel("main", AT, workspace=api.workspace)
    parts = replace(api.parts, lines={"main": line}, sender=SENDER)
    api.app.state.parts = parts
    await api.publish(welcome())
    return replace(api, parts=parts)


async def execute(api: Api, **body: Any) -> httpx.Response:
    return await api.client.post("/api/v1/flows/welcome/execute", json={"channel": "sms", **body})


async def test_an_execution_begins_on_the_lane_of_the_persons_texts(texting: Api) -> None:
    answer = await execute(texting, address="+254711000111", variables={"plan": "gold"})
    assert answer.status_code == 202
    [start] = texting.edge.starts
    scene, address = start["scene"], lane_address(texting.parts.hashed, SENDER, PHONE)
    assert (scene.channel, scene.connection, scene.conversation) == ("sms", AT, address)
    assert (scene.phone, scene.service) == (PHONE, SENDER)
    assert start["workflow_id"] == f"{texting.workspace}/{AT}/{address}"
    assert (start["contact"], start["conversation"]) == (
        {"phone": PHONE},
        {"channel": "sms", "service": SENDER},
    )
    lane = await open_lane(texting.parts.db, texting.workspace, AT, address)
    assert scene.lane == lane.id


async def test_a_number_is_the_same_person_however_it_is_written(texting: Api) -> None:
    for address in ("+254711000111", "254711000111", 254711000111):
        assert (await execute(texting, address=address)).status_code == 202
    assert len({start["scene"].lane for start in texting.edge.starts}) == 1


async def test_no_phone_number_is_kept_but_what_the_flow_is_told_of_its_person(texting: Api) -> None:
    await execute(texting, address=PHONE)
    assert PHONE not in texting.edge.starts[0]["workflow_id"]
    for table in ("lanes", "lane_addresses", "executions"):
        rows = await texting.rows(f"SELECT t::text FROM {table} AS t WHERE workspace_id = $1")
        assert not any("711000111" in row[0] for row in rows), table


@pytest.mark.parametrize("address", [None, "amina", "0711000111", "42"])
async def test_what_is_no_phone_number_starts_nothing(texting: Api, address: str | None) -> None:
    answer = await execute(texting, **({"address": address} if address else {}))
    assert (answer.status_code, answer.json()["code"]) == (422, "NOT_A_PHONE")
    assert texting.edge.starts == []


@pytest.mark.parametrize("channel", ["ussd", "voice"])
async def test_nobody_is_put_on_a_line_by_api_but_in_a_test(texting: Api, channel: str) -> None:
    answer = await execute(texting, channel=channel, address=PHONE)
    assert (answer.status_code, answer.json()["code"]) == (422, "CHANNEL_NOT_STARTED")
    assert (await execute(texting, channel=channel, address=PHONE, testMode=True)).status_code == 202
    [start] = texting.edge.starts
    assert (start["scene"].channel, start["scene"].phone, start["scene"].mode) == (channel, PHONE, "test")


async def test_without_an_account_there_is_no_such_channel(api: Api) -> None:
    await api.publish(welcome())
    answer = await execute(api, address=PHONE)
    assert (answer.status_code, answer.json()["code"]) == (404, "CHANNEL_NOT_FOUND")


async def test_a_person_who_speaks_with_another_flow_by_text_is_busy(texting: Api) -> None:
    other = new_id()
    texting.edge.is_busy(other)
    answer = await execute(texting, address=PHONE)
    assert (answer.status_code, answer.json()["code"]) == (409, "CONVERSATION_BUSY")
    assert answer.json()["details"] == {"executionId": other}


async def test_a_person_whose_texts_go_to_a_run_on_another_channel_is_busy(texting: Api) -> None:
    """It began on USSD and goes on by SMS: the lane of texts is free, and yet taken."""
    address, run = lane_address(texting.parts.hashed, SENDER, PHONE), new_id()
    lane = await open_lane(texting.parts.db, texting.workspace, AT, "*384*1#/x")
    where = (texting.workspace, AT, address)
    assert await Addresses(texting.parts.db).point(*where, lane=lane.id, execution_id=run) == "pointed"
    answer = await execute(texting, address=PHONE)
    assert (answer.status_code, answer.json()["code"]) == (409, "CONVERSATION_BUSY")
    assert answer.json()["details"] == {"executionId": run}
    assert texting.edge.starts == []
    assert await texting.rows("SELECT id FROM executions WHERE workspace_id = $1") == []
