"""The nemesis: one fault after the other, each noted with its window, its proof and what came after it."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import psutil

from providers.errors import ProviderError
from torture.checker.folder import FAULTS
from torture.house import House
from torture.journal import note, now
from torture.nemesis.fault import Fault
from torture.recovery import Probe
from wiring.talk import Talk

TROUBLE = (OSError, TimeoutError, psutil.Error, ProviderError)
CALM = (2.0, 5.0)
"""Seconds between a recovery and the next fault."""


@dataclass
class Suffered:
    """A fault that is over; `recovered` in seconds, None where that did not happen in time."""

    kind: str
    landed: bool
    recovered: float | None


@dataclass
class Nemesis:
    """Whoever breaks a house, in a run's folder."""

    house: House
    probe: Probe
    folder: Path
    talk: Talk
    dice: Random
    suffered: list[Suffered] = field(default_factory=list)

    async def rage(self, faults: Iterator[Fault], until: float) -> None:
        """Fault after fault, until that moment of the loop's clock; the last one is seen through."""
        loop = asyncio.get_running_loop()
        for fault in faults:
            await asyncio.sleep(self.dice.uniform(*CALM))
            if loop.time() + fault.seconds > until:
                return
            await self.strike(fault)

    async def strike(self, fault: Fault) -> None:
        """Do it, let it be over, and wait until the house has recovered."""
        begun, struck, proof, probing = now(), time.monotonic(), None, None
        with suppress(*TROUBLE):  # what could not be done leaves no proof
            await fault.begin(self.house)
            probing = self._probing() if fault.instant else None
            await self._last(fault)
            proof = await fault.end(self.house)
        ended, since = now(), struck if probing else time.monotonic()
        note(self.folder / FAULTS, what=fault.what, kind=fault.kind, begun=begun, ended=ended, proof=proof)
        recovered = await (probing or self._probing())
        seconds = None if recovered is None else recovered - since
        self.suffered.append(Suffered(fault.kind, proof is not None, seconds))
        self.talk.say(f"  {fault.what}: {proof or 'NO PROOF'}; {told(seconds)}")

    async def _last(self, fault: Fault) -> None:
        """Who is interrupted meanwhile leaves nothing broken: a server that is stopped does not even end."""
        try:
            await asyncio.sleep(fault.seconds)
        except asyncio.CancelledError:
            await fault.end(self.house)
            raise

    def _probing(self) -> asyncio.Task[float | None]:
        return asyncio.create_task(self.probe.recovered())


def told(seconds: float | None) -> str:
    """For people."""
    return "NOT RECOVERED" if seconds is None else f"recovered in {seconds:.1f} s"
