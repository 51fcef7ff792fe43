"""What a node kind is: one module whose class fields are the config, docstring the documentation.

The file's name is the kind. Kinds with an executor derive from `activities.base.Action`.
"""

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar, Protocol

from dsl.issues import Issue
from dsl.model import Authored
from dsl.plan import Step
from dsl.published import Published
from dsl.spec import DefaultOnError, Interruption, Retry

ALWAYS = ("error", "unknown")
"""Exits of every node that speaks or calls, whatever its kind: not answered, and maybe happened."""

JOIN, NEXT = "join", "next"
"""Steps that an edge from inside a node back to it leads to: the end of a branch, the next turn of a body."""

UNSURE_EXITS = ("error", "unknown", "failure", "failed", "invalid", "timeout", "interrupt", "hangup")
"""Exits by which a node may leave without having set its variables."""


class Place(Protocol):
    """Where a kind is lowered: its node, and what is known of its surroundings."""

    node: str
    retry: Retry | None
    session_ttl: int | None
    timezone: str
    """The flow's, for times written without an offset."""
    region: str | None
    """The flow's, for phone numbers written without a country code."""
    variables: tuple[str, ...]
    """Names of all variables of the flow, for code that reads them by computed names."""
    interrupts: Mapping[str, Interruption]
    """The flow's words that lead away from whatever is asked."""
    flow: str
    """The flow's own id."""
    on_error: DefaultOnError | None
    """What the node's author says it leaves with when it fails; on what acts it is put by itself."""

    def id(self, part: str = "") -> str:
        """The id of one of the node's steps; without a part the entry, which every kind must yield."""

    def connected(self, exit: str) -> bool:
        """Whether the author drew an edge from this exit."""

    def published(self, reference: str) -> Published | None:
        """The published flow of that id, or `id@version`."""


class Kind(Authored):
    """A node's config, validated; subclasses are the kinds."""

    aliases: ClassVar[tuple[str, ...]] = ()
    exits: ClassVar[tuple[str, ...]] = ("next",)
    """Exits an edge may leave by; the default exit stands first. Without any there is no default exit."""
    more_exits: ClassVar[str] = ""
    """Exits that a node's config adds, in words."""
    forgets: ClassVar[bool] = False
    """Whether entering the node takes the values of what it sets away."""

    @classmethod
    def kind(cls) -> str:
        """The kind's name: its module's."""
        return cls.__module__.rpartition(".")[2]

    def own_exits(self) -> tuple[str, ...]:
        """The exits of this very node; more than the class's where config adds some."""
        return self.exits

    def sets(self) -> Iterator[str]:
        """Names of the flow variables this node may set."""
        yield from ()

    def unsure(self, exit: str) -> Iterator[str]:
        """Those of `sets` that may be without a value when the node is left by this exit."""
        yield from self.sets() if exit in UNSURE_EXITS else ()

    def interrupted_by(self, _words: Iterable[str]) -> Iterator[str]:
        """Those of the flow's words that lead away from this node."""
        yield from ()

    def inside(self) -> Mapping[str, str]:
        """Exits that lead inside this node, each with the step (`JOIN`, `NEXT`) that edges back lead to."""
        return {}

    def follows(self, _exit: str) -> int:
        """How many of the exits inside have surely come to their end when the node is left by this one."""
        return 0

    def names(self) -> Iterator[str]:
        """Names that templates see inside this node only."""
        yield from ()

    def connections(self) -> Mapping[str, str]:
        """Names of the operator's connections this node uses, by pointers relative to its config."""
        return {}

    def check(self, _place: Place) -> Iterator[Issue]:
        """What the schema cannot say: findings about this node, pointers relative to its config."""
        yield from ()

    @abstractmethod
    def lower(self, place: Place) -> Iterable[Step]:
        """The steps of this node; the first is its entry."""
