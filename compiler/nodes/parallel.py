"""parallel: goes several ways at once."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from compiler.ways import Exit, loose_ends
from dsl.issues import Issue
from dsl.kind import ALWAYS, JOIN, Kind, Place
from dsl.plan import Fork, Join, Step

JOINED, ERROR = "joined", ALWAYS[0]
TAKEN = (JOINED, *ALWAYS)
"""Exits that no branch may be named after."""


def _form(value: Any) -> str:
    return "word" if isinstance(value, str) else "number"


Needed = Annotated[
    Annotated[Literal["all", "any"], Tag("word")] | Annotated[int, Tag("number"), Field(ge=1, le=50)],
    Discriminator(_form),
]


class Parallel(Kind):
    """Goes on by all of its branches at once, and by `joined` when they have met again.

    A branch ends with an edge back to this node. It shares the flow's variables with the others; only one of
    them may wait for people, and an `end` in any of them ends the whole execution. It leaves by `error` when
    branches that are needed do not come; `{{nodes.<id>.<branch>}}` is `joined`, `failed` or `abandoned`.
    """

    exits: ClassVar[tuple[str, ...]] = (JOINED, ERROR)
    more_exits: ClassVar[str] = "those that its branches name"

    branches: tuple[Exit, ...] = Field(min_length=1, max_length=50)
    """The exits, each the beginning of a branch."""
    join: Needed = "all"
    """How many branches are waited for: `all`, `any` one, or a number; the others are given up."""
    on_failure: Literal["fail", "continue"] = "fail"
    """When an error of a branch leads nowhere: leave by `error` at once, or go on without that branch."""

    @field_validator("branches")
    @classmethod
    def _named_apart(cls, branches: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(branches)) < len(branches):
            raise ValueError("two branches have the same name")
        if taken := [name for name in branches if name in TAKEN]:
            raise ValueError(f"the exit '{taken[0]}' is no branch")
        return branches

    @model_validator(mode="after")
    def _not_more_than_there_are(self) -> "Parallel":
        if self.needed > len(self.branches):
            raise ValueError(f"{self.needed} branches are waited for, and there are {len(self.branches)}")
        return self

    @property
    def needed(self) -> int:
        """So many branches must come back for the walk to go on at once."""
        counts = {"all": len(self.branches), "any": 1}
        return counts[self.join] if isinstance(self.join, str) else self.join

    @property
    def enough(self) -> int:
        """So many are surely back when the walk goes on by `joined`."""
        return 0 if self.join == "all" and self.on_failure == "continue" else self.needed

    def own_exits(self) -> tuple[str, ...]:
        """The kind's exits and one for each branch."""
        return (*self.exits, *self.branches)

    def inside(self) -> Mapping[str, str]:
        """Every branch."""
        return dict.fromkeys(self.branches, JOIN)

    def follows(self, exit: str) -> int:
        """As many branches as are enough for `joined`."""
        return self.enough if exit == JOINED else 0

    def check(self, place: Place) -> Iterator[Issue]:
        """Every branch leads somewhere."""
        yield from loose_ends(place, {f"/branches/{at}": exit for at, exit in enumerate(self.branches)})

    def lower(self, place: Place) -> Iterable[Step]:
        """A `fork`, and the `join` that branches come back to."""
        yield Fork(
            id=place.id(),
            node=place.node,
            exits=self.branches,
            need=self.needed,
            enough=self.enough,
            tolerant=self.on_failure == "continue",
            to=f"!{JOINED}",
        )
        yield Join(id=place.id(JOIN), node=place.node)
