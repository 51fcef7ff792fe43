"""A town of phones: the emulated provider, our API on a real socket and a worker, in one process."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

import worker
from api.app import create_app
from api.parts import Channel, Parts
from dsl.messages import ENDED
from emulators.africastalking.config import Callbacks, Config
from emulators.africastalking.server import Running, running
from intake.gateway import Gateway
from providers.http.pooled import Pooled
from store import access, plans
from store.database import Database
from tests.api.serving import served
from wiring.catalog import catalogue
from wiring.handset import Handset
from wiring.house import House, at_connection, telecom
from wiring.keys import new_keys
from wiring.plans import PlanCache
from wiring.settings import Settings
from wiring.temporal import connect

SECRET = "secret-of-the-town-" + 32 * "x"
NUMBER, SHORT_CODE, SERVICE_CODE = "+254711000000", "28901", "*384*1#"
ASHA, JUMA = "+254700000111", "+254700000112"


class Crew:
    """The worker with its relay, which a test may send away and call back."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._stop = asyncio.Event()
        self._serving: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Work from now on."""
        self._stop.clear()
        self._serving = asyncio.create_task(worker.serve(self._house, self._stop))

    async def stop(self) -> None:
        """No longer; what is begun is seen through."""
        self._stop.set()
        if self._serving is not None:
            await self._serving
            self._serving = None


@dataclass
class Town:
    """Flows answer the phones of a network that tests act in."""

    api: httpx.AsyncClient
    network: Pooled
    emulator: Running
    house: House
    crew: Crew

    def phone(self, number: str = ASHA) -> Handset:
        """Somebody's phone."""
        return Handset(self.network, number)

    async def publish(self, document: dict[str, Any]) -> None:
        """The flow, live."""
        saved = await self.api.post("/api/v1/flows", json={"flow": document})
        assert saved.status_code in (200, 201), saved.text
        done = await self.api.post(f"/api/v1/flows/{saved.json()['id']}/publish", json={})
        assert done.status_code == 200, done.text

    async def execute(self, flow: str, **given: Any) -> str:
        """A run that the API starts; its id."""
        answer = await self.api.post(f"/api/v1/flows/{flow}/execute", json=given)
        assert answer.status_code in (200, 201, 202), answer.text
        return str(answer.json()["executionId"])

    async def executions(self) -> list[dict[str, Any]]:
        """All there are, newest first."""
        answer = await self.api.get("/api/v1/executions")
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def ended(self, count: int = 1) -> dict[str, Any]:
        """The newest execution, once there are so many and all have ended."""
        async with asyncio.timeout(30):
            while True:
                found = await self.executions()
                if len(found) == count and all(one["status"] in ENDED for one in found):
                    newest = await self._get(f"/api/v1/executions/{found[0]['id']}")
                    if newest["status"] in ENDED:  # not walked once more for what came in behind its end
                        return newest
                await asyncio.sleep(0.05)

    async def exits(self, execution: str) -> list[tuple[str, str | None]]:
        """(node, exit) of all that was walked, in order."""
        lines = (await self._get(f"/api/v1/executions/{execution}/history"))["items"]
        return [(line["nodeId"], line.get("exit")) for line in lines if line["phase"] == "done"]

    async def until_ringing(self, phone: Handset) -> str:
        """The call of ours that rings on a phone."""
        async with asyncio.timeout(20):
            while True:
                try:
                    return await phone.ringing()
                except LookupError:
                    await asyncio.sleep(0.05)

    async def idle(self) -> None:
        """Return when every callback that nobody waits for is answered."""
        await self.network.request("GET", "/_control/idle", params={"seconds": "10"}, seconds=15)

    async def _get(self, path: str) -> dict[str, Any]:
        answer = await self.api.get(path)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


def read_flow(path: Path) -> dict[str, Any]:
    """A flow's document."""
    document: dict[str, Any] = json.loads(path.read_bytes())
    return document


@asynccontextmanager
async def opened_town(
    dsn: str, temporal: str, settings: Mapping[str, Any] | None = None, **config: Any
) -> AsyncIterator[Town]:
    """A town on these servers; `config` is of its emulator, `settings` are more of ours."""
    settled = {"payments": True, "report_delay": 0.05, "journal_fsync": False, **config}
    async with (
        running(Config(**settled)) as emulator,
        _house(dsn, temporal, _settings(emulator.url, settings or {})) as house,
        _served(house) as (url, key),
        _working(house) as crew,
        Pooled(emulator.url, provider="africastalking", seconds=15) as network,
        httpx.AsyncClient(base_url=url, headers={"X-API-Key": key}, timeout=20) as api,
    ):
        callbacks = _addresses(f"{url}/webhooks/africastalking/main/{SECRET}")
        await network.request("POST", "/_control/seed", json={"settings": callbacks})
        yield Town(api, network, emulator, house, crew)


def _addresses(base: str) -> dict[str, Any]:
    names = ("ussd", "sms", "delivery", "optout", "voice", "airtime", "payment")
    return {
        "callbacks": Callbacks(**{n: f"{base}/{n}" for n in names}, ussd_end=f"{base}/ussd-end").model_dump()
    }


def _settings(emulator: str, more: Mapping[str, Any]) -> Settings:
    return Settings(
        at_username="sandbox",
        at_api_key=SecretStr("sandbox-key"),
        at_api_url=f"{emulator}/api",
        at_voice_url=f"{emulator}/voice",
        at_payments_url=f"{emulator}/payments",
        at_callback_secret=(SecretStr(SECRET),),
        at_sender_id=SHORT_CODE,
        at_phone_number=NUMBER,
        at_product="Duka",
        **more,
    )


@asynccontextmanager
async def _house(dsn: str, temporal: str, settings: Settings) -> AsyncIterator[House]:
    keys, db = new_keys(), await Database.open(dsn, size=20)
    try:
        cache = PlanCache(lambda digest: plans.load(db, digest))
        client = await connect({"target_host": temporal}, keys, cache, lazy=False)
        yield House(settings, keys, db, cache, client)
    finally:
        await db.close()


@asynccontextmanager
async def _served(house: House) -> AsyncIterator[tuple[str, str]]:
    """The API's address, and a key to it."""
    settings, connection = house.settings, at_connection(house.settings)
    async with telecom(house) as reach:
        assert reach is not None
        parts = Parts(
            house.db,
            Gateway(house.db, house.client, house.limits()),
            catalogue(),
            {"main": Channel("main", "none-0")},
            "0",
            lines={"main": Channel("main", connection, settings.at_callback_secret)},
            hashed=house.keys.hashed,
            sender=settings.at_sender_id,
            payments=reach.payments,
            africastalking=reach.port,
        )
        key = await access.create(house.db, "default", "town")
        async with served(create_app(parts)) as address:
            yield f"http://{address}", key


@asynccontextmanager
async def _working(house: House) -> AsyncIterator[Crew]:
    crew = Crew(house)
    crew.start()
    try:
        yield crew
    finally:
        await crew.stop()
