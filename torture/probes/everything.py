"""All probes, one after another, on a house that nobody breaks just now."""

from pathlib import Path

from torture.house import House
from torture.probes import doors, ranges, strangers
from torture.probes.ground import Ground


async def probe(house: House, folder: Path) -> list[str]:
    """Try what must not be possible, and note what came of it; the secrets that were made for it."""
    ground = Ground(house.api, folder)
    await doors.probe(ground, house.db)
    await ranges.probe(ground)
    return [await strangers.probe(ground, house.url("api"), house.db)]
