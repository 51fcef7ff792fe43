"""Exits that are connected and never taken, and settings about errors that never come."""

from collections.abc import Iterator, Mapping, Sequence

from compiler.drawing import INTERRUPT, Drawing
from compiler.lower import OUR_ERRORS, acts, may_fail, stand_in, used_exits
from dsl.issues import Issue, issue
from dsl.kind import ALWAYS
from dsl.plan import Step

LATE = ("timeout", "expired")


def exit_issues(drawing: Drawing, lowered: Mapping[str, Sequence[Step]]) -> Iterator[Issue]:
    """What no walk ever comes by, of nodes that are walked."""
    for node, steps in lowered.items():
        if node in drawing.reachable:
            used = set(used_exits(drawing.kinds[node], steps))
            yield from _dead_exits(drawing, node, _taken(drawing, node, used))
            if any(may_fail(step) for step in steps):
                yield from _idle_default(drawing, node, used)
            else:
                yield from _idle_settings(drawing, node, steps)


def _taken(drawing: Drawing, node: str, used: set[str]) -> set[str]:
    """The exits used, and the one that stands in for those nobody connected."""
    default = drawing.default_exit(node)
    loose = used - drawing.exits[node] - {*LATE, *OUR_ERRORS} - {default}
    own = stand_in(drawing, node) if loose else None
    return used | {own} if own else used


def _dead_exits(drawing: Drawing, node: str, taken: set[str]) -> Iterator[Issue]:
    """Of the kind's own exits: those that a config names were asked for, `interrupt` is told elsewhere."""
    known = {*drawing.kinds[node].exits, "timeout"} & set(drawing.kinds[node].own_exits()) - {INTERRUPT}
    for exit, arrows in drawing.arrows[node].items():
        if exit in known - taken:
            text = f"'{node}' never leaves by '{exit}' as it is set up{_why(exit)}"
            yield from (issue("DEAD_EXIT", text, node=node, pointer=arrow.pointer) for arrow in arrows)


def _why(exit: str) -> str:
    return ": it has no `timeout`." if exit == "timeout" else "."


def _idle_default(drawing: Drawing, node: str, used: set[str]) -> Iterator[Issue]:
    """`onError` of a node whose errors all have an exit of their own."""
    loose = (used | {ALWAYS[0]}) & {*OUR_ERRORS} - drawing.exits[node]
    if drawing.nodes[node].on_error is not None and not loose:
        text = f"The exit 'error' of '{node}' is connected, so its `onError` is never used."
        yield issue("UNUSED_SETTING", text, node=node, pointer=f"{drawing.pointer(node)}/onError")


def _idle_settings(drawing: Drawing, node: str, steps: Sequence[Step]) -> Iterator[Issue]:
    """`onError` and `retry` of a node that neither speaks nor calls."""
    drawn = drawing.nodes[node]
    loose = {*drawing.kinds[node].own_exits()} & {*OUR_ERRORS} - drawing.exits[node]
    settings = {"onError": None if loose else drawn.on_error, "retry": None if acts(steps) else drawn.retry}
    for name, value in settings.items():
        if value is not None:
            text = f"Nothing that '{node}' does can fail, so its `{name}` is never used."
            yield issue("UNUSED_SETTING", text, node=node, pointer=f"{drawing.pointer(node)}/{name}")
