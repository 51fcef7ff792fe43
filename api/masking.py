"""Hiding personal values: what a flow declares as `pii`, wherever a variable of that name is shown."""

from collections.abc import Mapping

from api.parts import Parts
from dsl.model import Json
from dsl.plan import Plan
from store import plans

MASK = "***"


async def private_names(parts: Parts, plan_digest: str | None) -> frozenset[str]:
    """The variables that a plan declares as personal."""
    stored = await plans.load(parts.db, plan_digest) if plan_digest else None
    variables = Plan.model_validate(stored).variables if stored else {}
    return frozenset(name for name, variable in variables.items() if variable.pii)


def masked(variables: Mapping[str, Json], private: frozenset[str]) -> dict[str, Json]:
    """The same variables with the personal values hidden; one that is not set shows that it is not."""
    return {
        name: MASK if name in private and value is not None else value for name, value in variables.items()
    }
