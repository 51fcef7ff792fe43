"""Flow files: read as the service reads them, and every value's line is known."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wiring.cli.source import MOST_BYTES, SourceError, lines_of, read_source

FLOW = """\
{
  "id": "f", "a/b": {"~": 1},
  "nodes": [
    {"id": "start"},
    {"id": "say, \\"{[",
     "config": {"text": "Hi\\n"}}
  ],
  "none": []
}
"""
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)


def test_each_value_has_the_line_on_which_it_begins() -> None:
    lines = lines_of(FLOW)
    assert {pointer: line for pointer, line in lines.items() if pointer.count("/") < 3} == {
        "": 1, "/id": 2, "/a~1b": 2, "/a~1b/~0": 2, "/nodes": 3, "/nodes/0": 4, "/nodes/1": 5, "/none": 8,
    }  # fmt: skip
    assert lines["/nodes/1/config/text"] == 6


def test_what_is_missing_is_looked_for_where_it_should_stand(tmp_path: Path) -> None:
    (tmp_path / "f.json").write_text(FLOW)
    source = read_source(tmp_path / "f.json")
    assert source.line("/nodes/1/config/saveTo") == 6
    assert source.line("/nodes/7/config") == 3
    assert source.line("/edges") == 1


def pointers(value: Any, here: str = "") -> set[str]:
    """The pointers of a value and of all in it."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    inside = ((str(key).replace("~", "~0").replace("/", "~1"), part) for key, part in parts)
    return {here}.union(*(pointers(part, f"{here}/{name}") for name, part in inside))


@given(any_json, st.sampled_from([None, 0, 2]), st.booleans())
def test_any_document_has_a_line_for_each_pointer(value: Any, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    found = lines_of(text)
    assert found.keys() == pointers(value)
    assert max(found.values()) <= text.count("\n") + 1


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        (b'{\n "a": 1,\n}', 3, "not JSON"),
        (b'{"a": NaN}', 1, "NaN"),
        (b'{"a": 1,\n "a": 2}', 2, "/a stands there twice"),
        (b"[]", 1, "JSON object"),
        (b'"\xff"', 1, "not JSON"),
        (b"[" * 100_000, 1, "not JSON"),
        (b"{" + b" " * MOST_BYTES + b"}", 1, "larger than 2 MB"),
        (b"", 1, "not JSON"),
    ],
)
def test_what_is_no_document_says_why_and_where(tmp_path: Path, text: bytes, line: int, why: str) -> None:
    (tmp_path / "f.json").write_bytes(text)
    with pytest.raises(SourceError, match=why) as wrong:
        read_source(tmp_path / "f.json")
    assert wrong.value.line == line
