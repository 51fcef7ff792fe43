"""Random programs of loops, branches and ways out of them: drawn, compiled and walked, and simply run."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from dsl.limits import Limits
from tests.workflows.test_loops import END, loop, say, walked
from tests.workflows.world import flow

PROGRAMS = 50
Turns = tuple[tuple[str, int], ...]
"""The numbers of the turns around a place, by loop, the outermost first."""


@dataclass
class Part:
    """One part of a program: `say`, `loop`, `both`, or `leave` a loop in its turn `count`."""

    op: str
    id: str
    mode: str = ""
    count: int = 0
    insides: list[list["Part"]] = field(default_factory=list)


class Program:
    """A program by chance; `leave` stands only in a loop of the same branch."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.ids = 0
        self.parts = self._some(depth=0, loop=None)

    def _some(self, depth: int, loop: str | None) -> list[Part]:
        return [self._one(depth, loop) for _ in range(self.random.randint(0 if depth else 1, 3))]

    def _one(self, depth: int, loop: str | None) -> Part:
        self.ids += 1
        ops = ["say", *(["leave"] if loop else []), *(["loop", "loop", "both"] if depth < 3 else [])]
        op, id, count = self.random.choice(ops), f"n{self.ids}", self.random.randint(0, 3)
        if op == "loop":
            mode = self.random.choice(["for_each", "while", "until"])
            return Part(op, id, mode, count, [self._some(depth + 1, id)])
        if op == "both":
            return Part(op, id, insides=[self._some(depth + 1, None) for _ in range(2)])
        return Part(op, id, loop or "", count)


def words(parts: list[Part], turns: Turns) -> Iterator[str | None]:
    """What the program says in its branches one after another; None: the loop is left."""
    for part in parts:
        if part.op == "say":
            yield " ".join([part.id, *(f"{id}={turn}" for id, turn in turns)])
        elif part.op == "leave" and turns[-1][1] == part.count:
            yield None
            return
        elif part.op == "both":
            yield from (word for inside in part.insides for word in words(inside, turns))
        elif part.op == "loop":
            yield from _rounds(part, turns)


def _rounds(part: Part, turns: Turns) -> Iterator[str]:
    for turn in range(max(1, part.count) if part.mode == "until" else part.count):
        for word in words(part.insides[0], (*turns, (part.id, turn))):
            if word is None:
                return
            yield word


class Drawn:
    """The program as a flow."""

    def __init__(self, parts: list[Part]) -> None:
        self.nodes: list[dict[str, Any]] = []
        self.edges: list[tuple[str, ...]] = []
        first = self._line(parts, "end", (), {})
        self.document = flow([say("hello"), *self.nodes, END], [("hello", first), *self.edges])

    def _line(self, parts: list[Part], then: str, turns: tuple[str, ...], after: dict[str, str]) -> str:
        """The parts drawn from the last to the first; `after`: where a loop's end leads."""
        for part in reversed(parts):
            getattr(self, f"_{part.op}")(part, then, turns, after)
            then = part.id
        return then

    def _say(self, part: Part, then: str, turns: tuple[str, ...], _: dict[str, str]) -> None:
        self.nodes.append(say(part.id, " ".join([part.id, *(f"{id}={{{{{id}}}}}" for id in turns)])))
        self.edges.append((part.id, then))

    def _leave(self, part: Part, then: str, _: tuple[str, ...], after: dict[str, str]) -> None:
        condition = {"left": f"{{{{{part.mode}}}}}", "operator": "eq", "right": part.count}
        self.nodes.append({"id": part.id, "type": "if", "config": {"condition": condition}})
        self.edges += [(part.id, "true", after[part.mode]), (part.id, "false", then)]

    def _loop(self, part: Part, then: str, turns: tuple[str, ...], after: dict[str, str]) -> None:
        operator = "lt" if part.mode == "while" else "gte"
        condition = {"left": f"{{{{{part.id}}}}}", "operator": operator, "right": part.count}
        of = (
            {"items": [0] * part.count, "as": f"_{part.id}"}
            if part.mode == "for_each"
            else {"condition": condition}
        )
        self.nodes.append(loop(part.id, mode=part.mode, index=part.id, **of))
        body = self._line(part.insides[0], part.id, (*turns, part.id), {**after, part.id: then})
        self.edges += [(part.id, "body", body), (part.id, "done", then)]

    def _both(self, part: Part, then: str, turns: tuple[str, ...], after: dict[str, str]) -> None:
        self.nodes.append({"id": part.id, "type": "parallel", "config": {"branches": ["a", "b"]}})
        for exit, inside in zip("ab", part.insides, strict=True):
            self.edges.append((part.id, exit, self._line(inside, part.id, turns, after)))
        self.edges.append((part.id, "joined", then))


@pytest.mark.timeout(0)
@pytest.mark.parametrize(
    "limits", [Limits(), Limits(every_steps=1)], ids=["as it is", "continued all the time"]
)
async def test_what_is_drawn_says_what_the_program_says(limits: Limits, examples: int | None) -> None:
    loops = 0
    for seed in range(examples or PROGRAMS):
        parts = Program(Random(seed)).parts
        state, world = await walked(Drawn(parts).document, limits=limits)
        expected = ["hello", *(word for word in words(parts, ()) if word is not None)]
        assert sorted(world.said) == sorted(expected), seed
        if not any(node["type"] == "parallel" for node in Drawn(parts).nodes):
            assert world.said == expected, seed
        assert ([one.loops for one in state.tokens], state.forks) == ([{}], ()), seed
        loops += len(expected) > 10
    assert loops > PROGRAMS // 10
