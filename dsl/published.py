"""A published flow as those see it who refer to it."""

import re

from pydantic import Field

from dsl.model import Message
from dsl.spec import Param

REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:\-]{0,127}(?:@[1-9][0-9]{0,8})?")
"""`id`, the version that is published when this is read, or `id@version`."""
DEEPEST = 16
"""Flows inside one another, the outermost counted."""
MOST_PLANS = 256
"""Plans that one flow's subflows walk, theirs included."""


class Published(Message):
    """What a flow's publication fixed: the plan by digest, what goes in and comes out, what is below it."""

    flow: str
    """Its author's id."""
    version: int
    digest: str
    params: dict[str, Param] = Field(default_factory=dict)
    """Without any it takes whatever it is given."""
    outputs: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()
    """Digests of the plans that its own subflows walk, theirs included."""
    flows: frozenset[str] = frozenset()
    """Ids of the flows of those plans."""
    waits: bool = False
    """Whether it, or one below it, waits for people."""
    rests: bool = False
    """Whether it, or one below it, waits for people or time."""
    depth: int = 1
    """How many flows are inside one another, itself counted."""
