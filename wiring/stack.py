"""The processes of a local Tembea, and what each is told."""

import asyncio
import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import SecretStr

from dsl.model import Json
from providers.errors import ProviderError
from providers.http.pooled import Pooled
from wiring.embedded import postgres, temporal
from wiring.files import ROOT
from wiring.first_start import prepare_database
from wiring.keys import load_or_create
from wiring.supervise.part import Part
from wiring.supervise.ports import LOOPBACK, free_port
from wiring.talk import Talk


@dataclass(frozen=True)
class Places:
    """Where a local Tembea lives; ports are chosen already."""

    state_dir: Path
    explicit: bool
    port: int
    temporal_port: int
    ui_port: int

    @property
    def api_url(self) -> str:
        """Address of the API."""
        return f"http://{LOOPBACK}:{self.port}"


@dataclass(frozen=True)
class LocalChatwoot:
    """The emulator that stands in where no Chatwoot is configured, and how it is furnished."""

    port: int
    account: int = field(default_factory=lambda: 1_000 + secrets.randbelow(2_000_000_000))
    inbox: int = field(default_factory=lambda: 1_000 + secrets.randbelow(2_000_000_000))
    identifier: str = field(default_factory=lambda: secrets.token_hex(8))
    user_token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    bot_token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    webhook_secret: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{LOOPBACK}:{self.port}"

    def environment(self) -> dict[str, str]:
        """The settings that make it the channel `main`."""
        return {
            "CHATWOOT_URL": self.url,
            "CHATWOOT_ACCOUNT_ID": str(self.account),
            "CHATWOOT_API_KEY": self.user_token,
            "CHATWOOT_BOT_TOKEN": self.bot_token,
            "CHATWOOT_WEBHOOK_SECRET": self.webhook_secret,
        }

    def furniture(self, api_url: str) -> dict[str, object]:
        """One account, a user, a bot with our webhook, and an API inbox that the bot minds."""
        webhook = f"{api_url}/webhooks/chatwoot/main"
        bot = {"id": 4, "name": "Tembea", "token": self.bot_token, "outgoing_url": webhook}
        inbox = {"id": self.inbox, "name": "Website", "channel": "api", "identifier": self.identifier}
        return {
            "account": {"id": self.account, "name": "Tembea demo"},
            "users": [{"id": 1, "name": "Operator", "role": "administrator", "token": self.user_token}],
            "agent_bots": [{**bot, "secret": self.webhook_secret}],
            "inboxes": [{**inbox, "agent_bot_id": 4}],
            "webhooks": [
                {"url": webhook, "secret": self.webhook_secret, "subscriptions": ["conversation_created"]}
            ],
        }


@dataclass
class Stack:
    """The parts in the order they start; `first_key` is the API key made on the first start."""

    places: Places
    parts: list[Part]
    chatwoot: LocalChatwoot | None
    first_key: str | None = None


async def stack(places: Places, talk: Talk, *, fake_chatwoot: bool, key: str | None = None) -> Stack:
    """PostgreSQL and Temporal unless the environment names others, a Chatwoot unless it does, API and worker."""
    built = Stack(places, [], None)
    environment = {**os.environ, "TEMBEA_STATE_DIR": str(places.state_dir), "PYTHONPATH": str(ROOT)}
    if key is not None:
        environment["TEMBEA_BOOTSTRAP_API_KEY"] = key
    load_or_create(places.state_dir, os.environ.get("TEMBEA_KEYS", ""))
    if not environment.get("DATABASE_URL"):
        cluster = await asyncio.to_thread(
            postgres.prepare, places.state_dir, explicit=places.explicit, say=talk.say
        )
        built.parts.append(cluster.part())
        environment["DATABASE_URL"] = cluster.dsn
    if not environment.get("TEMPORAL_ADDRESS"):
        server = await temporal.prepare(
            places.state_dir, port=places.temporal_port, ui_port=places.ui_port, talk=talk
        )
        built.parts.append(server.part())
        environment["TEMPORAL_ADDRESS"] = server.address
    if fake_chatwoot or not environment.get("CHATWOOT_URL"):
        built.chatwoot = LocalChatwoot(free_port())
        built.parts.append(_emulator(places, built.chatwoot))
        environment |= built.chatwoot.environment()
    built.parts.extend([_api(built, environment), _worker(places, environment)])
    return built


def _python(name: str, module: str, environment: Mapping[str, str], *more: str) -> Part:
    async def ready() -> bool:
        return True

    argv = (sys.executable, "-m", module, *more)
    return Part(name=name, argv=argv, env=environment, ready=ready, cwd=ROOT, stop_within=40.0)


def _emulator(places: Places, chatwoot: LocalChatwoot) -> Part:
    home = places.state_dir / "chatwoot"
    home.mkdir(exist_ok=True)
    part = _python(
        "chatwoot", "emulators.chatwoot", {"PATH": os.defpath, "PYTHONPATH": str(ROOT)},
        *("--port", str(chatwoot.port), "--state-dir", str(home)),
    )  # fmt: skip

    async def furnished() -> bool:
        return await answered(chatwoot.url, "POST", "/_control/reset", chatwoot.furniture(places.api_url))

    facts: dict[str, str | int] = {"port": chatwoot.port, "url": chatwoot.url}
    return replace(part, ready=furnished, facts=facts)


def _api(built: Stack, environment: Mapping[str, str]) -> Part:
    places = built.places

    async def prepared() -> None:
        given = environment.get("TEMBEA_BOOTSTRAP_API_KEY")
        made = await prepare_database(environment["DATABASE_URL"], SecretStr(given) if given else None)
        built.first_key = built.first_key or made

    async def ready() -> bool:
        return await answered(places.api_url, "GET", "/readyz")

    part = _python("api", "api", {**environment, "PORT": str(places.port)})
    return replace(part, before=prepared, ready=ready, facts={"port": places.port, "url": places.api_url})


def _worker(places: Places, environment: Mapping[str, str]) -> Part:
    flag = places.state_dir / "worker.ready"

    async def fresh() -> None:
        flag.unlink(missing_ok=True)

    async def ready() -> bool:
        return flag.exists()

    part = _python("worker", "worker", {**environment, "TEMBEA_READY_FILE": str(flag)})
    return replace(part, before=fresh, ready=ready)


async def answered(url: str, method: str, path: str, body: Json = None) -> bool:
    """Whether a request is answered with success."""
    async with Pooled(url, provider="local") as client:
        try:
            await client.request(method, path, json=body)
        except ProviderError:
            return False
    return True
