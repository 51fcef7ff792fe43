"""What an installation tells anybody: its version, and stored files."""

from fastapi import APIRouter, Request, Response

from emulators.chatwoot.auth import emulator_of
from emulators.chatwoot.state import found
from emulators.common.replies import reply

router = APIRouter()


@router.get("/api")
async def version(request: Request) -> Response:
    facts = emulator_of(request).facts
    return reply({"version": facts.version, "queue_services": "ok", "data_services": "ok"})


@router.get("/rails/active_storage/blobs/redirect/{number}/{file_name}")
async def blob(request: Request, number: int, file_name: str) -> Response:
    """Redirect to the storage, as the `data_url` of an attachment does."""
    found(emulator_of(request).state.attachments.get(number))
    location = f"/rails/active_storage/disk/{number}/{file_name}"
    return Response(status_code=302, headers={"Location": location})


@router.get("/rails/active_storage/disk/{number}/{file_name}")
async def stored(request: Request, number: int, file_name: str) -> Response:
    file = found(emulator_of(request).state.attachments.get(number))
    found(file if file.file_name == file_name else None)
    return Response(file.data, media_type=file.content_type)
