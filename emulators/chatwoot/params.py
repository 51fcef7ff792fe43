"""Request parameters as Rails sees them: query string, JSON, form and multipart in one mapping."""

from email.message import Message as MimePart
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import orjson
from fastapi import Request
from pydantic import BaseModel, ValidationError

from emulators.chatwoot.errors import ApiError, unprocessable
from emulators.chatwoot.rows import Json, Upload

Model = TypeVar("Model", bound=BaseModel)
Pairs = list[tuple[str, Any]]


async def read(request: Request) -> Json:
    """All parameters of the request; names ending in `[]` become lists. Raises 400 for broken JSON."""
    body = await request.body()
    kind = request.headers.get("content-type", "").split(";", 1)[0].strip()
    query = _gather(parse_qsl(request.url.query, keep_blank_values=True))
    if not body:
        return query
    if kind == "application/x-www-form-urlencoded":
        return query | _gather(parse_qsl(body.decode(), keep_blank_values=True))
    if kind == "multipart/form-data":
        return query | _gather(_parts(request.headers["content-type"], body))
    return query | _json(body)


def parse(model: type[Model], params: Json) -> Model:
    """`params` as `model`; raises the 422 of a wrong parameter."""
    try:
        return model.model_validate(params)
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False)[0]
        name = ".".join(map(str, first["loc"])) or "params"
        raise unprocessable(f"{name}: {first['msg']}") from problem


def strings(params: Json, name: str) -> list[str]:
    """A parameter that is a list of texts; a missing one is the 422 of a missing parameter."""
    value = params.get(name)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise unprocessable(f"param is missing or the value is empty: {name}")
    return value


def mapping(params: Json, name: str) -> Json:
    """A parameter that is an object; a missing one is the 422 of a missing parameter."""
    value = params.get(name)
    if not isinstance(value, dict):
        raise unprocessable(f"param is missing or the value is empty: {name}")
    return value


def number(params: Json, name: str) -> int | None:
    """A parameter read as Ruby's `to_i` does, None when it is absent or blank."""
    value = params.get(name)
    if value in (None, ""):
        return None
    text = str(value).strip()
    return int(text) if text.lstrip("-").isdigit() else 0


def flag(params: Json, name: str) -> bool:
    return params.get(name) in (True, "true", "1", 1)


def _json(body: bytes) -> Json:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as problem:
        raise ApiError(400, {"error": "There was a problem in the JSON you submitted"}) from problem
    return value if isinstance(value, dict) else {"_json": value}


def _gather(pairs: Pairs) -> Json:
    gathered: Json = {}
    for name, value in pairs:
        if name.endswith("[]"):
            gathered.setdefault(name[:-2], []).append(value)
        else:
            gathered[name] = value
    return gathered


def _parts(content_type: str, body: bytes) -> Pairs:
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    form = BytesParser(policy=HTTP).parsebytes(head + body)
    return [_part(part) for part in form.iter_parts()]


def _part(part: MimePart) -> tuple[str, Any]:
    name = str(part.get_param("name", header="content-disposition"))
    data = part.get_payload(decode=True)
    content = data if isinstance(data, bytes) else b""
    file_name = part.get_filename()
    if file_name is None:
        return name, content.decode()
    return name, Upload(file_name, part.get_content_type(), content)
