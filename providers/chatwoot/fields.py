"""Taking fields out of bodies that may hold anything."""

from collections.abc import Mapping
from typing import Any

from dsl.model import Json
from providers.chatwoot.trim import LARGEST
from providers.errors import ReadError

Body = Mapping[str, Any]


def row_id(body: Body, name: str = "id") -> int:
    """A positive 64-bit id; raises ReadError when there is none."""
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < LARGEST:
        raise ReadError(f"{name} is not an id")
    return value


def maybe_id(body: Body, name: str) -> int | None:
    """A positive 64-bit id, or None for anything else."""
    try:
        return row_id(body, name)
    except ReadError:
        return None


def part(body: Body, name: str) -> Body:
    """An object inside the body, empty when there is none."""
    value = body.get(name)
    return value if isinstance(value, dict) else {}


def parts(body: Body, name: str) -> list[Body]:
    """The objects of a list inside the body."""
    value = body.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def word(body: Body, name: str) -> str | None:
    """A text inside the body, or None."""
    value: Json = body.get(name)
    return value if isinstance(value, str) else None
