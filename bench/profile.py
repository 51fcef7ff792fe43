"""`python -m bench.profile --out FOLDER`: where the processor time of our worker and our API goes.

Conversations run in the closed loop while py-spy samples what Python runs in both; a sample belongs to the
innermost frame that a part of the process is known by. What Temporal's core does in Rust is in no sample.
Needs `py-spy` on PATH (`pip install py-spy`), and leave to trace processes.
"""

import argparse
import asyncio
import secrets
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from bench.bench import ground_on, standing
from bench.contact import ACCOUNT, Contacts, Sink
from bench.contact import serving as serving_sink
from bench.contestants import ours
from bench.load import Load
from bench.measure import Runner
from bench.servers import serving
from bench.stacks import PARTS, REST, Samples, hottest, samples, shares
from wiring.embedded.fetch import helper
from wiring.supervise.ports import free_port
from wiring.talk import Talk

ROLES = ("worker", "front")
RATE = 200


async def profiled(folder: Path, out: Path, seconds: int, talk: Talk) -> dict[str, Samples]:
    """The samples of each role; raw stacks (for a flame graph) go to `out`. Raises RuntimeError."""
    port, contacts = free_port(), Contacts(secrets.token_urlsafe(24))
    async with serving(folder, "memory", talk) as servers, AsyncExitStack() as stack:
        ground = ground_on(folder / "memory", servers, contacts, port)
        await stack.enter_async_context(serving_sink(Sink(contacts), port))
        contestant = ours(f"127.0.0.1:{port}-{ACCOUNT}")
        runner = await stack.enter_async_context(standing(contestant, ground, servers))
        load = Load(contacts, seed=1, keeps=runner.front)
        await load.closed(runner.front, 40)
        talk.say(f"sampling for {seconds} s")
        await _held_while(_sampled(runner, out, seconds, talk), load, runner.front)
    return {role: samples((out / f"{role}.raw").read_text()) for role in ROLES}


async def _held_while(sampling: "asyncio.Future[None]", load: Load, front: str) -> None:
    """Conversations until the sampling ends."""
    while not sampling.done():
        await load.closed(front, 40)
    await sampling


def _sampled(runner: Runner, out: Path, seconds: int, talk: Talk) -> "asyncio.Future[None]":
    async def all_roles() -> None:
        before = {role: _threads(runner.pids[role]) for role in ROLES}
        await asyncio.gather(*(_sample(runner.pids[role], out / f"{role}.raw", seconds) for role in ROLES))
        for role in ROLES:
            _tell(role, before[role], _threads(runner.pids[role]), talk)

    return asyncio.ensure_future(all_roles())


async def _sample(pid: int, file: Path, seconds: int) -> None:
    spy = ("py-spy", "record", "--gil", "--format", "raw", "--rate", str(RATE), "--duration", str(seconds))
    async with helper(*spy, "--pid", str(pid), "--output", str(file), within=seconds + 60) as process:
        if await process.wait() != 0:
            raise RuntimeError(f"py-spy ended with {process.returncode}: may it trace processes here?")


def _threads(pid: int) -> tuple[float, float]:
    """Seconds of processor time of the event loop's thread, and of all others."""
    each = {thread.id: thread.user_time + thread.system_time for thread in psutil.Process(pid).threads()}
    return each[pid], sum(each.values()) - each[pid]


def _tell(role: str, before: tuple[float, float], after: tuple[float, float], talk: Talk) -> None:
    main, others = (then - now for now, then in zip(before, after, strict=True))
    share = 100 * main / (main + others)
    talk.say(
        f"{role}: {share:.0f} % of its processor time is the event loop's thread; "
        "the rest: Temporal's core, and the threads of workflows"
    )


def table(found: Mapping[str, Samples]) -> Table:
    """Each part's share of the busy time, by process."""
    shown = Table("parts of the busy time", *found)
    each = {role: shares(stacks) for role, stacks in found.items()}
    for part in (*PARTS, REST):
        if any(share[part] for share in each.values()):
            shown.add_row(part, *(f"{share[part]:.0f} %" for share in each.values()))
    return shown


def main() -> None:
    """Sample, show both tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.profile", description="Where the time goes.")
    parser.add_argument("--out", type=Path, required=True, help="a folder for the raw stacks")
    parser.add_argument("--seconds", type=int, default=20)
    asked, folder = parser.parse_args(), Path(tempfile.mkdtemp(prefix="tembea-profile-"))
    folder.chmod(0o711)  # PostgreSQL's account passes through
    asked.out.mkdir(parents=True, exist_ok=True)
    if shutil.which("py-spy") is None:
        parser.exit(1, "there is no py-spy on PATH: pip install py-spy\n")
    found = asyncio.run(profiled(folder, asked.out, asked.seconds, Talk()))
    shutil.rmtree(folder, ignore_errors=True)
    console = Console(width=150)
    console.print(table(found))
    for role, stacks in found.items():
        own = Table(f"{role}: own time", "%")
        for name, percent in hottest(stacks, 15):
            own.add_row(name, f"{percent:.1f}")
        console.print(own)


if __name__ == "__main__":
    main()
