"""What a node kind is: one module whose class fields are the config, docstring the documentation.

The file's name is the kind. Kinds with an executor derive from `activities.base.Action`.
"""

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from typing import ClassVar, Protocol

from dsl.issues import Issue
from dsl.model import Authored
from dsl.plan import Step
from dsl.spec import Retry

ALWAYS = ("error", "unknown")
"""Exits of every node that speaks or calls, whatever its kind: not answered, and maybe happened."""


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

    def id(self, part: str = "") -> str:
        """The id of one of the node's steps; without a part the entry, which every kind must yield."""

    def connected(self, exit: str) -> bool:
        """Whether the author drew an edge from this exit."""


class Kind(Authored):
    """A node's config, validated; subclasses are the kinds."""

    aliases: ClassVar[tuple[str, ...]] = ()
    exits: ClassVar[tuple[str, ...]] = ("next",)
    """Exits an edge may leave by; the default exit stands first. Without any there is no default exit."""
    more_exits: ClassVar[str] = ""
    """Exits that a node's config adds, in words."""

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

    def check(self, _place: Place) -> Iterator[Issue]:
        """What the schema cannot say: findings about this node, pointers relative to its config."""
        yield from ()

    @abstractmethod
    def lower(self, place: Place) -> Iterable[Step]:
        """The steps of this node; the first is its entry."""
