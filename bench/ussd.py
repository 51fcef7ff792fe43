"""`python -m bench.ussd [--quick] --out FILE`: how long callers wait, ours and the least that could answer.

Twenty sessions at a time, a second of thought between steps; the same phones' steps, the same inbox insert,
the same servers, turn about.
"""

import argparse
import asyncio
import secrets
import shutil
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count, pairwise
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from rich.console import Console
from rich.table import Table

from bench.bench import publish
from bench.contestants import Contestant, Ground
from bench.figures import percentile
from bench.hand.line_workflow import QUESTIONS
from bench.servers import Servers, running, serving
from dsl.model import Message
from intake.turns import CAP
from store.migrate import upgrade
from wiring.embedded.database import create_database
from wiring.talk import Talk

SESSIONS, THINK, SERVICE = 20, 1.0, "*384*1#"
ANSWERS = ("Asha", "Kisumu", "Fish")
PATIENCE = 15.0
OURS, LEAST = "ours", "least"
SAFE = "Later, please."


class Size(NamedTuple):
    """How many times each of the sessions goes through the menu, in each repetition."""

    rounds: int
    repetitions: int


WHOLE, QUICK = Size(rounds=5, repetitions=4), Size(rounds=1, repetitions=1)


class Waits(Message):
    """One contestant in one repetition, milliseconds of an HTTP answer; `safe`: told to come back later."""

    contestant: str
    repetition: int
    answers: int
    p50: float
    p95: float
    p99: float
    longest: float
    beyond_cap: int
    safe: int


class Report(Message):
    """All that was measured; ratios are ours by the least, the median of the repetitions."""

    runs: list[Waits]
    ratio_p50: float
    ratio_p95: float
    ratio_p99: float


class Line(Ground):
    """What both stand on: a line of Africa's Talking too."""

    def told(self, dsn: str) -> dict[str, str]:
        """The settings of a contestant's processes."""
        line = {"AT_USERNAME": "sandbox", "AT_API_KEY": self.key, "AT_CALLBACK_SECRET": self.secret}
        return {**super().told(dsn), **line}


def flow() -> dict[str, Any]:
    """Three questions and a farewell."""
    asked: list[dict[str, Any]] = [
        {"id": f"ask{at}", "type": "question", "config": {"text": text, "saveTo": f"said{at}"}}
        for at, text in enumerate(QUESTIONS)
    ]
    thanks = {"id": "thanks", "type": "message", "config": {"text": "Thank you, {{said0}}."}}
    nodes = [{"id": "start", "type": "start"}, *asked, thanks, {"id": "end", "type": "end"}]
    ids = [str(node["id"]) for node in nodes]
    edges = [{"from": one, "to": other} for one, other in pairwise(ids)]
    trigger = {"channel": "ussd", "event": "ussd_session"}
    settings = {"safeText": SAFE, "sessionTtl": "1h"}
    named = {"id": "menu", "name": "Menu", "trigger": trigger, "settings": settings}
    return {**named, "nodes": nodes, "edges": edges}


async def measured(folder: Path, size: Size, talk: Talk) -> Report:
    """Both contestants, turn about."""
    runs: list[Waits] = []
    async with serving(folder, "memory", talk) as servers, AsyncExitStack() as stack:
        ground = _ground(folder / "memory", servers)
        fronts = {
            one.name: await stack.enter_async_context(standing(one, ground, servers)) for one in ENTRANTS
        }
        numbers = count(1)
        for front in fronts.values():
            await _load(front, ground.secret, 1, numbers)
        for repetition in range(size.repetitions):
            for name in list(fronts) if repetition % 2 == 0 else list(fronts)[::-1]:
                talk.say(f"{repetition + 1} {name}")
                told = await _load(fronts[name], ground.secret, size.rounds, numbers)
                runs.append(_waits(name, repetition, told))
    return report(runs)


ENTRANTS = (
    Contestant(OURS, ("api",), ("worker",), ""),
    Contestant(LEAST, ("bench.hand.line_front",), ("bench.hand.line_worker",), ""),
)


@asynccontextmanager
async def standing(contestant: Contestant, ground: Line, servers: Servers) -> AsyncIterator[str]:
    """A contestant's processes, on a database of its own; where its front listens."""
    dsn = await create_database(servers.dsn, contestant.name)
    await upgrade(dsn)
    url, front, worker = contestant.parts(ground, dsn)
    async with running(front, ground.folder), running(worker, ground.folder):
        if contestant.name == OURS:
            await publish(url, ground, flow())
        yield url


