"""What is checked before anything is read: size, depth, and values that JSON storage cannot keep."""

import json
import re
from collections.abc import Iterator
from math import isfinite

from dsl.issues import Issue, issue
from dsl.model import Json

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 64
MAX_NODES = 10_000
MAX_EDGES = 40_000

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_WIDEST = 2**63


def part(key: object) -> str:
    """A key as a part of a JSON pointer, `/` included."""
    return "/" + str(key).replace("~", "~0").replace("/", "~1")


def bounds(document: Json) -> Iterator[Issue]:
    """What makes a document unreadable; nothing else is looked at while there is any of it."""
    found = next(_unkept(document), None)
    if found:
        yield found
    elif (size := len(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode())) > MAX_BYTES:
        yield issue("LIMIT_EXCEEDED", f"The document has {size:,} bytes; {MAX_BYTES:,} are accepted.")
    elif isinstance(document, dict):
        yield from crowds(document)


def crowds(document: dict[str, Json]) -> Iterator[Issue]:
    """More nodes or edges than are accepted, before each of them is looked at."""
    for name, most in (("nodes", MAX_NODES), ("edges", MAX_EDGES)):
        held = document.get(name)
        if isinstance(held, list | dict) and len(held) > most:
            text = f"The flow has {len(held):,} {name}; {most:,} are accepted."
            yield issue("LIMIT_EXCEEDED", text, pointer=f"/{name}")


def _unkept(document: Json) -> Iterator[Issue]:
    """Walk without recursion, so that depth itself is never a danger."""
    rest: list[tuple[str, int, Json]] = [("", 0, document)]
    while rest:
        pointer, depth, value = rest.pop()
        if depth > MAX_DEPTH:
            text = f"The document is nested deeper than {MAX_DEPTH}."
            yield issue("LIMIT_EXCEEDED", text, pointer=pointer)
            return
        if isinstance(value, dict):
            bad = (key for key in value if not isinstance(key, str) or _UNSTORABLE.search(key))
            yield from (issue("INVALID_VALUE", _TEXT, pointer=pointer) for _ in bad)
            rest += ((pointer + part(key), depth + 1, inner) for key, inner in value.items())
        elif isinstance(value, list):
            rest += ((f"{pointer}/{index}", depth + 1, inner) for index, inner in enumerate(value))
        elif problem := _problem(value):
            yield issue("INVALID_VALUE", problem, pointer=pointer)


_TEXT = "Text with a NUL character or half a surrogate pair cannot be kept."


def _problem(value: Json) -> str | None:
    if isinstance(value, str):
        return _TEXT if _UNSTORABLE.search(value) else None
    if isinstance(value, float):
        return None if isfinite(value) else "A number must be finite."
    if isinstance(value, int):
        return None if -_WIDEST <= value < _WIDEST else "A whole number must fit into 64 bits."
    return None if value is None else "This is not a JSON value."
