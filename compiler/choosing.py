"""Choices that a person picks from: how authors write them, and where picking one leads."""

from collections.abc import Iterator, Sequence

from pydantic import Field

from dsl.conditions import Comparison
from dsl.issues import Issue, issue
from dsl.kind import ALWAYS
from dsl.model import Authored
from dsl.plan import Case, Choice, Choose, Step

EXPIRES = "expired"
"""The exit of a wait that only the session's end ended."""


class Pick(Authored):
    """One thing to pick."""

    value: str = Field(min_length=1, max_length=128)
    """What is saved; of a question or menu also the name of an exit of its own."""
    title: str | None = Field(default=None, min_length=1, max_length=255)
    """What people see; the value where absent."""
    synonyms: tuple[str, ...] = Field(default=(), max_length=50)
    """Other words that mean it."""


def offered(picks: Sequence[Pick]) -> tuple[Choice, ...]:
    """The choices as they are said."""
    return tuple(Choice(title=pick.title or pick.value, value=pick.value) for pick in picks)


def at(pointer: str, picks: Sequence[Pick]) -> Iterator[tuple[str, Pick]]:
    """The choices, each with its pointer."""
    yield from ((f"{pointer}/choices/{index}", pick) for index, pick in enumerate(picks))


def pick_issues(picks: Sequence[Pick], exits: tuple[str, ...]) -> Iterator[Issue]:
    """Two choices of one value, and those named like one of the node's own exits."""
    seen: set[str] = set()
    for index, pick in enumerate(picks):
        at = f"/choices/{index}/value"
        if pick.value in seen:
            yield issue("DUPLICATE_CHOICE", f"Two choices have the value '{pick.value}'.", pointer=at)
        if pick.value in (*exits, *ALWAYS, EXPIRES):
            text = f"The choice '{pick.value}' has the name of an exit of this node."
            yield issue("CHOICE_SHADOWS_EXIT", text, pointer=at)
        seen.add(pick.value)


def routed(id: str, node: str, values: Sequence[str], rest: str) -> Step:
    """The picked value's own exit; `rest` is the exit of what is none of the values."""
    answer = f"{{{{nodes.{node}}}}}"
    cases = tuple(
        Case(condition=Comparison(left=answer, operator="eq", right=value), to=f"!{value}")
        for value in values
        if value != rest
    )
    return Choose(id=id, node=node, cases=cases, to=f"!{rest}")