async def _load(front: str, secret: str, rounds: int, numbers: "count[int]") -> list[tuple[float, str]]:
    """The seconds and the body of every answer."""
    url = f"{front}/webhooks/africastalking/main/{secret}/ussd"
    limits = httpx.Limits(max_connections=SESSIONS, max_keepalive_connections=SESSIONS)
    async with httpx.AsyncClient(timeout=PATIENCE, limits=limits) as provider:

        async def calls(at: int) -> list[tuple[float, str]]:
            await asyncio.sleep(THINK * at / SESSIONS)
            return [one for _ in range(rounds) for one in await _session(provider, url, next(numbers))]

        each = await asyncio.gather(*(calls(at) for at in range(SESSIONS)))
    return [one for told in each for one in told]


async def _session(provider: httpx.AsyncClient, url: str, number: int) -> list[tuple[float, str]]:
    """A caller who has never called before goes through the menu."""
    told, fields = [], {"sessionId": f"ATUid_{number}", "phoneNumber": f"+2547{number:08d}"}
    for step in range(len(ANSWERS) + 1):
        body = {**fields, "networkCode": "63902", "serviceCode": SERVICE, "text": "*".join(ANSWERS[:step])}
        began = time.perf_counter()
        answer = await provider.post(url, data=body)
        told.append((time.perf_counter() - began, answer.text))
        if answer.status_code != 200 or answer.text.startswith("END "):
            break
        await asyncio.sleep(THINK)
    return told


def _waits(name: str, repetition: int, told: Sequence[tuple[float, str]]) -> Waits:
    seconds = [one for one, _ in told]
    return Waits(
        contestant=name,
        repetition=repetition,
        answers=len(told),
        p50=percentile(seconds, 0.50),
        p95=percentile(seconds, 0.95),
        p99=percentile(seconds, 0.99),
        longest=percentile(seconds, 1.0),
        beyond_cap=sum(one > CAP for one in seconds),
        safe=sum(not body.startswith(("CON Your", "END Thank you")) for _, body in told),
    )


def report(runs: Sequence[Waits]) -> Report:
    """The figures with the ratios made of them."""
    least = {run.repetition: run for run in runs if run.contestant == LEAST}
    pairs = [(run, least[run.repetition]) for run in runs if run.contestant == OURS]

    def ratio(wait: Callable[[Waits], float]) -> float:
        return round(statistics.median(wait(mine) / wait(other) for mine, other in pairs), 2)

    return Report(
        runs=list(runs),
        ratio_p50=ratio(lambda run: run.p50),
        ratio_p95=ratio(lambda run: run.p95),
        ratio_p99=ratio(lambda run: run.p99),
    )


def table(made: Report) -> Table:
    """The figures for people."""
    shown = Table("", "answers", "p50", "p95", "p99", "longest ms", "beyond 4 s", "safe text")
    for run in made.runs:
        waits = (run.p50, run.p95, run.p99, run.longest, run.beyond_cap, run.safe)
        cells = [str(run.answers), *(f"{one:g}" for one in waits)]
        shown.add_row(f"{run.contestant} {run.repetition + 1}", *cells)
    ratios = (made.ratio_p50, made.ratio_p95, made.ratio_p99)
    shown.add_row("ours by least", "", *(f"{one:g}" for one in ratios))
    return shown


def _ground(folder: Path, servers: Servers) -> Line:
    key = f"tmb_{secrets.token_hex(6)}_{secrets.token_urlsafe(32)}"
    return Line(folder, servers.temporal, "http://127.0.0.1:9", 1, secrets.token_hex(24), key)


def main() -> None:
    """Measure, show a table, write the file."""
    parser = argparse.ArgumentParser(prog="python -m bench.ussd", description="How long callers wait.")
    parser.add_argument("--quick", action="store_true", help="one short repetition")
    parser.add_argument("--out", type=Path, required=True, help="the figures as JSON")
    asked, folder = parser.parse_args(), Path(tempfile.mkdtemp(prefix="tembea-bench-"))
    folder.chmod(0o711)  # PostgreSQL's account passes through
    made = asyncio.run(measured(folder, QUICK if asked.quick else WHOLE, Talk()))
    shutil.rmtree(folder, ignore_errors=True)  # where something went wrong, the logs stay
    asked.out.write_text(made.model_dump_json(by_alias=False, indent=1) + "\n")
    Console(width=120).print(table(made))


if __name__ == "__main__":
    main()
