"""What is checked before anything is read: size, depth, and values that JSON storage cannot keep."""

import json
import re
from collections.abc import Iterator
from math import isfinite

from dsl.issues import Issue, issue
from dsl.model import Json

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 64
MAX_POINTER = 2_000
"""Characters of one; everything that looks at a document makes one for each value in it."""
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
    """Walk without recursion, so that depth itself is never a danger, and make one pointer at a time."""
    rest = [iter([("", document)])]
    while rest:
        pointer, value = next(rest[-1], (None, None))
        if pointer is None:
            rest.pop()
            continue
        if text := _too_far(pointer, len(rest) - 1):
            yield issue("LIMIT_EXCEEDED", text, pointer=pointer if len(pointer) <= MAX_POINTER else "")
            return
        if isinstance(value, dict | list):
            bad = (key for key in value if isinstance(value, dict) and _is_unstorable(key))
            yield from (issue("INVALID_VALUE", _TEXT, pointer=pointer) for _ in bad)
            rest.append(_inside(pointer, value))
        elif problem := _problem(value):
            yield issue("INVALID_VALUE", problem, pointer=pointer)


def _inside(pointer: str, value: dict[str, Json] | list[Json]) -> Iterator[tuple[str, Json]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    return ((pointer + part(key), inner) for key, inner in pairs)


def _too_far(pointer: str, depth: int) -> str | None:
    if depth > MAX_DEPTH:
        return f"The document is nested deeper than {MAX_DEPTH}."
    if len(pointer) > MAX_POINTER:
        return f"The names on the way to a value have more than {MAX_POINTER:,} characters in all."
    return None


def _is_unstorable(key: object) -> bool:
    return not isinstance(key, str) or _UNSTORABLE.search(key) is not None


_TEXT = "Text with a NUL character or half a surrogate pair cannot be kept."


def _problem(value: Json) -> str | None:
    if isinstance(value, str):
        return _TEXT if _UNSTORABLE.search(value) else None
    if isinstance(value, float):
        return None if isfinite(value) else "A number must be finite."
    if isinstance(value, int):
        return None if -_WIDEST <= value < _WIDEST else "A whole number must fit into 64 bits."
    return None if value is None else "This is not a JSON value."
