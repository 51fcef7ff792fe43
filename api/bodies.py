"""Reading request bodies: capped before they are parsed, and JSON that cannot hurt what stands behind us."""

import json
from collections.abc import Sequence

import orjson
from fastapi import Request

from api.errors import Problem
from dsl.model import Json

MIB = 1024 * 1024
MAX_DEPTH = 64
MAX_VALUES = 500_000
"""Values of one document, nested ones included."""


class _Refused(ValueError):
    """JSON we do not take; the text is for the caller."""


class StrictRequest(Request):
    """A request whose body is capped and whose JSON is read by `parse`."""

    limit = MIB

    async def body(self) -> bytes:
        """The raw bytes; 413 beyond the limit."""
        if not hasattr(self, "_body"):
            self._body = await _capped(self, self.limit)
        return self._body

    async def json(self) -> Json:
        """The parsed body; 400 for what is not plain JSON."""
        if not hasattr(self, "_json"):
            self._json = parse(await self.body(), unique_keys=True)
        return self._json


def parse(raw: bytes, *, unique_keys: bool) -> Json:
    """A JSON value from bytes.

    A `Problem` (400) for NaN, lone surrogates, NUL, too many or too deep values, duplicate keys if asked."""
    try:
        value = orjson.loads(raw)
        _bounded(value)
        if unique_keys:
            json.loads(raw, object_pairs_hook=_unique)
    except _Refused as refusal:
        raise Problem(400, "INVALID_JSON", f"The body is not JSON that we take: {refusal}.") from None
    except (ValueError, RecursionError):
        raise Problem(400, "INVALID_JSON", "The body is not valid JSON.") from None
    return value


async def _capped(request: Request, limit: int) -> bytes:
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > limit:
        raise _too_large(limit)
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        chunks.append(chunk)
    return b"".join(chunks)


def _too_large(limit: int) -> Problem:
    return Problem(413, "BODY_TOO_LARGE", f"The body is larger than {limit} bytes.", details={"limit": limit})


def _bounded(document: Json) -> None:
    """Level by level, so that no depth of ours is spent on theirs."""
    level, seen = [document], 0
    for depth in range(MAX_DEPTH + 1):
        seen += len(level)
        if depth == MAX_DEPTH and any(isinstance(value, dict | list) for value in level):
            raise _Refused(f"it is nested deeper than {MAX_DEPTH}")
        if seen > MAX_VALUES:
            raise _Refused("it has too many values")
        level = [inner for value in level for inner in _inside(value)]


def _inside(value: Json) -> Sequence[Json]:
    if isinstance(value, str):
        if "\x00" in value:
            raise _Refused("it holds a NUL character")
        return ()
    if isinstance(value, dict):
        return [*value.keys(), *value.values()]
    return value if isinstance(value, list) else ()


def _unique(pairs: list[tuple[str, Json]]) -> None:
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        twice = next(key for key in keys if keys.count(key) > 1)
        raise _Refused(f"the key '{twice[:64]}' stands twice in one object")
