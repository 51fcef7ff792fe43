"""A fault: how it begins, how it is over, and the proof that it landed."""

import asyncio
from abc import ABC, abstractmethod
from typing import ClassVar

from torture.house import House

BACK_WITHIN = 200.0


class Fault(ABC):
    """Something done to a house for `seconds`; `instant`: it is done at once, and so recovery begins."""

    instant: ClassVar[bool] = False
    seconds: float = 0.0

    @property
    @abstractmethod
    def kind(self) -> str:
        """What it is counted as: `kill worker`."""

    @property
    def what(self) -> str:
        """The same, with all there is to say of it."""
        return self.kind

    @abstractmethod
    async def begin(self, house: House) -> None:
        """Do it."""

    @abstractmethod
    async def end(self, house: House) -> str | None:
        """Let it be over; the proof that it landed, if there is any."""


async def reborn(house: House, dead: dict[str, int]) -> str:
    """Return when parts whose processes are dead run anew and are ready; who became whom."""
    async with asyncio.timeout(BACK_WITHIN):
        while any(house.pid(part) == pid for part, pid in dead.items()):  # noqa: ASYNC110  processes make it so
            await asyncio.sleep(0.05)
    return ", ".join(f"{part} {pid} became {house.pid(part)}" for part, pid in dead.items())
