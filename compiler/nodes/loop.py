"""loop: goes one way again and again."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator

from dsl.conditions import AllOf, AnyOf, Comparison, Condition, Not
from dsl.issues import Issue, issue
from dsl.kind import NEXT, Kind, Place
from dsl.model import Json
from dsl.plan import Assign, Case, Choose, Step
from dsl.spec import Name
from dsl.templates import Expr, is_placeholder

BODY, DONE, LIMIT = "body", "done", "limit"
TURNS, MOST = 1_000, 100_000
"""How often a loop goes round where its author does not say: `while` and `until`, `for_each`."""


class Loop(Kind):
    """Goes by `body` once for each item, while a condition holds, or until it does; then by `done`.

    The body ends with an edge back to this node; another edge out of it ends the loop. `until` asks after the
    body, which so runs at least once. A loop that is not done after `maxIterations` leaves by `limit`.
    """

    exits: ClassVar[tuple[str, ...]] = (DONE, BODY, LIMIT)

    mode: Literal["for_each", "while", "until"]
    """What it goes on for."""
    items: Expr[list[Json]] | None = None
    """Of `for_each`: a list, or a template that is one; with anything else the body is not gone by."""
    as_: Name | None = Field(default=None, alias="as")
    """Of `for_each`: the name of the item inside the body, else `item`."""
    index: Name | None = None
    """The name of the turn's number inside the body, from 0."""
    condition: Condition | None = None
    """Of `while` and `until`; asked before each turn, or after it."""
    max_iterations: int | None = Field(default=None, ge=1, le=MOST)
    """So many turns at most; where absent 1,000, and 100,000 of `for_each`."""

    @model_validator(mode="after")
    def _as_its_mode_needs(self) -> "Loop":
        each = self.mode == "for_each"
        if each == (self.items is None) or each == (self.condition is not None):
            raise ValueError(f"a loop of mode {self.mode} takes {'`items`' if each else '`condition`'} alone")
        if self.as_ is not None and not each:
            raise ValueError("`as` is for the mode for_each")
        return self

    @property
    def item(self) -> str | None:
        """The name of the item, where there is one."""
        return (self.as_ or "item") if self.mode == "for_each" else None

    def inside(self) -> Mapping[str, str]:
        """The body."""
        return {BODY: NEXT}

    def follows(self, exit: str) -> int:
        """The body of `until` was gone by at least once."""
        return 1 if self.mode == "until" and exit in (DONE, LIMIT) else 0

    def names(self) -> Iterator[str]:
        """Item and number of the turn."""
        yield from (name for name in (self.item, self.index) if name is not None)

    def check(self, place: Place) -> Iterator[Issue]:
        """There is a body, and something to go through."""
        if not place.connected(BODY):
            yield issue("DANGLING_EXIT", "The exit 'body' leads nowhere.")
        if isinstance(self.items, str) and not is_placeholder(self.items):
            yield issue("INVALID_VALUE", "This is always a text, never a list.", pointer="/items")

    def lower(self, place: Place) -> Iterable[Step]:
        """Open, count, ask, and for each item name it; both ways out close."""
        opened: dict[str, Json] = {"index": -1}
        if self.mode == "for_each":
            opened["items"] = self.items
        yield self._assign(place, "", opened, place.id(NEXT))
        yield self._assign(place, NEXT, self._counted(place), place.id("test"))
        yield self._test(place)
        if self.item is not None:
            named: dict[str, Json] = {f"names.{self.item}": f"{{{{@.loops.{place.node} | current}}}}"}
            yield self._assign(place, "item", named, f"!{BODY}")
        for exit in (DONE, LIMIT):
            yield self._assign(place, exit, {}, f"!{exit}")

    def _assign(self, place: Place, part: str, values: dict[str, Json], to: str) -> Assign:
        return Assign(id=place.id(part), node=place.node, loop=place.node, values=values, to=to)

    def _counted(self, place: Place) -> dict[str, Json]:
        number = f"{{{{@.loops.{place.node}.index | plus:1}}}}"
        return {"index": number, **({f"names.{self.index}": number} if self.index else {})}

    def _test(self, place: Place) -> Step:
        most = self.max_iterations or (MOST if self.mode == "for_each" else TURNS)
        ways = ((self._over(place), place.id(DONE)), (_turns(place, most), place.id(LIMIT)))
        return Choose(
            id=place.id("test"),
            node=place.node,
            cases=tuple(Case(condition=condition, to=to) for condition, to in ways),
            to=place.id("item") if self.item else f"!{BODY}",
        )

    def _over(self, place: Place) -> Condition:
        if self.condition is None:
            items = f"@.loops.{place.node}.items"
            a_list = Comparison(left=f"{{{{{items}}}}}", operator="has_type", right="array")
            return AnyOf(any=[_not(a_list), _turns(place, f"{{{{{items} | length}}}}")])
        if self.mode == "while":
            return _not(self.condition)
        return AllOf(all=[_turns(place, 1), self.condition])


def _turns(place: Place, count: Json) -> Comparison:
    """Whether so many turns were made."""
    return Comparison(left=f"{{{{@.loops.{place.node}.index}}}}", operator="gte", right=count)


def _not(condition: Condition) -> Not:
    written: dict[str, Any] = {"not": condition}
    return Not.model_validate(written)
