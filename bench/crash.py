"""`python -m bench.crash [--peers] --out FILE`: what a conversation comes to when a process dies under it.

20 conversations in flight, `kill -9` of one process, started again at once; who sends webhooks tries until
they are taken. Counted: conversations that ended, effects that were seen twice.
"""

import argparse
import asyncio
import contextlib
import os
import secrets
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.bench import database_of, entered, ground_on
from bench.contact import ACCOUNT, Contacts, Sink, Talk
from bench.contact import serving as serving_sink
from bench.contestants import Contestant, Ground, contestants
from bench.figures import CRASHES, Crash
from bench.load import IN_FLIGHT
from bench.peers.peers import peers
from bench.servers import Servers, running, serving
from bench.wire import Client, Reply, WireError
from wiring.supervise.child import Child
from wiring.supervise.ports import free_port
from wiring.talk import Talk as Say

THINK, WITHIN = 0.3, 90.0
AFTER = 8
"""So many effects seen, and the process dies."""
AGAIN_AFTER = 0.1
ROLES = ("front", "worker", "server")


class Stubborn(Client):
    """Sends until it is taken, as a provider with retries would."""

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        while True:
            try:
                reply = await super().post(url, body, headers)
                if reply.status < 300:
                    return reply
            except (WireError, OSError, TimeoutError):
                pass
            await asyncio.sleep(AGAIN_AFTER)


@dataclass(frozen=True)
class Place:
    """Where contestants stand while their processes are killed."""

    folder: Path
    servers: Servers
    contacts: Contacts
    ground: Ground
    numbers: "count[int]"

    async def crashes(self, contestant: Contestant) -> AsyncIterator[Crash]:
        """Each of its processes killed in turn, under conversations of its own."""
        async with AsyncExitStack() as stack:
            dsn = await database_of(contestant, self.servers)
            parts = contestant.parts(self.ground, dsn)
            starting = [running(part, self.folder) for part in parts.children.values()]
            children = dict(zip(parts.children, await entered(stack, starting), strict=True))
            await contestant.after(parts, self.ground)
            await self._held(Talk(next(self.numbers), parts.url, THINK))  # a warm-up
            for role in filter(children.__contains__, ROLES):
                talks = [Talk(next(self.numbers), parts.url, THINK) for _ in range(IN_FLIGHT)]
                holding = asyncio.gather(*map(self._held, talks))
                began = await _killed(children[role], talks)
                again = running(parts.children[role], self.folder)
                children[role] = await stack.enter_async_context(again)
                await holding
                yield _told(contestant.name, role, talks, time.perf_counter() - began)

    async def _held(self, talk: Talk) -> None:
        """A conversation, to its end or until patience has one."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(WITHIN):
                await self.contacts.converse(talk, WITHIN)


async def _killed(child: Child, talks: Sequence[Talk]) -> float:
    """Kill it in the midst of the conversations; when that was."""
    while sum(len(talk.effects) for talk in talks) < AFTER:  # noqa: ASYNC110  effects come by themselves
        await asyncio.sleep(0.01)
    os.killpg(child.pid, signal.SIGKILL)
    began = time.perf_counter()
    await child.gone()
    return began


def _told(name: str, role: str, talks: Sequence[Talk], seconds: float) -> Crash:
    return Crash(
        contestant=name,
        process=role,
        conversations=len(talks),
        ended=sum(talk.done.is_set() for talk in talks),
        repeated=sum(len(talk.effects) - len(set(talk.effects)) for talk in talks),
        seconds=round(seconds, 1),
    )


async def crashed(folder: Path, *, others: bool, talk: Say) -> list[Crash]:
    """Every contestant, Temporal on its file database."""
    port, contacts = free_port(), Contacts(secrets.token_urlsafe(24))
    contacts.http = Stubborn()
    async with serving(folder, "file", talk) as servers, serving_sink(Sink(contacts), port):
        ground = ground_on(folder / "file", servers, contacts, port)
        place = Place(folder / "file", servers, contacts, ground, count(1))
        entrants = [*contestants(f"127.0.0.1:{port}-{ACCOUNT}"), *(await peers(talk) if others else ())]
        found = []
        for contestant in entrants:
            async for crash in place.crashes(contestant):
                talk.say(f"{crash.contestant}, {crash.process}: {crash.ended} of {crash.conversations} ended")
                found.append(crash)
    return found


def table(crashes: Sequence[Crash]) -> Table:
    """The figures for people."""
    shown = Table("", "killed", "ended", "effects repeated", "seconds")
    for crash in crashes:
        ended = f"{crash.ended} of {crash.conversations}"
        shown.add_row(crash.contestant, crash.process, ended, str(crash.repeated), f"{crash.seconds:g}")
    return shown


def main() -> None:
    """Kill, show a table, write the file."""
    parser = argparse.ArgumentParser(prog="python -m bench.crash", description="What a crash comes to.")
    parser.add_argument("--peers", action="store_true", help="DBOS and Restate too")
    parser.add_argument("--out", type=Path, required=True, help="the figures as JSON")
    asked, folder = parser.parse_args(), Path(tempfile.mkdtemp(prefix="tembea-bench-"))
    folder.chmod(0o711)  # PostgreSQL's account passes through
    found = asyncio.run(crashed(folder, others=asked.peers, talk=Say()))
    shutil.rmtree(folder, ignore_errors=True)
    asked.out.write_bytes(CRASHES.dump_json(found, by_alias=False, indent=1))
    Console(width=100).print(table(found))


if __name__ == "__main__":
    main()
