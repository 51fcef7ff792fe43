"""The processes of a local Tembea, and what each is told."""

import asyncio
import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from wiring.embedded import postgres, temporal
from wiring.embedded.postgres import Cluster
from wiring.embedded.temporal import DevServer
from wiring.emulated import Emulated
from wiring.files import ROOT
from wiring.first_start import FirstStart
from wiring.keys import load_or_create
from wiring.phones import Phones
from wiring.places import Places
from wiring.probe import answered
from wiring.settings import Settings
from wiring.stand_in import StandIn
from wiring.supervise.part import Part
from wiring.supervise.ports import LOOPBACK, free_port
from wiring.talk import Talk

STOP_WITHIN = 40.0
"""Seconds for calls in the air to land."""


@dataclass(frozen=True)
class Stack:
    """The servers, then what works on them; a stand-in is there when no such provider is configured."""

    places: Places
    waves: tuple[tuple[Part, ...], ...]
    first: FirstStart
    chatwoot: StandIn | None
    africastalking: Phones | None


async def stack(places: Places, talk: Talk, *, stand_in: bool = False, key: str | None = None) -> Stack:
    """Run what the environment does not name (PostgreSQL, Temporal, providers), and always API and worker.

    `stand_in`: local providers whatever the environment says. `key` is an API key that shall work.
    Raises `SettingsError`, `KeysError` and `EmbeddedError`.
    """
    settings = Settings.load()
    load_or_create(places.state_dir, os.environ.get("TEMBEA_KEYS", ""))
    own = await _own(places, settings, talk, stand_in=stand_in)
    given = SecretStr(key) if key else settings.tembea_bootstrap_api_key
    first = FirstStart(
        own.dsn or settings.database_url, given, folder=places.state_dir, own=own.cluster is not None
    )
    told = {
        **os.environ,
        "TEMBEA_STATE_DIR": str(places.state_dir),
        "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]),
        **own.addresses(places),
    }
    if given:
        told["TEMBEA_BOOTSTRAP_API_KEY"] = given.get_secret_value()
    waves = own.parts(places), (_api(places, told | own.codec_token(), first), _worker(places, told, first))
    return Stack(places, waves, first, own.chatwoot, own.africastalking)


@dataclass(frozen=True)
class _Own:
    """The servers that are run here."""

    cluster: Cluster | None
    server: DevServer | None
    codec: SecretStr
    """Made anew at every start: the Web UI has it in the address that it asks to decode payloads."""
    chatwoot: StandIn | None
    africastalking: Phones | None

    @property
    def emulated(self) -> tuple[Emulated, ...]:
        return tuple(one for one in (self.chatwoot, self.africastalking) if one)

    @property
    def dsn(self) -> SecretStr | None:
        return SecretStr(self.cluster.dsn) if self.cluster else None

    def addresses(self, places: Places) -> dict[str, str]:
        """The settings that name them."""
        told = {"DATABASE_URL": self.cluster.dsn} if self.cluster else {}
        told |= {"TEMPORAL_ADDRESS": self.server.address} if self.server else {}
        told |= {"TEMPORAL_UI_URL": self.server.ui_url} if self.server and self.server.ui_url else {}
        for provider in self.emulated:
            told |= provider.environment(places.api_url)
        return told

    def codec_token(self) -> dict[str, str]:
        """The setting that opens the API's codec to the Web UI."""
        return {"TEMBEA_CODEC_TOKEN": self.codec.get_secret_value()} if self.server else {}

    def parts(self, places: Places) -> tuple[Part, ...]:
        parts = [made.part() for made in (self.cluster, self.server) if made]
        parts += [one.part(places.state_dir / one.name, places.api_url) for one in self.emulated]
        return tuple(parts)


async def _own(places: Places, settings: Settings, talk: Talk, *, stand_in: bool) -> _Own:
    """Prepare what is to be run, side by side: a first start makes a database and may fetch a server."""
    codec = SecretStr(secrets.token_urlsafe(32))
    cluster, server = await asyncio.gather(
        _postgres(places, settings, talk), _temporal(places, settings, talk, codec)
    )
    chatwoot = StandIn(free_port()) if stand_in or not settings.chatwoot_url else None
    phones = Phones(free_port()) if stand_in or not settings.at_username else None
    return _Own(cluster, server, codec, chatwoot, phones)


async def _postgres(places: Places, settings: Settings, talk: Talk) -> Cluster | None:
    if settings.database_url:
        return None
    return await asyncio.to_thread(postgres.prepare, places.state_dir, explicit=places.explicit, say=talk.say)


async def _temporal(places: Places, settings: Settings, talk: Talk, codec: SecretStr) -> DevServer | None:
    if settings.temporal().get("target_host"):
        return None
    return await temporal.prepare(
        places.state_dir,
        port=places.temporal_port,
        ui_port=places.ui_port,
        codec_endpoint=f"{places.api_url}/codec/{codec.get_secret_value()}",
        talk=talk,
    )


def _api(places: Places, told: Mapping[str, str], first: FirstStart) -> Part:
    async def ready() -> bool:
        return await answered(places.api_url, "GET", "/readyz")

    return Part(
        name="api",
        argv=(sys.executable, "-m", "wiring.start", "api"),
        env={**told, "HOST": LOOPBACK, "PORT": str(places.port)},
        before=first.over,
        ready=ready,
        facts={"port": places.port, "url": places.api_url},
        cwd=ROOT,
        stop_within=STOP_WITHIN,
    )


def _worker(places: Places, told: Mapping[str, str], first: FirstStart) -> Part:
    flag = places.state_dir / "worker.ready"
    metrics = told.get("TEMBEA_METRICS_PORT") or str(free_port())

    async def before() -> None:
        flag.unlink(missing_ok=True)
        await first.over()

    async def ready() -> bool:
        return flag.exists()

    return Part(
        name="worker",
        argv=(sys.executable, "-m", "wiring.start", "worker"),
        env={**told, "TEMBEA_READY_FILE": str(flag), "HOST": LOOPBACK, "TEMBEA_METRICS_PORT": metrics},
        before=before,
        ready=ready,
        facts={"port": int(metrics), "url": f"http://{LOOPBACK}:{metrics}/metrics"},
        cwd=ROOT,
        stop_within=STOP_WITHIN,
    )
