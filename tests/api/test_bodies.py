"""The strict reading of JSON."""

from typing import Any

import orjson
import pytest

from api.bodies import MAX_DEPTH, parse
from api.errors import Problem
from tests.api.oddities import ODD


@pytest.mark.parametrize(
    "raw", [b"{}", b"null", b'"x"', b"[1,2.5,-0,true]", b'{"a":{"a":1}}', '"é😀"'.encode()]
)
def test_plain_json_is_read(raw: bytes) -> None:
    assert parse(raw, unique_keys=True) == orjson.loads(raw)


@pytest.mark.parametrize("raw", ODD.values(), ids=ODD.keys())
def test_json_that_hurts_is_refused_with_one_code(raw: bytes) -> None:
    with pytest.raises(Problem) as refused:
        parse(raw, unique_keys=True)
    assert (refused.value.status_code, refused.value.code) == (400, "INVALID_JSON")


def test_depth_is_counted_exactly() -> None:
    def nested(depth: int) -> bytes:
        return b"[" * depth + b"]" * depth

    parse(nested(MAX_DEPTH), unique_keys=True)
    parse(nested(MAX_DEPTH).replace(b"[]", b'["x"]'), unique_keys=True)
    with pytest.raises(Problem, match="deeper"):
        parse(nested(MAX_DEPTH + 1), unique_keys=True)


def test_a_key_that_stands_twice_is_refused_only_where_that_is_asked() -> None:
    raw = b'{"a": [{"nodes": 1, "nodes": 2}]}'
    assert parse(raw, unique_keys=False) == {"a": [{"nodes": 2}]}
    with pytest.raises(Problem, match="'nodes' stands twice"):
        parse(raw, unique_keys=True)


@pytest.mark.parametrize("value", ["a\x00b", {"a\x00": 1}, [["\x00"]]])
def test_nul_is_refused_in_keys_and_texts(value: Any) -> None:
    with pytest.raises(Problem, match="NUL"):
        parse(orjson.dumps(value), unique_keys=True)
