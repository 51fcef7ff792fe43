"""JSON as jsonb columns take it: orjson, and a slow path for what PostgreSQL or orjson refuses."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from math import isfinite
from typing import Any

import orjson


def dumps(value: Any) -> str:
    """JSON text that jsonb accepts; NUL characters and lone surrogates are left out, dates are ISO."""
    try:
        data = orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:
        return _slowly(value)
    return _slowly(value) if b"\\u0000" in data else data.decode()


def loads(data: str | bytes) -> Any:
    """The value a JSON text spells."""
    return orjson.loads(data)


def _slowly(value: Any) -> str:
    return json.dumps(_clean(value), ensure_ascii=False, separators=(",", ":"))


def _clean(value: Any) -> Any:
    """The same value without what makes jsonb fail."""
    match value:
        case str():
            return value.replace("\0", "").encode(errors="ignore").decode()
        case float():
            return value if isfinite(value) else None
        case Mapping():
            return {_clean(str(key)): _clean(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_clean(inner) for inner in value]
        case date() | datetime():
            return value.isoformat()
        case None | bool() | int():
            return value
    raise TypeError(f"a {type(value).__name__} has no JSON form")
