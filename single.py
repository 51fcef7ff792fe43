"""One process that is API and worker: for one machine, and to start runs eagerly.

A run is started by the client that works on it, so that its first task comes with the answer to the start.
Without Temporal it does not start, and a slow turn delays the answers of the API: both have one event loop.
"""

import asyncio

import uvloop

import worker
from api.__main__ import prepare, serve_in
from wiring.house import opened


async def main() -> None:
    """Serve and work until told to end: the API first, then the worker when its calls have landed."""
    stop = asyncio.Event()
    async with opened(lazy=False) as house:
        await prepare(house)
        async with asyncio.TaskGroup() as both:
            both.create_task(worker.serve(house, stop))
            await serve_in(house)
            stop.set()


def run() -> None:
    """Entry of `tembea single`."""
    uvloop.run(main())


if __name__ == "__main__":
    run()
