"""What nodes come to in a simulation: as the test says, else as the kind's own mock."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag, WithJsonSchema

from dsl.durations import Duration
from dsl.messages import ErrorInfo, Outcome
from dsl.model import Authored, Json
from dsl.plan import Plan

FAILS = "error"


class Mocked(Authored):
    """An outcome to order: the `exit` and the `value`; of exit `error`, the reason.

    `takes`: virtual time until it is there; what else is under way goes on meanwhile.
    """

    exit: str = Field(min_length=1, max_length=128)
    value: Json = None
    error: str | None = Field(default=None, max_length=1_000)
    takes: Duration = 0

    def outcome(self) -> Outcome:
        """As an executor would have given it."""
        failure = None
        if self.exit == FAILS or self.error is not None:
            failure = ErrorInfo(code="MOCKED", message=self.error or "The test lets it fail.")
        return Outcome(exit=self.exit, value=self.value, error=failure)


def _form(value: Any) -> str:
    """An object with an `exit` is an outcome, anything else a value."""
    return (
        "outcome" if isinstance(value, Mocked) or (isinstance(value, dict) and "exit" in value) else "value"
    )


_VALUE: dict[str, Any] = {
    "anyOf": [
        {"type": ["null", "boolean", "number", "string", "array"]},
        {"type": "object", "properties": {"exit": False}},
    ]
}

Mock = Annotated[
    Annotated[Mocked, Tag("outcome")] | Annotated[Json, WithJsonSchema(_VALUE), Tag("value")],
    Discriminator(_form),
]
Mocks = Annotated[dict[str, Mock], Field(max_length=200)]
"""By node id."""


def bare(node: str) -> str:
    """A node inside of subflows without the visits of those: `pay#2/ask` is `pay/ask`."""
    return "/".join(part.partition("#")[0] for part in node.split("/"))


class Nothing:
    """No mock; `null` is one."""


def mocked(mocks: Mapping[str, Any], node: str) -> Any:
    """What was ordered for a node: an outcome, or a value; `Nothing` where nothing was."""
    return mocks.get(node, mocks.get(bare(node), Nothing))


def strangers(mocks: Iterable[str], plans: Iterable[Plan]) -> list[str]:
    """Nodes that are mocked and that no plan has."""
    known = {node for plan in plans for node in plan.nodes}
    return [node for node in mocks if bare(node).rpartition("/")[2] not in known]
