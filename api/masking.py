"""Hiding personal values: what a flow declares as `pii`, wherever a variable of that name is shown."""

from collections.abc import Mapping

from api.parts import Parts
from dsl.model import Json
from store import plans

MASK = "***"


async def private_names(parts: Parts, plan_digest: str | None) -> frozenset[str]:
    """The variables that a plan, or one that its subflows walk, declares as personal.

    A name that is personal in one of them is hidden in all: values go from one to the other.
    """
    stored = await plans.variables(parts.db, plan_digest) if plan_digest else []
    return frozenset(name for declared in stored for name, told in declared.items() if told.get("pii"))


def masked(variables: Mapping[str, Json], private: frozenset[str]) -> dict[str, Json]:
    """The same variables with the personal values hidden; one that is not set shows that it is not."""
    return {
        name: MASK if name in private and value is not None else value for name, value in variables.items()
    }
