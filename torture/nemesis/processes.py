"""What is done to processes: killed, told to end, stopped for longer than anybody waits for them."""

import asyncio
import os
import signal
from collections.abc import Sequence
from typing import ClassVar

import psutil

from torture.house import House
from torture.nemesis.fault import Fault, reborn

PARTS = ("worker", "api", "temporal", "postgres")


class Kill(Fault):
    """Kill -9, of several at once or of one."""

    instant: ClassVar[bool] = True

    def __init__(self, *parts: str) -> None:
        self._parts = parts
        self._dead: dict[str, int] = {}

    @property
    def kind(self) -> str:
        return "kill all" if len(self._parts) == len(PARTS) else f"kill {' and '.join(self._parts)}"

    async def begin(self, house: House) -> None:
        self._dead = {part: house.pid(part) for part in self._parts}
        for pid in self._dead.values():
            os.kill(pid, signal.SIGKILL)

    async def end(self, house: House) -> str | None:
        return await reborn(house, self._dead)


class Restart(Fault):
    """SIGTERM: what a deployment does, one part after the other."""

    def __init__(self, parts: Sequence[str]) -> None:
        self._parts = parts
        self._dead: dict[str, int] = {}

    @property
    def kind(self) -> str:
        return f"restart {' then '.join(self._parts)}"

    async def begin(self, house: House) -> None:
        self._term(house, self._parts[0])

    async def end(self, house: House) -> str | None:
        proofs = [await reborn(house, self._dead)]
        for part in self._parts[1:]:
            self._dead = {}
            self._term(house, part)
            proofs.append(await reborn(house, self._dead))
        return ", ".join(proofs)

    def _term(self, house: House, part: str) -> None:
        self._dead[part] = house.pid(part)
        os.kill(self._dead[part], signal.SIGTERM)


class Stop(Fault):
    """SIGSTOP, of every process of a part; SIGCONT when its leases and time-outs are over."""

    def __init__(self, part: str, seconds: float) -> None:
        self._part = part
        self._stopped: list[psutil.Process] = []
        self.seconds = seconds

    @property
    def kind(self) -> str:
        return f"stop {self._part}"

    @property
    def what(self) -> str:
        return f"{self.kind} for {self.seconds:g} s"

    async def begin(self, house: House) -> None:
        parent = psutil.Process(house.pid(self._part))
        self._stopped = [parent, *parent.children(recursive=True)]
        for process in self._stopped:
            _signalled(process, signal.SIGSTOP)

    async def end(self, house: House) -> str | None:  # noqa: ARG002  they are known by now
        asleep = await asyncio.to_thread(_asleep, self._stopped)
        for process in self._stopped:
            _signalled(process, signal.SIGCONT)
        return f"{asleep} processes stood still until they were let go" if asleep else None


def _signalled(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return  # a helper that had done its work


def _asleep(processes: Sequence[psutil.Process]) -> int:
    alive = (process for process in processes if process.is_running())
    return sum(process.status() == psutil.STATUS_STOPPED for process in alive)
