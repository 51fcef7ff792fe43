"""`python -m bench.growth --out FILE`: what a turn costs as a flow grows, and what loops cost.

Ours only, on the file database: a flow of 10 nodes and one of 10,000 answer the same conversation in turn;
then 100,000 turns of a loop that only counts, and 2,000 of one that says something.
"""

import argparse
import asyncio
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from rich.console import Console
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client

from bench.bench import ground_on, publish, standing
from bench.contact import Contacts, Sink, Talk
from bench.contact import serving as serving_sink
from bench.contestants import contestants
from bench.measure import Runner
from bench.servers import cpu_seconds, serving
from compiler.compile import compile_flow
from wiring import talk
from wiring.catalog import catalogue
from wiring.supervise.ports import free_port

TURNS, ROUNDS = 30, 5
SIZES = (10, 10_000)
COUNTED, SAID = 100_000, 2_000
WITHIN = 900.0
DONE = "remember"

Json = dict[str, Any]


def asking(nodes: int) -> Json:
    """The same question again and again until `stop`; the rest of the nodes is a way that nobody goes."""
    chain = [f"m{number}" for number in range(nodes - 6)]
    drawn = [
        {"id": "ask", "type": "question", "config": {"text": "Again?", "saveTo": "said", "timeout": "1h"}},
        {
            "id": "way",
            "type": "switch",
            "config": {"on": "{{said}}", "cases": {"stop": "stop", "long": "long"}},
        },
        {"id": "note", "type": "update_contact", "config": {"customAttributes": {"said": "{{said}}"}}},
        *({"id": id, "type": "message", "config": {"text": f"{id}: {{{{said}}}}"}} for id in chain),
    ]
    edges = [
        {"from": "start", "to": "ask"},
        {"from": "ask", "to": "way"},
        {"from": "ask", "exit": "timeout", "to": "end"},
        {"from": "way", "to": "ask"},
        {"from": "way", "exit": "stop", "to": "note"},
        {"from": "way", "exit": "long", "to": chain[0]},
        {"from": "note", "to": "end"},
        *({"from": one, "to": next} for one, next in pairwise([*chain, "end"])),
    ]
    return _flow(f"asking-{nodes}", drawn, edges)


def looping(turns: int, body: Json) -> Json:
    """So many turns of a loop, then a mark on the contact."""
    drawn = [
        {"id": "loop", "type": "loop", "config": {
            "mode": "while", "condition": {"left": 1, "operator": "eq", "right": 1}, "index": "n",
            "maxIterations": turns}},
        body,
        {"id": "note", "type": "update_contact", "config": {"customAttributes": {"done": "yes"}}},
    ]  # fmt: skip
    edges = [
        {"from": "start", "to": "loop"},
        {"from": "loop", "exit": "body", "to": body["id"]},
        {"from": body["id"], "to": "loop"},
        {"from": "loop", "exit": "limit", "to": "note"},
        {"from": "loop", "exit": "done", "to": "note"},
        {"from": "note", "to": "end"},
    ]
    return _flow(f"looping-{body['type'].replace('_', '-')}", drawn, edges)


def _flow(id: str, nodes: list[Json], edges: list[Json]) -> Json:
    trigger = {"channel": "chatwoot", "event": "message_created", "keyword": id}
    ends = [{"id": "start", "type": "start"}, {"id": "end", "type": "end"}]
    return {"id": id, "name": id, "trigger": trigger, "nodes": [*ends, *nodes], "edges": edges}


async def grown(folder: Path, said: talk.Talk) -> Json:
    """All the figures."""
    figures: Json = {"compile": {str(size): _compiled(size) for size in SIZES}}
    async with serving(folder, "file", said) as servers:
        contacts, port = Contacts("growth-secret", _answer), free_port()
        ground, client = (
            ground_on(folder / "file", servers, contacts, port),
            await Client.connect(servers.temporal),
        )
        ours = contestants(f"127.0.0.1:{port}-3")[0]
        async with serving_sink(Sink(contacts), port), standing(ours, ground, servers) as runner:
            for flow in (*map(asking, SIZES), *_loops()):
                await publish(runner.front, ground, flow)
            figures["turn"] = await _turns(runner, contacts)
            for flow in _loops():
                figures[flow["id"]] = await _looped(runner, contacts, client, flow["id"])
    return figures


