"""Parts of JSON as they were written: taken from a request, and put into an answer, to the byte."""

import json
import re
from collections.abc import Iterator

import orjson
from fastapi import Response
from pydantic import BaseModel

_SPACE = re.compile(r"[ \t\n\r]*")


def members(text: str) -> Iterator[tuple[str, str]]:
    """The keys of a JSON object, each with the text of its value; the text must be valid JSON."""
    scan = json.JSONDecoder().raw_decode
    at = _after(text, text.index("{") + 1)
    while text[at] == '"':
        key, colon = scan(text, at)
        begin = _after(text, _after(text, colon) + 1)
        _, end = scan(text, begin)
        yield key, text[begin:end]
        at = _after(text, end)
        at = _after(text, at + 1) if text[at] == "," else at


def answer(view: BaseModel, **texts: str | None) -> Response:
    """The view as JSON, with these JSON texts as its fields of those names; None is null."""
    shown = view.model_dump(mode="json", by_alias=True)
    kept = {name: orjson.Fragment(text) if text else None for name, text in texts.items()}
    return Response(orjson.dumps({**shown, **kept}), media_type="application/json")


def _after(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
