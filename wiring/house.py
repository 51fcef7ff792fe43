"""What every process of ours needs, opened in order: settings, keys, database, plans, Temporal."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import structlog
from temporalio.client import Client

from activities.base import Tools
from activities.telecom import Telecom
from dsl.limits import Limits
from dsl.messages import Scene
from intake.beliefs import Beliefs
from providers.chatwoot.client import Chatwoot
from providers.chatwoot.config import ChatwootConfig
from providers.http.connections import Connections
from providers.http.safe import SafeHttp
from providers.webhook.receiver import Receiver
from store import plans
from store.database import Database
from store.failures import unreachable
from wiring import logs
from wiring.catalog import customs
from wiring.files import ROOT, open_state_dir
from wiring.keys import Keys, load_or_create
from wiring.plans import PlanCache
from wiring.settings import Settings, SettingsError
from wiring.supervise.ports import LOOPBACK, free_port
from wiring.telephony import telephony
from wiring.temporal import connect

PATIENCE, LOOK = 30.0, 0.5
"""Seconds for which a start waits for PostgreSQL, and between two looks."""

log = structlog.get_logger()


@dataclass(frozen=True)
class House:
    """The common ground of API and worker."""

    settings: Settings
    keys: Keys
    db: Database
    plans: PlanCache
    client: Client
    core: str | None = None
    """Where the SDK's core shows what it counts."""

    def limits(self) -> Limits:
        """What a run is started with; read here, by the starter, never in the walk."""
        return Limits(fast=not self.settings.tembea_inspect)


@asynccontextmanager
async def opened(*, lazy: bool) -> AsyncIterator[House]:
    """The house of the environment's settings; `lazy` (not the worker): Temporal is first asked at need."""
    settings = Settings.load()
    if settings.database_url is None:
        raise SettingsError("DATABASE_URL is not set; `tembea dev` sets it for its own processes")
    logs.configure(settings.log_level, secrets=settings.secrets())
    _tell_left_out()
    state_dir = open_state_dir(settings.tembea_state_dir or ROOT / ".tembea")
    keys = load_or_create(state_dir, os.environ.get("TEMBEA_KEYS", ""))
    db = await reached(settings.database_url.get_secret_value(), settings.max_connections)
    try:
        cache = PlanCache(lambda digest: plans.load(db, digest))
        shown = settings.tembea_metrics_port is not None and not lazy
        core = f"{LOOPBACK}:{free_port()}" if shown else None
        client = await connect(settings.temporal(), keys, cache, lazy=lazy, metrics=core)
        yield House(settings, keys, db, cache, client, core)
    finally:
        await db.close()


async def reached(dsn: str, size: int, patience: float = PATIENCE) -> Database:
    """The database, as soon as it serves: who starts beside it would be slower to start anew.

    Raises what `Database.open` does when it has not served for `patience` seconds, at once for a wrong login.
    """
    until = asyncio.get_running_loop().time() + patience
    while True:
        try:
            return await Database.open(dsn, size=size)
        except Exception as error:
            if not unreachable(error) or asyncio.get_running_loop().time() > until:
                raise
            log.warning("database_awaited", error=type(error).__name__)
            await asyncio.sleep(LOOK)


def _tell_left_out() -> None:
    """Flows without such a kind go on; executions that need it wait for a worker that has it."""
    for one in customs().left_out:
        log.error("kind_left_out", kind=one.entry, reason=str(one))


@asynccontextmanager
async def chatwoot(settings: Settings) -> AsyncIterator[Chatwoot | None]:
    """The client of the environment's own Chatwoot, closed at the end; None where there is none."""
    client = _chatwoots(settings).get(connection_of(settings))
    yield client
    if client:
        await client.aclose()


@dataclass(frozen=True)
class Equipment:
    """The pooled clients of the operator's own systems, and the guarded door to everywhere else."""

    chatwoots: Mapping[str, Chatwoot]
    http: SafeHttp
    connections: Connections
    receiver: Receiver | None
    telecom: Telecom | None = None

    def tools(self, scene: Scene, key: str) -> Tools:
        """What the executor of one effect is handed."""
        return Tools(
            scene, key, self.http, self.chatwoots, self.connections, self.receiver, telecom=self.telecom
        )

    def beliefs(self) -> Beliefs:
        """Who says whether what is told of money is so."""
        return Beliefs(self.telecom.payments, self.telecom.port) if self.telecom else Beliefs()


@asynccontextmanager
async def telecom(house: House) -> AsyncIterator[Telecom | None]:
    """What reaches people by phone, closed at the end; None where nothing is configured."""
    settings = house.settings
    async with telephony(settings, at_connection(settings), house.db, house.keys.hashed) as found:
        yield found


@asynccontextmanager
async def equipped(settings: Settings, telecom: Telecom | None = None) -> AsyncIterator[Equipment]:
    """The equipment of the environment's settings, closed at the end; `telecom` is closed by who made it."""
    chatwoots, receiver = _chatwoots(settings), _receiver(settings)
    http = SafeHttp(allow=settings.tembea_safe_http_allow)
    async with AsyncExitStack() as until_the_end:
        for client in chatwoots.values():
            until_the_end.push_async_callback(client.aclose)
        if receiver:
            until_the_end.push_async_callback(receiver.aclose)
        until_the_end.push_async_callback(http.aclose)
        yield Equipment(chatwoots, http, settings.connections(), receiver, telecom)


def connection_of(settings: Settings) -> str:
    """The installation and account of the environment's Chatwoot: what lanes and dedupe keys belong to."""
    host = urlsplit(settings.chatwoot_url or "").netloc or "none"
    return f"{host}-{settings.chatwoot_account_id or 0}"


def at_connection(settings: Settings) -> str:
    """The environment's application at Africa's Talking: what lanes and dedupe keys belong to."""
    config = settings.africas_talking()
    if config is None:
        return "none"
    return f"{urlsplit(config.bases().api).netloc}-{config.username.get_secret_value()}"


def _receiver(settings: Settings) -> Receiver | None:
    url, secrets = settings.tembea_webhook_out_url, settings.tembea_webhook_out_secret
    return Receiver(url, secrets, idempotent=settings.tembea_webhook_out_idempotent) if url else None


def _chatwoots(settings: Settings) -> Mapping[str, Chatwoot]:
    if settings.chatwoot_url is None or settings.chatwoot_api_key is None:
        return {}
    config = ChatwootConfig(
        url=settings.chatwoot_url,
        account_id=settings.chatwoot_account_id or 1,
        api_key=settings.chatwoot_api_key,
        bot_token=settings.chatwoot_bot_token,
    )
    return {connection_of(settings): Chatwoot(config)}
