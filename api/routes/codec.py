"""Payloads of Temporal made readable: the codec server that its Web UI and command line ask."""

from collections.abc import Awaitable
from typing import Annotated

from fastapi import APIRouter, Header, Path, Request

from api.bodies import MIB
from api.cors import ui_origins
from api.errors import Problem, documented, not_found
from api.guard import CallerOf, GuardedRoute, public, with_key
from api.parts import parts_of
from wiring.codec import CodecError
from wiring.remote_codec import LARGEST, Payloads, RemoteCodec, TooLargeError

BODY = 8 * MIB
"""Temporal takes no payload above 2 MiB, and no more than 4 MiB of them at once."""

router = APIRouter(prefix="/codec", tags=["codec"], route_class=GuardedRoute)

Namespace = Annotated[
    str | None,
    Header(alias="X-Namespace", max_length=255, description="Where the payloads are; ours if missing."),
]
Token = Annotated[str, Path(description="The secret that stands in place of a key.", max_length=255)]


def _by_token(request: Request) -> None:
    """404 but for the token; 403 for a page of elsewhere that has got hold of it."""
    _opened_by(request, request.path_params["token"])
    origin = request.headers.get("origin")
    if origin is not None and origin not in ui_origins(parts_of(request).temporal_ui):
        raise Problem(403, "ORIGIN_NOT_ALLOWED", "Payloads are shown to Temporal's Web UI only.")


@router.post("/decode", responses=documented(403, 404))
@with_key(body=BODY)
async def decode_payloads(
    asked: Payloads, caller: CallerOf, request: Request, namespace: Namespace = None
) -> Payloads:
    """Payloads of Temporal as they were before encryption; what is not ours comes back as it came."""
    return await _answered(_codec_of(request, caller.workspace).decode(asked, namespace))


@router.post("/encode", responses=documented(403, 404))
@with_key(body=BODY)
async def encode_payloads(
    asked: Payloads, caller: CallerOf, request: Request, namespace: Namespace = None
) -> Payloads:
    """Payloads encrypted as Temporal is to keep them."""
    return await _answered(_codec_of(request, caller.workspace).encode(asked, namespace))


@router.post("/{token}/decode", responses=documented(403, 404, 422))
@public(body=BODY, check=_by_token)
async def decode_payloads_by_token(
    asked: Payloads, token: Token, request: Request, namespace: Namespace = None
) -> Payloads:
    """The same for Temporal's Web UI, which can send no key: the secret is in the address."""
    return await _answered(_opened_by(request, token).decode(asked, namespace))


@router.post("/{token}/encode", responses=documented(403, 404, 422))
@public(body=BODY, check=_by_token)
async def encode_payloads_by_token(
    asked: Payloads, token: Token, request: Request, namespace: Namespace = None
) -> Payloads:
    """The same for what is started or signalled from Temporal's Web UI."""
    return await _answered(_opened_by(request, token).encode(asked, namespace))


def _opened_by(request: Request, token: str) -> RemoteCodec:
    codec = parts_of(request).codec
    if codec is None or not codec.opens(token):
        raise not_found("codec")
    return codec


def _codec_of(request: Request, workspace: str) -> RemoteCodec:
    codec = parts_of(request).codec
    if codec is None:
        raise not_found("codec")
    if codec.workspace != workspace:
        raise Problem(403, "PAYLOADS_OF_ANOTHER_WORKSPACE", "The payloads belong to another workspace.")
    return codec


async def _answered(payloads: Awaitable[Payloads]) -> Payloads:
    try:
        return await payloads
    except CodecError as error:  # its text names a key and a reason, never content
        raise Problem(422, "UNREADABLE_PAYLOAD", f"Not readable: {error}.") from None
    except TooLargeError:
        raise Problem(
            413, "PAYLOADS_TOO_LARGE", "Ask for fewer at once.", details={"limit": LARGEST}
        ) from None
