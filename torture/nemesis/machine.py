"""What is done to the machine: its disk is full, its clocks are wrong."""

from contextlib import suppress

import asyncpg

from providers.errors import ProviderError
from torture.clocks import RIGHT, told_by
from torture.house import House
from torture.nemesis.fault import Fault

FULL = b"No space left on device"
TOO_MUCH = "CREATE TEMP TABLE too_much AS SELECT repeat('x', 1000) FROM generate_series(1, 50000)"
OFF_BY = 60.0
"""Seconds by which a clock has to be off to be called wrong."""
PAGES = {"api": "/livez", "worker": ""}
"""What answers at once, with the time."""


class FullDisk(Fault):
    """Nobody can write to PostgreSQL's disk."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._complaints = 0

    @property
    def kind(self) -> str:
        return "disk full"

    async def begin(self, house: House) -> None:
        assert house.disk
        self._complaints = _complaints(house)
        house.disk.fill()
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await house.db.execute(TOO_MUCH)  # what others write may fit into pages that are there

    async def end(self, house: House) -> str | None:
        assert house.disk
        left, complaints = house.disk.left, _complaints(house) - self._complaints
        house.disk.free()
        return f"{left} bytes were left, PostgreSQL complained {complaints} times" if complaints else None


def _complaints(house: House) -> int:
    return house.log("postgres").read_bytes().count(FULL)


class WrongClock(Fault):
    """A part believes that it is another time."""

    def __init__(self, part: str, offset: str, seconds: float) -> None:
        self._part, self._offset, self.seconds = part, offset, seconds

    @property
    def kind(self) -> str:
        return f"clock {self._part} {self._offset} s"

    async def begin(self, house: House) -> None:
        house.clocks[self._part].set(self._offset)

    async def end(self, house: House) -> str | None:
        try:
            ahead = await told_by(house.url(self._part) + PAGES[self._part])
        except ProviderError:
            ahead = 0.0
        house.clocks[self._part].set(RIGHT)
        return f"its server's clock was {ahead:+.0f} s from the true one" if abs(ahead) > OFF_BY else None
