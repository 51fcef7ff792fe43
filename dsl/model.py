"""The two base classes of everything that crosses a boundary."""

from typing import Any, Self

from pydantic import ConfigDict
from pydantic.alias_generators import to_camel

from dsl.described import Described

Json = Any
"""Any JSON value: None, bool, int, float, str, list or dict with text keys."""


class Authored(Described):
    """What people and editors write: an unknown field is their mistake, so it is refused."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="forbid",
        frozen=True,
    )


class Message(Described):
    """What our own processes send each other: a newer sender may add fields, an older reader skips them."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="ignore",
        frozen=True,
    )

    def but(self, **changes: Any) -> Self:
        """The same with some fields changed; values are taken as they are."""
        return self.model_copy(update=changes)
