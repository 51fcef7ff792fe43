"""Deliveries beside the requests: tracked, bounded, awaited."""

import asyncio

from api.deliveries import Deliveries


async def test_finishing_waits_for_what_is_under_way() -> None:
    deliveries, released, done = Deliveries(), asyncio.Event(), []

    async def delivery() -> None:
        await released.wait()
        done.append(1)

    deliveries.start(delivery())
    asyncio.get_running_loop().call_soon(released.set)
    await deliveries.finish(5)
    assert done == [1]


async def test_finishing_cancels_what_takes_too_long() -> None:
    deliveries, ended = Deliveries(), []

    async def delivery() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(1)

    deliveries.start(delivery())
    await asyncio.sleep(0)
    await deliveries.finish(0.01)
    assert ended == [1]


async def test_a_delivery_that_fails_disturbs_nobody() -> None:
    deliveries = Deliveries()

    async def delivery() -> None:
        raise ValueError("down")

    deliveries.start(delivery())
    await deliveries.finish(5)
    await deliveries.finish(5)


async def test_room_is_given_back() -> None:
    deliveries, released = Deliveries(at_once=1), asyncio.Event()
    assert deliveries.has_room
    deliveries.start(released.wait())
    assert not deliveries.has_room
    released.set()
    await deliveries.finish(5)
    assert deliveries.has_room
