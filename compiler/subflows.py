"""A flow among others: which flows it refers to, the plans below it, and its own contract."""

from collections.abc import Iterator

from compiler.bounds import bounds, part
from compiler.dialects.detect import read
from compiler.dialects.names import Names
from compiler.dialects.reading import Reading
from compiler.drawing import Drawing
from compiler.kinds import Catalogue, by_type
from compiler.nodes.end import End
from compiler.nodes.subflow import Subflow
from dsl.issues import Issue, issue
from dsl.model import Json
from dsl.published import MOST_PLANS, REFERENCE
from dsl.spec import RESERVED


def references(document: Json, catalogue: Catalogue) -> frozenset[str]:
    """The flows that a document refers to: what `compile_flow` wants to be told of. Never raises."""
    if any(bounds(document)):
        return frozenset()
    names = by_type(catalogue)
    reading = read(document, names)
    nodes = reading.document.get("nodes") if isinstance(reading, Reading) else None
    found = (_reference(node, names) for node in nodes) if isinstance(nodes, list) else iter(())
    return frozenset(one for one in found if one is not None)


def _reference(node: Json, names: Names) -> str | None:
    kind, config = (node.get("type"), node.get("config")) if isinstance(node, dict) else (None, None)
    if not isinstance(kind, str) or names.get(kind) is not Subflow or not isinstance(config, dict):
        return None
    flow = config.get("flow")
    return flow if isinstance(flow, str) and REFERENCE.fullmatch(flow) else None


def plans_below(drawing: Drawing) -> tuple[str, ...]:
    """Digests of all plans that its nodes walk, theirs included, in an order that no drawing changes."""
    nodes = (kind for id, kind in drawing.kinds.items() if id in drawing.reachable)
    named = (drawing.published.get(kind.flow) for kind in nodes if isinstance(kind, Subflow))
    return tuple(sorted({digest for found in named if found for digest in (found.digest, *found.plans)}))


def contract_issues(drawing: Drawing) -> Iterator[Issue]:
    """What is wrong with params, outputs, and how many flows there are below."""
    yield from _param_issues(drawing)
    given = {name for kind in drawing.kinds.values() if isinstance(kind, End) for name in kind.outputs}
    for name in drawing.spec.settings.outputs:
        if name not in given:
            text = f"No `end` of the flow gives the output '{name}'."
            yield issue("OUTPUT_NOT_GIVEN", text, pointer=f"/settings/outputs{part(name)}")
    if (count := len(plans_below(drawing))) > MOST_PLANS:
        text = f"The flow has {count} flows below it; {MOST_PLANS} are accepted."
        yield issue("LIMIT_EXCEEDED", text, pointer="/nodes")


def _param_issues(drawing: Drawing) -> Iterator[Issue]:
    spec = drawing.spec
    started = spec.trigger is not None and spec.trigger.event != "api"
    for name, param in spec.settings.params.items():
        pointer = f"/settings/params{part(name)}"
        if name in RESERVED:
            yield issue("RESERVED_NAME", f"'{name}' is reserved.", pointer=pointer)
        if name in spec.variables:
            text = f"'{name}' is declared as a variable too."
            yield issue("DUPLICATE_VARIABLE", text, pointer=pointer)
        if param.required and started:
            text = f"An event starts the flow, and gives no '{name}'."
            yield issue("PARAM_NEVER_GIVEN", text, pointer=pointer)
