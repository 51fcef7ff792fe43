"""The supervisor behind `tembea dev`, with real small children."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.wiring.supervised import part_of
from wiring.supervise import record
from wiring.supervise.part import PartError
from wiring.supervise.record import StateDirTakenError
from wiring.supervise.supervisor import supervised
from wiring.talk import QUIET

pytestmark = pytest.mark.real

# A part says it is ready and then stays; each start and end is a line in FOLDER/journal.
STAYS = """
import pathlib, signal, sys, time
folder, name = pathlib.Path(sys.argv[1]), {name!r}
def note(what):
    with (folder / "journal").open("a") as journal:
        journal.write(name + " " + what + "\\n")
def end(*_):
    note("ended")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
note("started")
(folder / (name + ".ready")).touch()
print("hello from", name, flush=True)
time.sleep(100)
"""
# Dies as soon as it has been published once.
DIES = """
import pathlib, sys, time
folder = pathlib.Path(sys.argv[1])
with (folder / "journal").open("a") as journal:
    journal.write("dies started\\n")
(folder / "dies.ready").touch()
while not (folder / "dev.json").exists():
    time.sleep(0.05)
"""
# Is ready when the other one of its wave runs too, and leaves no trace in the journal.
MEETS = """
import pathlib, sys, time
folder = pathlib.Path(sys.argv[1])
(folder / "{me}.here").touch()
while not (folder / "{other}.here").exists():
    time.sleep(0.05)
(folder / "{me}.ready").touch()
time.sleep(100)
"""
# Fails when the other one of its wave is up.
FAILS = """
import pathlib, sys, time
while not (pathlib.Path(sys.argv[1]) / "one.ready").exists():
    time.sleep(0.05)
