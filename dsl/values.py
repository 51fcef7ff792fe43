"""JSON values: how large they are, and a value put in its place by a dotted path."""

import json

from dsl.model import Json


def size_of(value: Json) -> int:
    """Bytes of a JSON value."""
    return len(json.dumps(value, ensure_ascii=False, default=str).encode())


def placed(values: dict[str, Json], path: str, value: Json) -> dict[str, Json]:
    """The values with one more at its path; what stands in the way of the path is replaced by an object."""
    head, *rest = path.split(".")
    return {**values, head: _nested(values.get(head), rest, value)}


def _nested(old: Json, path: list[str], value: Json) -> Json:
    if not path:
        return value
    inside = old if isinstance(old, dict) else {}
    return {**inside, path[0]: _nested(inside.get(path[0]), path[1:], value)}
