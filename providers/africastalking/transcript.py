"""What a USSD caller typed: the provider sends all of a session again with every step, joined with `*`."""

from collections.abc import Callable
from typing import Literal, NamedTuple

SEPARATOR = "*"


class Advance(NamedTuple):
    """What a step brings: `inputs` are new (of a first step or a step on), each the answer to one question.

    `first`: the session is new to us; a deep dial brings inputs with it. `step`: exactly one input, in which
    a `*` is the caller's own. `repeated`: the same step again, so the same screen. `late`: a step we have
    passed. `diverging`: no continuation of what we know.
    """

    kind: Literal["first", "step", "repeated", "late", "diverging"]
    inputs: tuple[str, ...] = ()


def segments(text: str) -> tuple[str, ...]:
    """The parts of a cumulative text; () for the first step, "" for an empty input."""
    return tuple(text.split(SEPARATOR)) if text else ()


def step_key(session: str, text: str, keyed: Callable[[str], str]) -> str:
    """The name of the step at which so much was typed; `keyed` makes what was typed unreadable."""
    return f"ussd:{session}:{len(segments(text))}:{keyed(text)}"


def advance(before: str | None, text: str) -> Advance:
    """How a step's text continues the last one taken of its session (None: there was none)."""
    now = segments(text)
    if before is None:
        return Advance("first", now)
    known = segments(before)
    if now == known:
        return Advance("repeated")
    if now[: len(known)] == known:
        return Advance("step", (_one(now[len(known) :], opening=not known),))
    return Advance("late" if known[: len(now)] == now else "diverging")


def _one(new: tuple[str, ...], *, opening: bool) -> str:
    """All that is new is one answer: there is one request for each screen, so the `*` between is typed.

    An empty answer to the first screen leaves the text empty; it comes to light as a leading `*` of the next.
    """
    typed = SEPARATOR.join(new)
    return typed.removeprefix(SEPARATOR) if opening else typed
