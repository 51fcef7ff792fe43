"""The part of `/_control` that is the same whoever the provider is: the journal, and what breaks."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from emulators.common.plant import Plant
from emulators.common.replies import reply

JOURNAL_PAGE = 10_000

router = APIRouter()


def plant_of(request: Request) -> Plant:
    """The installation that this application serves."""
    plant: Plant = request.app.state.emulator
    return plant


Here = Annotated[Plant, Depends(plant_of)]


@router.get("/journal")
async def journal(
    plant: Here, after: int = 0, limit: Annotated[int, Query(ge=1, le=JOURNAL_PAGE)] = JOURNAL_PAGE
) -> Response:
    """Lines with `n` above `after`, oldest first, and the newest number there is."""
    return reply({"lines": list(plant.journal.after(after, limit)), "last": plant.journal.last})


@router.get("/faults")
async def list_faults(plant: Here) -> Response:
    return reply(plant.faults.report())


@router.delete("/faults")
async def clear_faults(plant: Here, id: int | None = None) -> Response:
    """Lift one fault by `id`, or all of them."""
    plant.faults.clear(id)
    return reply(plant.faults.report())


@router.get("/idle")
async def idle(plant: Here, seconds: Annotated[float, Query(gt=0, le=60)] = 5.0) -> Response:
    """Wait until nothing is to be delivered any more, at most that many seconds."""
    done = await plant.engine.idle(seconds)
    return reply({"idle": done, "pending": plant.engine.pending})
