"""The published flows that golden flows may refer to."""

from dsl.published import Published
from dsl.spec import Param


def digest(letter: str) -> str:
    """A digest that is read at a glance."""
    return letter * 64


_ASK = Published(
    flow="ask",
    version=2,
    digest=digest("2"),
    params={
        "topic": Param(type="string", required=True),
        "tries": Param(type="integer", default=3),
        "person": Param(type="object"),
    },
    outputs=("answer", "tried"),
    waits=True,
    rests=True,
)
PUBLISHED = {
    "ask": _ASK,
    "ask@1": _ASK.but(version=1, digest=digest("1"), params={}, outputs=("answer",)),
    "asks": Published(
        flow="asks",
        version=1,
        digest=digest("a"),
        plans=(digest("2"),),
        flows=frozenset({"ask"}),
        waits=True,
        rests=True,
        depth=2,
    ),
    "counts": Published(flow="counts", version=1, digest=digest("c"), outputs=("total",)),
    "comes-back": Published(flow="comes-back", version=1, digest=digest("b"), flows=frozenset({"broken"})),
    "deepest": Published(flow="deepest", version=1, digest=digest("d"), depth=16),
    "widest": Published(
        flow="widest",
        version=1,
        digest=digest("e"),
        plans=tuple(f"{number:064x}" for number in range(256)),
    ),
}
"""By reference, as the compiler is handed them."""
