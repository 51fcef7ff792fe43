"""What py-spy has seen: stacks, and the parts of a process that they belong to."""

from collections import Counter
from collections.abc import Mapping, Sequence

PARTS: Mapping[str, tuple[str, ...]] = {
    "PostgreSQL's driver": ("asyncpg/", "sqlalchemy/", "store/"),
    "HTTP to the providers": ("httpcore/", "httpx/", "h11/", "anyio/", "providers/"),
    "codec, converter, visits of payloads": (
        "wiring/codec", "wiring/converter", "wiring/plans", "temporalio/converter", "cryptography/",
        "_visitor", "visit_payload",
    ),
    "the walk": ("workflows/", "dsl/"),
    "activities": ("activities/",),
    "logs": ("structlog/", "logging/"),
    "gateway and delivery": ("intake/", "wiring/"),
    "FastAPI, Starlette, uvicorn": ("fastapi/", "starlette/", "uvicorn/", "api/"),
    "Temporal's SDK": ("temporalio/", "google/protobuf"),
}  # fmt: skip
LOOP = "Runner.run (asyncio/runners.py"
REST = "event loop, and what is in no other row"
Samples = Counter[tuple[str, ...]]
"""How often each stack was seen, its outermost frame first."""


def samples(raw: str) -> Samples:
    """The stacks of py-spy's raw format."""
    found = Samples()
    for line in raw.splitlines():
        stack, _, seen = line.rpartition(" ")
        found[tuple(stack.split(";"))] += int(seen)
    return found


def part_of(stack: Sequence[str]) -> str:
    """The part of the process that a stack is in: that of its innermost frame which belongs to one.

    What the event loop stands on (a process's main module) is no part.
    """
    loops = [at for at, frame in enumerate(stack) if frame.startswith(LOOP)]
    for frame in reversed(stack[loops[-1] + 1 :] if loops else stack):
        for part, names in PARTS.items():
            if any(name in frame for name in names):
                return part
    return REST


def shares(stacks: Samples) -> dict[str, float]:
    seen = Counter[str]()
    for stack, count in stacks.items():
        seen[part_of(stack)] += count
    return {part: 100 * seen[part] / max(1, stacks.total()) for part in (*PARTS, REST)}


def hottest(stacks: Samples, most: int) -> list[tuple[str, float]]:
    """The functions in which most time goes, their own alone, in percent."""
    own = Counter[str]()
    for stack, count in stacks.items():
        own[stack[-1].rpartition(":")[0]] += count
    return [(f"{name})", 100 * count / stacks.total()) for name, count in own.most_common(most)]
