"""A flow's file: its document, and the line on which each value of it stands."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MOST_BYTES = 2 * 1024 * 1024
"""What the service takes."""
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


class SourceError(Exception):
    """A file that is no JSON document; `line` is where that shows."""

    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Source:
    """A flow as it stands in its file; `lines` are by JSON pointer."""

    path: Path
    document: dict[str, Any]
    lines: dict[str, int]

    def line(self, pointer: str) -> int:
        """The line of what a pointer names; where that is missing, of what it should stand in."""
        while pointer not in self.lines:
            pointer = pointer.rpartition("/")[0]
        return self.lines[pointer]


def read_source(path: Path) -> Source:
    """The flow of a file; raises SourceError."""
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise SourceError(f"it cannot be read: {error.strerror}") from None
    if len(raw) > MOST_BYTES:
        raise SourceError(f"it is larger than {MOST_BYTES // 1024 // 1024} MB")
    try:
        text = raw.decode("utf-8-sig")
        document = json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        raise SourceError(f"it is not JSON: {error.msg}", error.lineno) from None
    except (ValueError, RecursionError) as error:
        raise SourceError(f"it is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise SourceError("a flow is a JSON object")
    return Source(path, document, lines_of(text))


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number of JSON")


@dataclass
class _Open:
    """An object or a list that is being read."""

    pointer: str
    key: str | None = None
    index: int = 0
    is_object: bool = False
    wants_key: bool = False

    def inside(self) -> str:
        """The pointer of the value that comes."""
        part = self.key if self.is_object else str(self.index)
        assert part is not None, "a key stands before its value"
        return f"{self.pointer}/{part.replace('~', '~0').replace('/', '~1')}"


def lines_of(text: str) -> dict[str, int]:
    """The line of every value of a JSON text, by its pointer; SourceError for a key that comes twice."""
    found: dict[str, int] = {}
    stack: list[_Open] = []
    line, at = 1, 0
    for token in _TOKEN.finditer(text):
        line, at, word = line + text.count("\n", at, token.start()), token.start(), token[0]
        top = stack[-1] if stack else None
        if word in "}]":
            stack.pop()
        elif top and word == ",":
            top.index, top.wants_key = top.index + 1, top.is_object
        elif top and top.wants_key:
            top.key, top.wants_key = json.loads(word), False
        elif word != ":":
            here = top.inside() if top else ""
            if here in found:
                raise SourceError(f"it is not JSON that we take: {here} stands there twice", line)
            found[here] = line
            if word in "{[":
                stack.append(_Open(here, is_object=word == "{", wants_key=word == "{"))
    return found
