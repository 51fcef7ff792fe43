"""What executors are handed, as the settings say, and that all of it is closed at the end."""

import asyncio
import json
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import pytest
from pydantic import SecretStr

from providers.errors import ProviderError
from store.database import Database
from tests.workflows.world import SCENE
from torture.raw import always, answer, serving, silence
from wiring.house import at_connection, equipped, reached
from wiring.settings import Settings
from wiring.supervise.ports import free_port
from wiring.telephony import telephony

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


async def test_what_is_in_the_air_is_cut_when_the_equipment_is_closed() -> None:
    """An open connection is what shows that the guarded door was closed too."""
    async with serving(silence) as raw:
        async with equipped(Settings(tembea_safe_http_allow=(raw.here,))) as equipment:
            asking = asyncio.create_task(equipment.http.request("GET", raw.url()))
            async with asyncio.timeout(10):
                while not raw.seen:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
        async with asyncio.timeout(10):
            with pytest.raises(ProviderError, match="CONNECTION_LOST"):
                await asking


async def test_executors_are_handed_the_operators_receiver_and_connections() -> None:
    crm = {"type": "bearer", "token": "token-of-the-crm", "hosts": ["crm.example.org"]}
    async with serving(always(answer(200))) as raw:
        settings = Settings.model_validate(
            {
                "tembea_webhook_out_url": raw.url("/events"),
                "tembea_webhook_out_secret": SECRET,
                "tembea_webhook_out_idempotent": True,
                "tembea_connections": json.dumps({"crm": crm}),
            }
        )
        async with equipped(settings) as equipment:
            tools = equipment.tools(SCENE, "key")
            assert tools.receiver
            assert tools.receiver.idempotent
            await tools.receiver.send("key", {})
    assert raw.seen[0].startswith(b"POST /events HTTP/1.1")
    assert list(tools.connections) == ["crm"]


@pytest.mark.real
async def test_executors_are_handed_the_operators_phones(db: Database) -> None:
    settings = Settings(
        at_username="sandbox",
        at_api_key=SecretStr("key"),
        at_api_url="http://127.0.0.1:9",
        at_sender_id="DUKA",
        at_payments_url="http://127.0.0.1:9",
    )
    assert at_connection(settings) == "127.0.0.1:9-sandbox"
    async with (
        telephony(settings, at_connection(settings), db, str.upper) as telecom,
        equipped(settings, telecom) as equipment,
    ):
        phones = equipment.tools(SCENE, "key").phones()
    assert (phones.connection, phones.sender) == ("127.0.0.1:9-sandbox", "DUKA")
    await phones.opt_outs.add("ws", "+254a", "DUKA")
    assert await phones.opt_outs.refuses("ws", "+254a", "DUKA")
    assert not await phones.opt_outs.refuses("ws", "+254a", None)
    assert phones.payments, "whoever says where payments are has them"


@pytest.mark.real
async def test_without_settings_nobody_has_a_phone(db: Database) -> None:
    async with telephony(Settings(), at_connection(Settings()), db, str.upper) as telecom:
        assert telecom is None
    assert at_connection(Settings()) == "none"


async def test_without_settings_there_is_no_receiver_and_no_connection() -> None:
    async with equipped(Settings()) as equipment:
        assert (equipment.receiver, dict(equipment.connections)) == (None, {})


@pytest.mark.real
async def test_a_start_waits_for_a_database_that_starts_too(dsn: str, tmp_path: Path) -> None:
    place = urlsplit(dsn)
    at = dict(parse_qsl(place.query))
    elsewhere = urlencode({**at, "host": tmp_path})
    starting = asyncio.create_task(reached(urlunsplit(place._replace(query=elsewhere)), 2))
    await asyncio.sleep(0.7)
    assert not starting.done()
    socket = f".s.PGSQL.{at['port']}"
    (tmp_path / socket).symlink_to(Path(at["host"], socket))
    async with asyncio.timeout(10):
        db = await starting
    assert await db.fetchval("SELECT 1") == 1
    await db.close()


async def test_a_start_waits_for_no_database_for_ever() -> None:
    with pytest.raises(OSError, match=r"refused|failed"):
        await reached(f"postgresql://nobody@127.0.0.1:{free_port()}/none", 2, patience=0.6)


@pytest.mark.real
async def test_a_start_waits_for_no_login(dsn: str) -> None:
    """A wrong password stays wrong."""
    place = urlsplit(dsn)
    wrong = urlunsplit(place._replace(netloc=f"{place.username}:wrong@"))
    async with asyncio.timeout(5):
        with pytest.raises(Exception, match="password authentication failed"):
            await reached(wrong, 2)
