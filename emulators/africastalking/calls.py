"""Who calls, and with which fields."""

import secrets
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import parse_qsl

import orjson
from fastapi import Depends, Request

from emulators.africastalking.emulator import Emulator
from emulators.africastalking.errors import (
    ApiError,
    invalid_authentication,
    malformed,
    missing_field,
    missing_parameter,
    not_acceptable,
    wrong_type,
)

FORM, JSON = "application/x-www-form-urlencoded", "application/json"


@dataclass(slots=True)
class Call:
    """One authorised call with its fields, texts where it came as a form or a query."""

    emu: Emulator
    fields: dict[str, Any]

    def text(self, name: str) -> str:
        """A field that must be there and not empty."""
        value = self.fields.get(name)
        if not isinstance(value, str) or not value:
            raise missing_field(name)
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        """A field that is `1` or `0`."""
        value = self.fields.get(name, "1" if default else "0")
        if value not in ("0", "1"):
            raise malformed("form field", name)
        return bool(value == "1")


def emulator_of(request: Request) -> Emulator:
    """The application this process serves."""
    emulator: Emulator = request.app.state.emulator
    return emulator


async def form(request: Request) -> Call:
    """A call with a form; refuses any other content type."""
    emu = _admitted(request)
    _expect(request, FORM)
    fields = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
    return _identified(emu, fields, missing_field("username"))


async def query(request: Request) -> Call:
    """A call whose fields are in the address."""
    emu = _admitted(request)
    fields = dict(parse_qsl(request.url.query, keep_blank_values=True))
    return _identified(emu, fields, missing_parameter("username"))


async def json(request: Request) -> Call:
    """A call with a JSON object; refuses any other content type."""
    emu = _admitted(request)
    _expect(request, JSON)
    try:
        fields = orjson.loads(await request.body())
    except orjson.JSONDecodeError as problem:
        raise ApiError(400, "The request content was malformed") from problem
    if not isinstance(fields, dict):
        raise ApiError(400, "The request content was malformed")
    return _identified(emu, fields, missing_field("username"))


async def form_or_json(request: Request) -> Call:
    """A call in either encoding."""
    return await (json if _content_type(request) == JSON else form)(request)


Form = Annotated[Call, Depends(form)]
Query = Annotated[Call, Depends(query)]
Json = Annotated[Call, Depends(json)]
FormOrJson = Annotated[Call, Depends(form_or_json)]


def _admitted(request: Request) -> Emulator:
    emu = emulator_of(request)
    key = request.headers.get("apikey", "")
    emu.throttle.count("api", emu.config.requests_per_second, seconds=1)
    if not secrets.compare_digest(key.encode(), emu.config.api_key.encode()):
        raise invalid_authentication()
    if JSON not in request.headers.get("accept", ""):
        raise not_acceptable()
    return emu


def _identified(emu: Emulator, fields: dict[str, Any], missing: ApiError) -> Call:
    if not fields.get("username"):
        raise missing
    if fields["username"] != emu.config.username:
        raise invalid_authentication()
    return Call(emu, fields)


def _expect(request: Request, content_type: str) -> None:
    if _content_type(request) != content_type:
        raise wrong_type(content_type)


def _content_type(request: Request) -> str:
    return request.headers.get("content-type", "").split(";", 1)[0].strip()
