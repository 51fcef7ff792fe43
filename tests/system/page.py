"""Reading docs/api.md: its curl lines, and whether an answer is what the page says."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson

ANY = "…"
_STEP = re.compile(
    r"```sh\n(?P<line>curl .*?)\n```\n\n`(?P<status>\d{3}) [^`]*`(?P<soon>, as soon as)?[^\n]*\n"
    r"(?:\n```json\n(?P<answer>.*?)\n```)?",
    re.DOTALL,
)
_SHAPES = [
    re.compile(shape)
    for shape in (
        r"(urn:uuid:)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z",
        r"[0-9a-f]{64}",
    )
]
"""Ids, times, digests: one on the page stands for any."""


class Step(NamedTuple):
    """A curl line and its answer; `soon` where it is asked again until the answer is this."""

    line: str
    status: int
    answer: Any
    soon: bool


def steps_of(page: str) -> list[Step]:
    """Every curl line of the page, in order."""
    return [
        Step(
            found["line"],
            int(found["status"]),
            orjson.loads(found["answer"]) if found["answer"] else None,
            found["soon"] is not None,
        )
        for found in _STEP.finditer(page)
    ]


def named_tests(page: str) -> set[str]:
    """The tests that the page names."""
    return set(re.findall(r"`(test_[a-z0-9_]+)`", page))


def differences(said: Any, actual: Any, place: str = "") -> Iterator[str]:
    """Where an answer is not what the page says."""
    match said:
        case str() if said == ANY:
            return
        case dict() if isinstance(actual, dict):
            yield from _of_objects(said, actual, place)
        case list() if isinstance(actual, list):
            yield from _of_lists(said, actual, place)
        case str() if isinstance(actual, str) and _same_shape(said, actual):
            return
        case _ if said != actual:
            yield f"{place}: {actual!r} instead of {said!r}"


def _of_objects(said: dict[str, Any], actual: dict[str, Any], place: str) -> Iterator[str]:
    wanted = said.keys() - {ANY}
    if odd := wanted - actual.keys() if ANY in said else wanted ^ actual.keys():
        yield f"{place}: {sorted(odd)}"
    for key in wanted & actual.keys():
        yield from differences(said[key], actual[key], f"{place}/{key}")


def _of_lists(said: list[Any], actual: list[Any], place: str) -> Iterator[str]:
    more = said[-1:] == [ANY]
    shown = said[:-1] if more else said
    if len(actual) < len(shown) or (len(actual) > len(shown) and not more):
        yield f"{place}: {len(actual)} entries"
    for number, (one, other) in enumerate(zip(shown, actual, strict=False)):
        yield from differences(one, other, f"{place}/{number}")


def _same_shape(said: str, actual: str) -> bool:
    return any(shape.fullmatch(said) and shape.fullmatch(actual) for shape in _SHAPES)
