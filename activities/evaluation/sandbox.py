"""Child processes that run JavaScript: kept while they behave, killed and replaced when they do not."""

import asyncio
import json
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil
import structlog

from activities.evaluation.frames import MOST, Reply, framed
from activities.evaluation.limits import ScriptLimits

log = structlog.get_logger()

ROOT = Path(__file__).parents[2]
CHILD = "activities.evaluation.child"
OUT_OF_TIME = (-signal.SIGPROF, -signal.SIGXCPU)
STARTING, DYING = 15.0, 2.0
"""Seconds a child may take to start, when nobody's script runs yet, and to end when it is silent."""


class Stopped(Exception):
    """The child died over a script, or had to be killed; `code` says which."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Child:
    """One process; asked one thing at a time."""

    def __init__(self, process: Process, limits: ScriptLimits) -> None:
        self.process, self.limits, self.calls = process, limits, 0

    @classmethod
    async def start(cls, limits: ScriptLimits) -> Self:
        """A child that has entered its jail; raises OSError or TimeoutError."""
        command = [sys.executable, "-s", "-P", "-m", CHILD, limits.told()]
        process = await asyncio.create_subprocess_exec(
            *command,
            env={"PYTHONPATH": str(ROOT)},
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            start_new_session=True,
        )
        child = cls(process, limits)
        try:
            async with asyncio.timeout(STARTING):
                greeting = await child._reply()
        except (TimeoutError, EOFError):
            await child.kill()
            raise OSError("a child for JavaScript does not start") from None
        except BaseException:
            await child.kill()
            raise
        log.debug("script_child_started", jailed=greeting.get("jailed"))
        return child

    async def ask(self, request: bytes) -> Reply:
        """What came of a script; raises `Stopped`, after which the child is no more.

        TimeoutError where it was the machine that was slow: the script had no CPU time to spend.
        """
        self.calls += 1
        before = self._spent()
        assert self.process.stdin is not None
        try:
            async with asyncio.timeout(self.limits.patience()):
                self.process.stdin.write(framed(request))
                await self.process.stdin.drain()
                return await self._reply()
        except (EOFError, ConnectionError):
            await self._gone()
            ended = self.process.returncode in OUT_OF_TIME
            raise Stopped("SCRIPT_TIMEOUT" if ended else "SCRIPT_KILLED") from None
        except TimeoutError:
            spent = self._spent() - before
            await self.kill()
            if spent < self.limits.seconds:
                raise
            raise Stopped("SCRIPT_TIMEOUT") from None
        except BaseException:
            await self.kill()
            raise

    async def _reply(self) -> Reply:
        """One frame; EOFError, as asyncio has it, where the child is gone, or talks nonsense."""
        assert self.process.stdout is not None
        size = int.from_bytes(await self.process.stdout.readexactly(4))
        content = await self.process.stdout.readexactly(size) if size <= MOST else b""
        try:
            reply = json.loads(content)
        except (ValueError, RecursionError):
            raise EOFError from None
        if not isinstance(reply, dict):
            raise EOFError
        return reply

    def _spent(self) -> float:
        """CPU seconds so far; 0 of a child that is gone."""
        try:
            times = psutil.Process(self.process.pid).cpu_times()
        except psutil.Error:
            return 0.0
        return float(times.user + times.system)

    @property
    def worn(self) -> bool:
        """Whether it is to be replaced, though it behaved."""
        return self.calls >= self.limits.calls or self.process.returncode is not None

    async def _gone(self) -> None:
        """See it end by itself: to signal what has ended already would hide what it died of."""
        with suppress(TimeoutError):
            async with asyncio.timeout(DYING):
                await self.process.wait()
        await self.kill()

    async def kill(self) -> None:
        """End it, and see it gone."""
        if self.process.returncode is None:
            self.process.kill()
        await self.process.communicate()


class Sandbox:
    """The children; started when first needed. Use it as a context."""

    def __init__(self, limits: ScriptLimits | None = None) -> None:
        self.limits = limits or ScriptLimits()
        self._free = asyncio.Semaphore(self.limits.children)
        self._idle: list[Child] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """End the children."""
        while self._idle:
            await self._idle.pop().kill()

    async def run(self, code: str, scope: dict[str, Any], *, truth: bool = False) -> Reply:
        """What came of a script; `truth`: only whether it holds.

        Raises OSError or TimeoutError where it is our machine that fails, never the script.
        """
        request = json.dumps({"code": code, "scope": scope, "truth": truth}).encode()
        if len(request) > MOST:
            return {"problem": "SCRIPT_MEMORY", "message": "The script is given more than it may take."}
        async with self._free:
            child = self._idle.pop() if self._idle else await Child.start(self.limits)
            try:
                reply = await child.ask(request)
            except Stopped as stopped:
                log.warning("script_child_replaced", code=stopped.code)
                return {"problem": stopped.code, "message": "The script had to be stopped."}
            await self._back(child)
        return reply

    async def _back(self, child: Child) -> None:
        if child.worn:
            await child.kill()
        else:
            self._idle.append(child)
