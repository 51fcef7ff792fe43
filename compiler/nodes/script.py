"""script: computes something in JavaScript."""

from collections.abc import Iterable, Iterator

from pydantic import Field, field_validator

from compiler.javascript import scope_of
from dsl.conditions import MOST_CODE, without_placeholders
from dsl.kind import Kind, Place
from dsl.messages import EVALUATE
from dsl.model import Json
from dsl.plan import Call, Step
from dsl.spec import Name


class Script(Kind):
    """Computes a value in JavaScript: no clock, no chance, no network, a tenth of a second.

    It reads `inputs`, and `vars`, `contact`, `trigger`, `nodes`, `now` by name. It is an expression, or
    statements with a `return`. Where it throws, or takes too much, it leaves by `error`.
    """

    javascript: str = Field(min_length=1, max_length=MOST_CODE)
    """`return {total: inputs.price * vars.count}`"""
    inputs: dict[Name, Json] = Field(default_factory=dict, max_length=100)
    """Values by name: templates or literals."""
    save_to: Name | None = None
    """The variable that keeps the result."""

    @field_validator("javascript")
    @classmethod
    def _holds_no_placeholder(cls, code: str) -> str:
        return without_placeholders(code)

    def sets(self) -> Iterator[str]:
        """The variable that keeps the result."""
        yield from [self.save_to] if self.save_to is not None else []

    def lower(self, place: Place) -> Iterable[Step]:
        """One pure call."""
        scope = {**scope_of(self.javascript, place.variables), "inputs": self.inputs}
        yield Call(
            id=place.id(),
            node=place.node,
            activity=EVALUATE,
            args={"script": self.javascript, "scope": scope},
            save_to=self.save_to,
            pure=True,
            fast=True,
        )