def _loops() -> Iterator[Json]:
    yield looping(COUNTED, {"id": "count", "type": "set_variables", "config": {"set": {"last": "{{n}}"}}})
    yield looping(SAID, {"id": "say", "type": "message", "config": {"text": "{{n}}"}})


def _answer(talk: Talk, said: str) -> str | None:
    if said != "Again?":
        return None
    return "stop" if len(talk.turns) >= TURNS else f"answer {len(talk.turns)}"


def _compiled(size: int) -> Json:
    document, seconds, plan = asking(size), list[float](), None
    for _ in range(3):
        began = time.perf_counter()
        plan = compile_flow(document, catalogue()).plan
        seconds.append(time.perf_counter() - began)
    assert plan is not None
    return {"seconds": round(statistics.median(seconds), 3), "plan_bytes": len(plan.model_dump_json())}


async def _turns(runner: Runner, contacts: Contacts) -> Json:
    """Interleaved, each round in the other order; medians, and what 10,000 nodes cost against 10."""
    runs: dict[int, list[tuple[float, float]]] = {size: [] for size in SIZES}
    numbers = iter(range(1, 1_000))
    for round in range(-1, ROUNDS):
        for size in SIZES if round % 2 else SIZES[::-1]:
            before = cpu_seconds(runner.pids["worker"])
            talk = Talk(next(numbers), runner.front, 0.02)
            await contacts.converse(talk, WITHIN, f"asking-{size}")
            cpu = (cpu_seconds(runner.pids["worker"]) - before) / TURNS
            if round >= 0:  # the first only warms up
                runs[size].append((1000 * statistics.median(talk.turns), 1000 * cpu))
    told = {str(size): _spread(found) for size, found in runs.items()}
    ratios = [(large[0] / small[0], large[1] / small[1]) for small, large in zip(*runs.values(), strict=True)]
    return {**told, "ratio": _spread(ratios)}


def _spread(pairs: list[tuple[float, float]]) -> Json:
    def told(values: list[float]) -> Json:
        return {
            "median": round(statistics.median(values), 3),
            "spread": [round(min(values), 3), round(max(values), 3)],
        }

    return {"turn_ms": told([one for one, _ in pairs]), "worker_cpu_ms": told([one for _, one in pairs])}


async def _looped(runner: Runner, contacts: Contacts, client: Client, flow: str) -> Json:
    number = 5_000 + len(flow)
    before, began = cpu_seconds(runner.pids["worker"]), time.perf_counter()
    talk = Talk(number, runner.front, 0.02)
    await contacts.converse(talk, WITHIN, flow)
    seconds, cpu = time.perf_counter() - began, cpu_seconds(runner.pids["worker"]) - before
    runs = [run async for run in _runs(client, runner.workflow.format(number))]
    tasks = [seconds for run in runs for seconds in _tasks(run)]
    return {
        "seconds": round(seconds, 1),
        "worker_cpu_seconds": round(cpu, 1),
        "effects": len(talk.effects),
        "runs": len(runs),
        "events": sum(map(len, runs)),
        "workflow_tasks": len(tasks),
        "largest_task_seconds": round(max(tasks), 3),
    }


async def _runs(client: Client, id: str) -> Any:
    """The histories of a chain, last to first."""
    run_id: str | None = None
    while run_id != "":
        handle = client.get_workflow_handle(id, run_id=run_id)
        events = [event async for event in handle.fetch_history_events(wait_new_event=run_id is None)]
        yield events
        run_id = events[0].workflow_execution_started_event_attributes.continued_execution_run_id


def _tasks(events: list[HistoryEvent]) -> Iterator[float]:
    """How long each workflow task took, from its start to its completion."""
    started = 0
    for event in events:
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED:
            started = event.event_time.ToNanoseconds()
        elif event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
            yield (event.event_time.ToNanoseconds() - started) / 1e9


def main() -> None:
    """Measure, show, write the file."""
    parser = argparse.ArgumentParser(description="What a turn costs as a flow grows.")
    parser.add_argument("--out", type=Path, required=True, help="the figures as JSON")
    asked, folder = parser.parse_args(), Path(tempfile.mkdtemp(prefix="tembea-growth-"))
    folder.chmod(0o711)  # PostgreSQL's account passes through
    figures = asyncio.run(grown(folder, talk.Talk()))
    shutil.rmtree(folder, ignore_errors=True)
    asked.out.write_text(json.dumps(figures, indent=1) + "\n")
    Console().print_json(data=figures)


if __name__ == "__main__":
    main()
