"""The cache of plans: one load for many, bounded, honest about what is missing and what failed."""

import asyncio
import gc
from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from dsl.plan import End, Plan, PlanNode
from wiring.plans import BYTES_OF_ONE, PlanCache, PlanNotLoadedError


def a_plan(name: str) -> Plan:
    nodes = {"end": PlanNode(kind="end", label=name, entry="end")}
    return Plan(flow=name, name=name, start="end", nodes=nodes, steps={"end": End(id="end", node="end")})


def as_bytes(plan: Plan) -> bytes:
    return plan.model_dump_json(by_alias=True).encode()


SIZE = len(as_bytes(a_plan("a"))) * BYTES_OF_ONE


class Shelf:
    """The table of plans: what is on it, what was asked for, and a gate that holds loads back."""

    def __init__(self, *names: str) -> None:
        self.rows: dict[str, bytes | Mapping[str, Any]] = {name: as_bytes(a_plan(name)) for name in names}
        self.loads: list[str] = []
        self.error: Exception | None = None
        self.open = asyncio.Event()
        self.open.set()

    async def load(self, digest: str) -> bytes | Mapping[str, Any] | None:
        self.loads.append(digest)
        await self.open.wait()
        if self.error:
            raise self.error
        return self.rows.get(digest)


async def test_a_plan_is_loaded_once_and_shared() -> None:
    shelf = Shelf("a")
    cache = PlanCache(shelf.load)
    await cache.ensure("a")
    first = cache.get("a")
    await cache.ensure("a")
    assert first == a_plan("a")
    assert cache.get("a") is first
    assert shelf.loads == ["a"]


async def test_those_who_come_together_share_one_load() -> None:
    shelf = Shelf("a")
    shelf.open.clear()
    cache = PlanCache(shelf.load)
    waiting = [asyncio.create_task(cache.ensure("a")) for _ in range(5)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    shelf.open.set()
    await asyncio.gather(*waiting)
    assert shelf.loads == ["a"]


async def test_one_who_leaves_does_not_spoil_the_load_for_others() -> None:
    shelf = Shelf("a")
    shelf.open.clear()
    cache = PlanCache(shelf.load)
    leaving, staying = (asyncio.create_task(cache.ensure("a")) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    shelf.open.set()
    await staying
    assert cache.get("a") == a_plan("a")
    assert shelf.loads == ["a"]


async def test_a_plan_read_as_json_of_the_database_is_the_same() -> None:
    shelf = Shelf()
    shelf.rows["a"] = a_plan("a").model_dump(mode="json", by_alias=True)
    cache = PlanCache(shelf.load)
    await cache.ensure("a")
    assert cache.get("a") == a_plan("a")


async def test_to_ask_before_the_plan_is_sure_is_an_error() -> None:
    with pytest.raises(PlanNotLoadedError):
        PlanCache(Shelf("a").load).get("a")


async def test_an_absent_plan_is_none_and_is_not_asked_for_at_once_again() -> None:
    shelf = Shelf()
    cache = PlanCache(shelf.load)
    for _ in range(3):
        await cache.ensure("a")
        assert cache.get("a") is None
    assert shelf.loads == ["a"]


async def test_an_absent_plan_is_found_once_it_is_there() -> None:
    shelf = Shelf()
    cache = PlanCache(shelf.load, missing_for=0.0)
    await cache.ensure("a")
    assert cache.get("a") is None
    shelf.rows["a"] = as_bytes(a_plan("a"))
    await cache.ensure("a")
    assert cache.get("a") == a_plan("a")


async def test_a_loader_that_fails_says_so_to_all_and_is_asked_again() -> None:
    shelf = Shelf("a")
    shelf.error = ConnectionError("down")
    cache = PlanCache(shelf.load)
    both = await asyncio.gather(cache.ensure("a"), cache.ensure("a"), return_exceptions=True)
    assert [type(error) for error in both] == [ConnectionError] * 2
    with pytest.raises(PlanNotLoadedError):
        cache.get("a")
    shelf.error = None
    await cache.ensure("a")
    assert cache.get("a") == a_plan("a")
    assert shelf.loads == ["a", "a"]


async def test_a_plan_this_release_cannot_read_is_an_error_not_a_missing_plan() -> None:
    shelf = Shelf()
    shelf.rows["a"] = as_bytes(a_plan("a")).replace(b'"op":"end"', b'"op":"teleport"')
    cache = PlanCache(shelf.load)
    with pytest.raises(ValidationError):
        await cache.ensure("a")
    with pytest.raises(PlanNotLoadedError):
        cache.get("a")


async def test_the_least_recently_used_goes_when_the_bound_is_reached() -> None:
    shelf = Shelf("a", "b", "c")
    cache = PlanCache(shelf.load, max_bytes=2 * SIZE)
    for name in ("a", "b", "a", "c"):
        await cache.ensure(name)
    gc.collect()
    with pytest.raises(PlanNotLoadedError):
        cache.get("b")
    assert cache.get("a") is not None
    assert cache.get("c") is not None
    await cache.ensure("b")
    assert shelf.loads == ["a", "b", "c", "b"]


async def test_a_plan_in_use_stays_shared_beyond_the_bound() -> None:
    shelf = Shelf("a", "b")
    cache = PlanCache(shelf.load, max_bytes=1)
    await cache.ensure("a")
    walked = cache.get("a")
    await cache.ensure("b")
    gc.collect()
    await cache.ensure("a")
    assert cache.get("a") is walked
    assert shelf.loads == ["a", "b"]


async def test_the_newest_plan_is_kept_even_when_it_alone_is_over_the_bound() -> None:
    cache = PlanCache(Shelf("a").load, max_bytes=1)
    await cache.ensure("a")
    gc.collect()
    assert cache.get("a") == a_plan("a")


async def test_plans_that_are_needed_together_are_there_together_whatever_the_bound() -> None:
    """Else a run with large subflows could never be read: each plan would push out another of its own."""
    cache = PlanCache(Shelf("a", "b", "c", "d").load, max_bytes=1)
    await cache.ensure("d")
    await cache.ensure("a", "nothing", "b", "c")
    gc.collect()
    assert [cache.get(name) for name in ("a", "b", "c", "nothing")] == [
        *map(a_plan, ("a", "b", "c")),
        None,
    ]
    with pytest.raises(PlanNotLoadedError):
        cache.get("d")


async def test_what_is_missing_is_remembered_in_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wiring.plans.MISSING_KEPT", 2)
    cache = PlanCache(Shelf().load)
    for name in ("a", "b", "c"):
        await cache.ensure(name)
    assert (cache.get("b"), cache.get("c")) == (None, None)
    with pytest.raises(PlanNotLoadedError):
        cache.get("a")


async def refused_twice(shelf: Shelf) -> PlanCache:
    """A cache of a shelf that gives nothing, after two who asked for a plan in vain."""
    shelf.open.clear()
    cache = PlanCache(shelf.load)
    for _ in range(2):
        with pytest.raises(PlanNotLoadedError):
            await cache.ensure("a")
    return cache


async def test_a_load_that_takes_long_is_not_waited_for_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wiring.plans.WAIT_WITHIN", 0.01)
    shelf = Shelf("a")
    cache = await refused_twice(shelf)
    shelf.open.set()
    await asyncio.sleep(0.01)
    assert cache.get("a") == a_plan("a")
    assert shelf.loads == ["a"]


async def test_a_loader_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wiring.plans.LOAD_WITHIN", 0.01)
    shelf = Shelf("a")
    await refused_twice(shelf)
    assert shelf.loads == ["a", "a"]
