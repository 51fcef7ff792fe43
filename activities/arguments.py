"""An executor's rendered arguments, and whose fault it is when they cannot be read."""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import ValidationError

from activities.base import Action
from dsl.model import Json
from providers.errors import Failed

A = TypeVar("A", bound=Action)

OURS = frozenset({"extra_forbidden", "missing"})
"""Findings that no rendered value explains: plan and worker are of two releases."""


def read(kind: type[A], args: Mapping[str, Json]) -> A:
    """The executor of these arguments.

    What the flow rendered and no attempt can make sense of (a text that came to null) is the flow's fault:
    `Failed(INVALID_ARGUMENTS)`, which names the field and never its value. Fields that another release knows
    are ours: ValidationError, tried again until that release comes by (protocols 2.9).
    """
    try:
        return kind.model_validate(args)
    except ValidationError as error:
        found = error.errors(include_input=False, include_context=False, include_url=False)
        if any(one["type"] in OURS for one in found):
            raise
        field = ".".join(str(step) for step in found[0]["loc"])
        # The finding's text may quote what a person wrote; its type cannot.
        text = f"{kind.kind()} cannot be done with what '{field}' came to ({found[0]['type']})."
        raise Failed("INVALID_ARGUMENTS", text, provider="flow") from None
