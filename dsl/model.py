"""The two base classes of everything that crosses a boundary."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

Json = Any
"""Any JSON value: None, bool, int, float, str, list or dict with text keys."""


class Authored(BaseModel):
    """What people and editors write: an unknown field is their mistake, so it is refused."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
    )


class Message(BaseModel):
    """What our own processes send each other: a newer sender may add fields, an older reader skips them."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="ignore",
        frozen=True,
        use_attribute_docstrings=True,
    )

    def but(self, **changes: Any) -> Self:
        """The same with some fields changed; values are taken as they are."""
        return self.model_copy(update=changes)
