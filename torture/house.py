"""The house under torture: all parts of `tembea dev`, their wires, clocks and disk in our hands."""

import secrets
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from providers.http.pooled import Pooled
from store.database import Database
from torture import toxiproxy
from torture.clocks import RIGHT, Clock, library
from torture.disk import Disk, mounted
from torture.toxiproxy import Link
from wiring.files import open_state_dir
from wiring.keys import Keys, load_or_create
from wiring.places import Places
from wiring.stack import Stack, stack
from wiring.supervise.part import Part
from wiring.supervise.ports import LOOPBACK, free_port
from wiring.supervise.record import Record
from wiring.supervise.supervisor import Supervisor, supervised
from wiring.talk import Talk

OURS = ("api", "worker")
SERVERS = ("postgres", "temporal")
READY_WITHIN = 180.0
"""Seconds: a machine that does much else starts slowly, and is not to be given up for that."""
OFTEN = 1_000
"""Restarts within a minute: whoever runs us in earnest gives up later than `dev` does."""


@dataclass(frozen=True)
class House:
    """A running Tembea; `links` and `clocks` are empty, `disk` is None where they cannot be had."""

    home: Path
    supervisor: Supervisor
    built: Stack
    keys: Keys
    key: str
    api: Pooled
    chatwoot: Pooled
    phones: Pooled
    db: Database
    proxy: Pooled | None
    links: Sequence[Link]
    clocks: Mapping[str, Clock]
    disk: Disk | None

    def record(self) -> Record:
        """What runs, as `dev.json` says."""
        return self.supervisor.record()

    def pid(self, part: str) -> int:
        """The part's process, since it was last ready."""
        return self.record().parts[part].pid

    def url(self, part: str) -> str:
        """Where the part is."""
        return str(self.record().parts[part].url)

    def environment(self, part: str) -> Mapping[str, str]:
        """What the part was told."""
        return next(one.env for one in _parts(self.built.waves) if one.name == part)

    def log(self, part: str) -> Path:
        """What the part has said."""
        return self.home / "logs" / f"{part}.log"


@asynccontextmanager
async def standing(home: Path, talk: Talk, *, reachable: str) -> AsyncIterator[House]:
    """The house on a folder; `reachable` (`host:port`) is what flows may call besides."""
    key = f"tmb_{secrets.token_hex(6)}_{secrets.token_urlsafe(32)}"
    places = Places(home, True, free_port(), free_port(), free_port())
    with mounted(open_state_dir(home)) as disk:
        built = await stack(places, talk, stand_in=True, key=key)
        program = await toxiproxy.find(talk)
        links = tuple(_links(built.waves)) if program else ()
        clocks = _clocks(home)
        told = {"TEMBEA_SAFE_HTTP_ALLOW": reachable}
        waves = tuple(tuple(_rewired(part, links, clocks, told) for part in wave) for wave in built.waves)
        port = free_port()
        guards = ((toxiproxy.part_of(program, port, links, home),),) if program else ()
        built = replace(built, waves=(*guards, *waves))
        async with (
            supervised(built.waves, home, talk, restarts=OFTEN) as supervisor,
            _client(places.api_url, "tembea", key) as api,
            _client(f"http://{LOOPBACK}:{port}", "toxiproxy") as proxy,
            _client(str(supervisor.record().parts["chatwoot"].url), "chatwoot") as chatwoot,
            _client(str(supervisor.record().parts["africastalking"].url), "africastalking") as phones,
            _database(_direct(waves)) as db,
        ):
            yield House(
                home, supervisor, built, load_or_create(home, ""), key, api, chatwoot, phones, db,
                proxy if links else None, links, clocks, disk,
            )  # fmt: skip


def _parts(waves: Sequence[Sequence[Part]]) -> Iterator[Part]:
    for wave in waves:
        yield from wave


def _links(waves: Sequence[Sequence[Part]]) -> Iterator[Link]:
    ports = {part.name: int(part.facts["port"]) for part in _parts(waves) if part.name in SERVERS}
    for part in OURS:
        for server, upstream in ports.items():
            yield Link(part, server, free_port(), upstream)


def _clocks(home: Path) -> Mapping[str, Clock]:
    found = library()
    clocks = {part: Clock(home / f"{part}.clock", found) for part in OURS} if found else {}
    for clock in clocks.values():
        clock.set(RIGHT)
    return clocks


def _rewired(part: Part, links: Sequence[Link], clocks: Mapping[str, Clock], told: Mapping[str, str]) -> Part:
    """The part as it is, but for where its servers are and what time it is."""
    if part.name not in OURS:
        return part
    env = {**part.env, **told}
    for link in links:
        if link.part == part.name:
            env |= _by_way_of(link, part.env)
    if part.name in clocks:
        env |= clocks[part.name].environment()
    return replace(part, env=env, ready_within=READY_WITHIN)


def _by_way_of(link: Link, env: Mapping[str, str]) -> dict[str, str]:
    if link.server == "temporal":
        return {"TEMPORAL_ADDRESS": f"{LOOPBACK}:{link.port}"}
    login = urlsplit(env["DATABASE_URL"])
    return {
        "DATABASE_URL": f"postgresql://{login.username}:{login.password}@{LOOPBACK}:{link.port}{login.path}"
    }


def _direct(waves: Sequence[Sequence[Part]]) -> str:
    """PostgreSQL by TCP, past every proxy."""
    parts = {part.name: part for part in _parts(waves)}
    login = urlsplit(parts["api"].env["DATABASE_URL"])
    port = parts["postgres"].facts["port"]
    return f"postgresql://{login.username}:{login.password}@{LOOPBACK}:{port}{login.path}"


@asynccontextmanager
async def _client(url: str, provider: str, key: str = "") -> AsyncIterator[Pooled]:
    headers = {"X-API-Key": SecretStr(key)} if key else {}
    async with Pooled(url, provider=provider, headers=headers, seconds=15.0) as client:
        yield client


@asynccontextmanager
async def _database(dsn: str) -> AsyncIterator[Database]:
    db = await Database.open(dsn, size=6)
    try:
        yield db
    finally:
        await db.close()
