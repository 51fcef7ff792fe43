"""Variables that nothing reads."""

from collections.abc import Iterator

from compiler.asking import Asking
from compiler.checks import named
from compiler.drawing import Drawing
from compiler.javascript import reads_all
from compiler.texts import condition_json, uses
from dsl.issues import Issue, issue
from dsl.model import Json


def variable_issues(drawing: Drawing) -> Iterator[Issue]:
    """Declared and never used; set by a node, never read and not declared either.

    What is declared, or answered by people, may be kept for whoever reads the execution.
    """
    read, sets = _read(drawing), {name for kind in drawing.kinds.values() for name in kind.sets()}
    if read is None or len(drawing.kinds) < len(drawing.nodes):
        return  # what cannot be followed may be read anywhere
    used, kept = read | sets, read | drawing.spec.variables.keys()
    for name in drawing.spec.variables:
        if name not in used:
            text = f"Nothing sets or reads '{name}'."
            yield issue("UNUSED_VARIABLE", text, pointer=f"/variables/{name}")
    for id, kind in drawing.kinds.items():
        if id in drawing.reachable and not isinstance(kind, Asking):
            for name in sorted({*kind.sets()} - kept):
                pointer = f"{drawing.pointer(id)}/config{named(drawing.nodes[id].config, name)}"
                yield issue("UNREAD_VARIABLE", f"Nothing reads '{name}'.", node=id, pointer=pointer)


def _read(drawing: Drawing) -> set[str] | None:
    """First words of all paths that are read; None where code reads variables by computed names."""
    written: list[Json] = [node.config for node in drawing.spec.nodes]
    written += [condition_json(edge.condition) for edge in drawing.spec.edges if edge.condition is not None]
    if any(reads_all(value) for value in written):
        return None
    return {use.placeholder.path[0] for use in uses(written) if use.placeholder.path}
