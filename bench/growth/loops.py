"""Loops that wait for nobody: their time, their runs, their longest workflow task."""

import time

from bench.growth.figures import Looped
from bench.growth.flows import Json, counting, saying
from bench.growth.histories import runs_of, tasks_of
from bench.growth.place import Place
from bench.servers import cpu_seconds
from wiring.supervise.child import Child


async def looped(place: Place, worker: Child, counted: int, said: int) -> dict[str, Looped]:
    """One loop that only counts, one that says something in each turn."""
    flows = counting(counted), saying(said)
    await place.publish(*flows)
    return {flow["id"]: await _loop(place, worker, flow) for flow in flows}


async def _loop(place: Place, worker: Child, flow: Json) -> Looped:
    person, before = place.people.person(place.url), cpu_seconds(worker.pid)
    began = time.perf_counter()
    await person.open(flow["id"])
    seconds, cpu = time.perf_counter() - began, cpu_seconds(worker.pid) - before
    runs = await runs_of(place.client, place.workflow(person.talk.id))
    tasks = [seconds for run in runs for seconds in tasks_of(run)]
    return Looped(
        seconds=round(seconds, 1),
        worker_cpu_seconds=round(cpu, 1),
        effects=len(person.talk.effects),
        runs=len(runs),
        events=sum(map(len, runs)),
        workflow_tasks=len(tasks),
        longest_task_seconds=round(max(tasks), 3),
    )