sys.exit(3)
"""
STUBBORN = """
import pathlib, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
(pathlib.Path(sys.argv[1]) / "stubborn.ready").touch()
time.sleep(100)
"""


def stays(name: str) -> str:
    return f"{name}={STAYS.format(name=name)}"


class Run:
    """A supervisor process and its folder."""

    def __init__(self, folder: Path, process: asyncio.subprocess.Process) -> None:
        self.folder = folder
        self.process = process

    def published(self) -> dict[str, Any] | None:
        try:
            loaded: dict[str, Any] = json.loads((self.folder / "dev.json").read_text())
        except FileNotFoundError:
            return None
        return loaded

    async def until_published(
        self, accept: Callable[[dict[str, Any]], bool] = lambda _: True
    ) -> dict[str, Any]:
        async with asyncio.timeout(30):
            while not ((found := self.published()) and accept(found)):
                assert self.process.returncode is None, "the supervisor ended"
                await asyncio.sleep(0.05)
        return found

    def journal(self) -> list[str]:
        return (self.folder / "journal").read_text().splitlines()


@asynccontextmanager
async def running(folder: Path, *scripts: str, **env: str) -> AsyncIterator[Run]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.wiring.supervised", str(folder), *scripts),
        env=os.environ | env,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield Run(folder, process)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


async def until_gone(*pids: int) -> None:
    async with asyncio.timeout(20):
        while any(alive(pid) for pid in pids):  # noqa: ASYNC110  nobody tells of their end
            await asyncio.sleep(0.05)


async def test_what_runs_is_published_for_the_owner_alone_when_all_is_ready(tmp_path: Path) -> None:
    async with running(tmp_path, stays("one"), stays("two")) as run:
        found = await run.until_published()
        assert (tmp_path / "dev.json").stat().st_mode & 0o777 == 0o600
        assert found["pid"] == run.process.pid
        assert set(found["parts"]) == {"one", "two"}
        assert found["parts"]["two"].items() >= {"port": 1, "url": "http://two", "uiUrl": "http://ui"}.items()
        assert all(alive(part["pid"]) for part in found["parts"].values())


async def test_parts_start_in_order_and_end_in_reverse_with_their_output_in_logs(tmp_path: Path) -> None:
    async with running(tmp_path, stays("one"), stays("two")) as run:
        await run.until_published()
        run.process.send_signal(signal.SIGTERM)
        assert await run.process.wait() == 0
        assert run.journal() == ["one started", "two started", "two ended", "one ended"]
        assert run.published() is None
    assert (tmp_path / "logs" / "two.log").read_text() == "hello from two\n"


async def test_parts_of_a_wave_start_side_by_side_after_the_wave_before(tmp_path: Path) -> None:
    async with running(tmp_path, stays("one"), f"two={MEETS.format(me='two', other='three')}",
                       f"+three={MEETS.format(me='three', other='two')}") as run:  # fmt: skip
        found = await run.until_published()
        assert next(iter(found["parts"])) == "one"
        assert run.journal() == ["one started"]


async def test_one_of_a_wave_that_fails_ends_the_others(tmp_path: Path) -> None:
    async with running(tmp_path, stays("one"), f"+fails={FAILS}", READY_WITHIN="20") as run:
        _, said = await run.process.communicate()
        assert run.process.returncode == 1
        assert b"fails ended with 3, see" in said
        assert run.journal() == ["one started", "one ended"]


async def test_an_interrupt_ends_it_like_a_term(tmp_path: Path) -> None:
    async with running(tmp_path, stays("one")) as run:
        found = await run.until_published()
        run.process.send_signal(signal.SIGINT)
        assert await run.process.wait() == 0
        assert not alive(found["parts"]["one"]["pid"])


async def test_a_part_that_dies_is_started_again_and_published_anew(tmp_path: Path) -> None:
    async with running(tmp_path, stays("one"), stays("two")) as run:
        before = await run.until_published()
        os.kill(before["parts"]["one"]["pid"], signal.SIGKILL)
        after = await run.until_published(lambda now: bool(now["parts"]["one"] != before["parts"]["one"]))
        assert after["parts"]["two"] == before["parts"]["two"]
        assert alive(after["parts"]["one"]["pid"])
        assert run.journal().count("one started") == 2


async def test_a_part_that_runs_and_cannot_serve_any_more_is_started_again(tmp_path: Path) -> None:
    async with running(tmp_path, stays("one"), stays("two")) as run:
        before = await run.until_published()
        (tmp_path / "one.sick").touch()
        after = await run.until_published(lambda now: bool(now["parts"]["one"] != before["parts"]["one"]))
        assert after["parts"]["two"] == before["parts"]["two"]
        assert not alive(before["parts"]["one"]["pid"])
        assert "one ended" not in run.journal(), "nobody asks who is sick to end in order"


async def test_a_part_that_dies_six_times_in_a_minute_ends_everything_with_1(tmp_path: Path) -> None:
    async with running(tmp_path, stays("one"), f"dies={DIES}") as run:
        async with asyncio.timeout(60):
            _, said = await run.process.communicate()
        assert run.process.returncode == 1
        assert run.journal().count("dies started") == 6
        assert run.journal()[-1] == "one ended"
        assert b"dies ended 6 times within a minute, see" in said
        assert run.published() is None


async def test_a_part_that_is_never_ready_ends_what_was_started_before_it(tmp_path: Path) -> None:
    never = "never=import time; time.sleep(100)"
    async with running(tmp_path, stays("one"), never, READY_WITHIN="1") as run:
        _, said = await run.process.communicate()
        assert run.process.returncode == 1
        assert b"never was not ready after 1 s, see" in said
        assert run.journal() == ["one started", "one ended"]


async def test_a_part_that_ignores_term_is_killed_after_its_time(tmp_path: Path) -> None:
    async with running(tmp_path, f"stubborn={STUBBORN}", STOP_WITHIN="0.5") as run:
        found = await run.until_published()
        run.process.terminate()
        assert await run.process.wait() == 0
        assert not alive(found["parts"]["stubborn"]["pid"])


async def test_parts_of_a_killed_supervisor_end_at_once_on_linux_and_with_the_next_start_elsewhere(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, stays("one")) as run:
        found = await run.until_published()
        run.process.kill()
        if sys.platform == "linux":
            await until_gone(found["parts"]["one"]["pid"])
    async with supervised([], tmp_path, QUIET):
        assert not alive(found["parts"]["one"]["pid"])


@pytest.fixture
def sleepers() -> Iterator[tuple[int, int]]:
    """Two processes which no supervisor started."""
    started = [subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"]) for _ in range(2)]
    yield started[0].pid, started[1].pid
    for process in started:
        process.kill()
        process.wait()


async def test_what_a_killed_supervisor_left_running_is_ended_by_the_next(
    tmp_path: Path, sleepers: tuple[int, int]
) -> None:
    orphan, stranger = sleepers
    started = psutil.Process(orphan).create_time()
    parts = {
        "one": record.PartRecord(pid=orphan, started=started, log=""),
        "two": record.PartRecord(pid=stranger, started=started - 3600, log=""),
    }
    record.publish(tmp_path, record.Record(pid=1, parts=parts))
    async with supervised([], tmp_path, QUIET):
        assert not alive(orphan)
        assert alive(stranger), "the number was another process's by then"


async def test_a_folder_in_use_is_refused_and_its_user_named(tmp_path: Path) -> None:
    async with running(tmp_path, stays("one")) as run:
        found = await run.until_published()
        with pytest.raises(StateDirTakenError, match=rf"process {found['pid']}.*--state-dir"):
            await supervised([], tmp_path, QUIET).__aenter__()
        assert run.published() == found, "its record is left alone"


@pytest.mark.parametrize(("given", "times"), [({}, 6), ({"restarts": 1}, 2), ({"restarts": 7}, 8)])
async def test_the_block_is_interrupted_when_a_part_does_not_stay(
    tmp_path: Path, given: dict[str, int], times: int
) -> None:
    async def block() -> None:
        async with supervised([[part_of(tmp_path, "dies", DIES)]], tmp_path, QUIET, **given):
            await asyncio.sleep(60)

    with pytest.raises(PartError, match=f"dies ended {times} times"):
        await block()


async def test_an_error_of_the_block_ends_the_parts_and_is_raised(tmp_path: Path) -> None:
    one = part_of(tmp_path, "one", STAYS.format(name="one"))
    with pytest.raises(ZeroDivisionError):
        async with supervised([[one]], tmp_path, QUIET):
            raise ZeroDivisionError
    assert (tmp_path / "journal").read_text() == "one started\none ended\n"
