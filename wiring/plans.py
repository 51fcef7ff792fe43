"""The plans of a process: each loaded once, shared by all who walk it, bounded in bytes."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from weakref import WeakValueDictionary

import orjson

from dsl.plan import Plan

Stored = bytes | Mapping[str, Any]
Load = Callable[[str], Awaitable[Stored | None]]

MAX_BYTES = 64 * 1024 * 1024
BYTES_OF_ONE = 9
"""Memory a plan takes per byte of its JSON."""
MISSING_FOR = 5.0
MISSING_KEPT = 1_000
LOAD_WITHIN = 30.0
WAIT_WITHIN = 2.0
"""Seconds that a task waits for plans. One that takes eight with its local activities is kept alive in a way
of which a replay knows nothing (docs/adr/0005)."""


class PlanNotLoadedError(Exception):
    """The plan is not there yet, or was dropped again at once: the task is to be tried again."""


class PlanCache:
    """Plans by digest. `load` gives a plan's JSON, None where there is none, or raises (database down).

    A plan in use stays shared even when the bound has let go of it.
    """

    def __init__(self, load: Load, *, max_bytes: int = MAX_BYTES, missing_for: float = MISSING_FOR) -> None:
        self._load = load
        self._max_bytes = max_bytes
        self._missing_for = missing_for
        self._plans: WeakValueDictionary[str, Plan] = WeakValueDictionary()
        self._kept: OrderedDict[str, tuple[Plan, int]] = OrderedDict()
        self._bytes = 0
        self._missing: OrderedDict[str, float] = OrderedDict()
        self._loading: dict[str, asyncio.Task[None]] = {}

    def get(self, digest: str) -> Plan | None:
        """The plan, or None where there is none; any thread may ask.

        Raises `PlanNotLoadedError` where `ensure` did not come first.
        """
        plan = self._plans.get(digest)
        if plan is None and digest not in self._missing:
            raise PlanNotLoadedError(f"plan {digest} is not loaded")
        return plan

    async def ensure(self, *digests: str) -> None:
        """Have `get` know about the plans; the bound lets go of none of them for another.

        Raises what the loader raises, ValidationError for a plan from the future, and `PlanNotLoadedError`
        after 2 s: the load goes on then, for 30 s.
        """
        try:
            async with asyncio.timeout(WAIT_WITHIN):
                await asyncio.gather(*(self._ensure(digest) for digest in digests))
        except TimeoutError:
            raise PlanNotLoadedError(f"plans are loaded still: {', '.join(digests)}") from None
        for digest in digests:
            self._touch(digest)
        self._shrink(needed=len(self._kept.keys() & set(digests)))

    async def _ensure(self, digest: str) -> None:
        plan = self._plans.get(digest)
        if plan is None and time.monotonic() >= self._missing.get(digest, 0.0):
            await asyncio.shield(self._flight(digest))

    def _flight(self, digest: str) -> asyncio.Task[None]:
        """The one load of a digest under way; it survives those who wait for it."""
        task = self._loading.get(digest)
        if task is None:
            task = self._loading[digest] = asyncio.create_task(self._fetch(digest))
            task.add_done_callback(lambda done: self._landed(digest, done))
        return task

    def _landed(self, digest: str, done: asyncio.Task[None]) -> None:
        del self._loading[digest]
        if not done.cancelled():
            done.exception()

    async def _fetch(self, digest: str) -> None:
        async with asyncio.timeout(LOAD_WITHIN):
            stored = await self._load(digest)
        if stored is None:
            self._miss(digest)
        else:
            self._keep(digest, *_parse(stored))

    def _touch(self, digest: str) -> None:
        if digest in self._kept:
            self._kept.move_to_end(digest)

    def _miss(self, digest: str) -> None:
        self._missing[digest] = time.monotonic() + self._missing_for
        self._missing.move_to_end(digest)
        while len(self._missing) > MISSING_KEPT:
            self._missing.popitem(last=False)

    def _keep(self, digest: str, plan: Plan, size: int) -> None:
        self._plans[digest] = plan
        self._missing.pop(digest, None)
        self._kept[digest] = plan, size
        self._bytes += size

    def _shrink(self, needed: int) -> None:
        """Let go of what was asked for longest ago; the `needed` newest stay, however large."""
        while self._bytes > self._max_bytes and len(self._kept) > needed:
            _, (_, freed) = self._kept.popitem(last=False)
            self._bytes -= freed


def _parse(stored: Stored) -> tuple[Plan, int]:
    if isinstance(stored, bytes):
        return Plan.model_validate_json(stored), len(stored) * BYTES_OF_ONE
    return Plan.model_validate(stored), len(orjson.dumps(stored)) * BYTES_OF_ONE
