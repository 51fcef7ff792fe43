"""Which connections a flow asks for that the operator has not set up."""

from collections.abc import Collection, Iterator

from compiler.drawing import Drawing
from compiler.structure import near
from dsl.issues import Issue, issue


def connection_issues(drawing: Drawing, known: Collection[str] | None) -> Iterator[Issue]:
    """One for each node that names a connection not `known`; None where nobody can tell."""
    if known is None:
        return
    for id, kind in drawing.kinds.items():
        for pointer, name in kind.connections().items():
            if name not in known:
                text = f"There is no connection '{name}'{near(name, sorted(known))}"
                at = f"{drawing.pointer(id)}/config{pointer}"
                yield issue("UNKNOWN_CONNECTION", text, node=id, pointer=at)
