"""JavaScript of flows: whatever it does is stopped, and neither the worker nor the next script feels it."""

import asyncio
import gc
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import psutil
import pytest

from activities.evaluation.evaluate import evaluate
from activities.evaluation.limits import ScriptLimits
from activities.evaluation.sandbox import ROOT, Sandbox
from tests.activities.hostile import SCRIPTS, Hostile

pytestmark = pytest.mark.real

ROUNDS = 2
"""How often all of the hostile scripts are run, to see memory grow if it does."""
FLAT = 24 * 1024 * 1024
"""Bytes by which the memory of this process may vary meanwhile."""
ENDLESS = "for (;;);"


@pytest.fixture(scope="module")
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as sandbox:
        yield sandbox


async def given(sandbox: Sandbox, code: str, **scope: Any) -> Any:
    """The value that a script gives; its problem's code where it gives none."""
    outcome = await evaluate({"script": code, "scope": scope}, sandbox)
    return outcome.error.code if outcome.error else outcome.value


def children() -> list[psutil.Process]:
    """Processes of this one that run scripts."""
    ours = psutil.Process().children()
    return [one for one in ours if "activities.evaluation.child" in one.cmdline()]


@pytest.mark.parametrize("hostile", SCRIPTS, ids=lambda one: one.about)
async def test_a_hostile_script_is_stopped_or_harmless_and_the_next_one_never_knows(
    sandbox: Sandbox, hostile: Hostile
) -> None:
    outcome = await evaluate({"script": hostile.code, "scope": {}}, sandbox)
    if outcome.error is None:
        assert outcome.value == hostile.value
    else:
        assert outcome.error.code in hostile.problems
    fresh = "[{}.vars, [1].map((n) => n + 1), JSON.stringify(2), typeof vars, inputs.n]"
    assert await given(sandbox, fresh, inputs={"n": 3}) == [None, [2], "2", "object", 3]


async def test_hostile_conditions_decide_and_the_memory_of_the_worker_stays_flat(
    sandbox: Sandbox, examples: int | None
) -> None:
    sizes = []
    for _ in range(examples or ROUNDS):
        for hostile in SCRIPTS:
            outcome = await evaluate({"javascript": hostile.code, "scope": {}}, sandbox)
            assert (outcome.exit in ("true", "false"), outcome.error) == (True, None)
        gc.collect()
        sizes.append(psutil.Process().memory_info().rss)
    assert max(sizes) - min(sizes) < FLAT, sizes


async def test_the_worker_goes_on_while_scripts_never_end(sandbox: Sandbox) -> None:
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0.005)

    turning = asyncio.create_task(turn())
    assert await asyncio.gather(*(given(sandbox, ENDLESS) for _ in range(4))) == ["SCRIPT_TIMEOUT"] * 4
    turning.cancel()
    assert turns > 10


async def test_scripts_wait_for_a_free_child_and_all_are_answered(sandbox: Sandbox) -> None:
    answers = await asyncio.gather(*(given(sandbox, "inputs.n + 1", inputs={"n": n}) for n in range(200)))
    assert answers == list(range(1, 201))
    assert len(children()) <= sandbox.limits.children


async def test_a_child_is_replaced_after_so_many_scripts() -> None:
    async with Sandbox(ScriptLimits(children=1, calls=3)) as sandbox:
        pids = []
        for _ in range(7):
            assert await given(sandbox, "1") == 1
            pids += [child.process.pid for child in sandbox._idle]
    assert len(set(pids)) == 3
    assert not any(psutil.pid_exists(pid) for pid in pids)


async def test_a_child_that_dies_over_a_script_is_replaced() -> None:
    async with Sandbox(ScriptLimits(children=1, seconds=2)) as sandbox:
        assert await given(sandbox, "1") == 1
        [child] = sandbox._idle
        asking = asyncio.create_task(given(sandbox, ENDLESS))
        await asyncio.sleep(0.1)
        os.kill(child.process.pid, signal.SIGKILL)
        assert await asking == "SCRIPT_KILLED"
        assert await given(sandbox, "2") == 2


async def test_a_machine_that_stands_still_is_our_fault_and_no_answer() -> None:
    async with Sandbox(ScriptLimits(children=1)) as sandbox:
        assert await given(sandbox, "1") == 1
        [child] = sandbox._idle
        os.kill(child.process.pid, signal.SIGSTOP)
        with pytest.raises(TimeoutError):
            await given(sandbox, "2")
        assert await given(sandbox, "3") == 3


async def test_whoever_no_longer_waits_leaves_no_child_behind() -> None:
    async with Sandbox(ScriptLimits(children=1, seconds=2)) as sandbox:
        assert await given(sandbox, "1") == 1
        [child] = sandbox._idle
        asking = asyncio.create_task(given(sandbox, ENDLESS))
        await asyncio.sleep(0.1)
        asking.cancel()
        await asyncio.wait([asking])
        assert not psutil.pid_exists(child.process.pid)
        assert await given(sandbox, "2") == 2


async def test_a_closed_sandbox_has_no_children() -> None:
    async with Sandbox() as sandbox:
        await asyncio.gather(*(given(sandbox, "1") for _ in range(10)))
        pids = [child.process.pid for child in sandbox._idle]
        assert len(pids) == 2
    assert not any(psutil.pid_exists(pid) for pid in pids)


async def test_a_child_is_given_nothing_of_the_house(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    async with Sandbox(ScriptLimits(children=1)) as own:
        assert await given(own, "1") == 1
        [child] = own._idle
        try:
            environment = psutil.Process(child.process.pid).environ()
        except psutil.AccessDenied:  # not even its user may look into a jailed process; root may
            environment = {}
    assert set(environment) <= {"PYTHONPATH", "LC_CTYPE"}


ESCAPES = {
    "a file": "os.open('.', os.O_RDONLY)",
    "a new file": "os.open('escaped', os.O_CREAT | os.O_WRONLY)",
    "a directory": "os.listdir('/')",
    "a socket": "__import__('_socket').socket()",
    "a process": "os.fork()",
    "another program": "os.execv(sys.executable, ['python'])",
    "a signal to the parent": "os.kill(os.getppid(), 0)",
    "code in memory": "mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC)",
    "a pipe": "os.pipe()",
    "more memory": "bytearray(jail.MEMORY)",
    "higher limits": "resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))",
}


@pytest.mark.parametrize("attempt", ESCAPES.values(), ids=ESCAPES.keys())
def test_nothing_leads_out_of_the_jail(attempt: str) -> None:
    program = f"""
import _socket, mmap, os, resource, sys
from activities.evaluation import jail
assert jail.enter(10)
try:
    {attempt}
    os.write(1, b"out")
except (OSError, MemoryError, ValueError) as error:
    os.write(1, type(error).__name__.encode())
os._exit(0)
"""
    ran = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": str(ROOT)}, capture_output=True, timeout=60
    )
    assert ran.stdout in (b"PermissionError", b"OSError", b"MemoryError", b"ValueError"), ran


def test_the_engine_is_not_loaded_into_the_worker() -> None:
    program = "import sys, activities.register; print(json.dumps([n for n in sys.modules if 'quickjs' in n]))"
    ran = subprocess.run(
        [sys.executable, "-c", f"import json; {program}"], env={"PYTHONPATH": str(ROOT)}, capture_output=True
    )
    assert json.loads(ran.stdout) == []
