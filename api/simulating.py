"""Simulations inside requests: each in a thread with a loop of its own, a few at once."""

import asyncio
from collections.abc import Mapping, Sequence

from dsl.kind import Kind
from dsl.moves import Plans
from dsl.plan import Plan
from simulator.bounds import Bounds
from simulator.lines import Line
from simulator.played import Played
from simulator.playing import play
from simulator.setting import Setting
from simulator.simulation import Simulation

STEPS, TRACE, SECONDS = 2_000, 1024 * 1024, 10.0
AT_ONCE = 2


class Simulations:
    """The simulations of this process."""

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(AT_ONCE)

    async def played(
        self,
        plan: Plan,
        below: Plans,
        catalogue: Mapping[str, type[Kind]],
        setting: Setting,
        lines: Sequence[Line],
    ) -> Played:
        """How far a conversation comes; it waits for its turn."""

        async def work() -> Played:
            bounds = Bounds(steps=STEPS, bytes=TRACE, seconds=SECONDS)
            async with Simulation(plan, catalogue, setting, plans=below, bounds=bounds) as simulation:
                return await play(lines, simulation)

        async with self._room:
            return await asyncio.to_thread(asyncio.run, work())
