"""Conversation tests as files: `<flow>.<scenario>.talk.json` beside the flow."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from compiler.bounds import MAX_BYTES
from dsl.model import Json
from simulator.lines import MOST_LINES, AnyLine, Line

ENDING = ".talk.json"
MOST_BYTES = 1024 * 1024

_LINE: TypeAdapter[Line] = TypeAdapter(AnyLine)
_SPACE = " \t\r\n"


class TalkError(Exception):
    """The conversation did not go as its file says, or the file cannot be read."""


class Placed(NamedTuple):
    """A line of a conversation, and the line of its file where it begins."""

    number: int
    line: Line


def read_talk(path: Path) -> list[Line]:
    """The lines of a conversation file; TalkError names the file, the place in it, and what is wrong."""
    return [placed.line for placed in read_placed(path)]


def read_placed(path: Path) -> list[Placed]:
    """The same with the place of each line."""
    try:
        text = _bytes_of(path, MOST_BYTES).decode()
    except UnicodeDecodeError:
        raise TalkError(f"{path.name}: it is not UTF-8") from None
    try:
        found = [_read(path, number, value) for number, value in islice(_elements(text), MOST_LINES + 1)]
    except json.JSONDecodeError as error:
        raise TalkError(f"{path.name}:{error.lineno}: {error.msg}") from None
    except RecursionError:
        raise TalkError(f"{path.name}: it is nested too deep") from None
    if len(found) > MOST_LINES:
        raise TalkError(f"{path.name}:{found[-1].number}: there are more than {MOST_LINES} lines")
    return found


def _bytes_of(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        raise TalkError(f"{path} cannot be read: {error.strerror}") from None
    if len(content) > most:
        raise TalkError(f"{path.name}: it is larger than {most} bytes")
    return content


def _read(path: Path, number: int, value: Json) -> Placed:
    try:
        return Placed(number, _LINE.validate_python(value))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = "/".join(str(part) for part in first["loc"][1:])
        raise TalkError(f"{path.name}:{number}: {where and f'{where}: '}{first['msg']}") from None


def _elements(text: str) -> Iterator[tuple[int, Json]]:
    """(line of the file, value) of each element of a JSON list; JSONDecodeError where it is none."""
    decoder, at = json.JSONDecoder(), _after(text, 0)
    if text[at : at + 1] != "[":
        raise json.JSONDecodeError("a conversation is a list of lines", text, at)
    while text[at : at + 1] != "]":
        at = _after(text, at + 1)
        value, end = decoder.raw_decode(text, at)
        yield text.count("\n", 0, at) + 1, value
        at = _after(text, end)
        if text[at : at + 1] not in (",", "]"):
            raise json.JSONDecodeError("expected , or ]", text, at)
    if _after(text, at + 1) != len(text):
        raise json.JSONDecodeError("something follows the list", text, at + 1)


def _after(text: str, at: int) -> int:
    """The next place that is no white space."""
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def read_flow(path: Path) -> dict[str, Any]:
    """A flow's document; TalkError where it is none."""
    try:
        document = json.loads(_bytes_of(path, MAX_BYTES))
    except (ValueError, RecursionError) as error:
        raise TalkError(f"{path} is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise TalkError(f"{path} is not a flow: a JSON object is expected")
    return document


def talks_of(flow: Path) -> list[Path]:
    """The conversations beside a flow file, by name."""
    return sorted(flow.parent.glob(f"{flow.stem}.*{ENDING}"))


def first_talk(flow: Path) -> Path:
    """The first of them; TalkError when there is none."""
    found = talks_of(flow)
    if not found:
        raise TalkError(f"there is no {flow.stem}.<scenario>{ENDING} beside {flow}")
    return found[0]


def scenario_of(talk: Path) -> tuple[Path, str]:
    """The flow's file, and the name of the scenario; TalkError where the file's name does not tell them."""
    flow, dot, scenario = talk.name.removesuffix(ENDING).rpartition(".")
    if not (talk.name.endswith(ENDING) and dot and flow and scenario):
        raise TalkError(f"{talk.name}: a conversation is named <flow>.<scenario>{ENDING}")
    return talk.with_name(f"{flow}.json"), scenario
