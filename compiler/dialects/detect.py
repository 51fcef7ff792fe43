"""Which dialect a document is written in, and reading it."""

from collections.abc import Iterator

from compiler.bounds import part
from compiler.dialects.executable_flow import read_executable_flow
from compiler.dialects.names import Names
from compiler.dialects.reading import Reading
from compiler.dialects.ui_flow import is_ui_flow, read_ui_flow
from compiler.dialects.workflow_spec import is_workflow_spec, read_workflow_spec
from dsl.issues import Issue, issue
from dsl.model import Json


def read(document: Json, names: Names) -> Reading | Issue:
    """The document in FlowSpec's form, or why it is none we read; `names` are the kinds by every name."""
    if not isinstance(document, dict):
        return issue("INVALID_FLOW", "A flow is a JSON object.")
    if "format" in document:
        return Reading("FlowSpec", document)
    if foreign := next(_foreign(document), None):
        return foreign
    if "startNodeId" in document or isinstance(document["nodes"], dict):
        return read_executable_flow(document)
    nodes, edges = _list(document, "nodes"), _list(document, "edges")
    if _has_from(edges):
        return _unmixed(edges) or Reading("FlowSpec", document)
    if is_ui_flow(nodes, document):
        return read_ui_flow(document, names)
    if is_workflow_spec(nodes, edges, document):
        return read_workflow_spec(document, names)
    return Reading("FlowSpec", document)


def _list(document: dict[str, Json], name: str) -> list[Json]:
    held = document.get(name)
    return held if isinstance(held, list) else []


def _has_from(edges: list[Json]) -> bool:
    return any(isinstance(edge, dict) and ("from" in edge or "from_" in edge) for edge in edges)


def _unmixed(edges: list[Json]) -> Issue | None:
    for index, edge in enumerate(edges):
        if isinstance(edge, dict) and "source" in edge:
            text = "Some edges have `from` and `to` (FlowSpec), others, as this one, `source` and `target`."
            return issue("INVALID_FLOW", text, pointer=f"/edges/{index}")
    return None


def _foreign(document: dict[str, Json]) -> Iterator[Issue]:
    """Why a document is none of the dialects."""
    if "nodes" not in document:
        for key, value in document.items():
            if isinstance(value, dict) and "nodes" in value:
                text = f"There are no `nodes` here; the flow itself seems to stand under '{key}'."
                yield issue("INVALID_FLOW", text, pointer=part(key))
        text = "There are no `nodes`: a list of them, or, in an ExecutableFlow, an object of them by id."
        yield issue("INVALID_FLOW", text)
    elif not isinstance(document["nodes"], list | dict):
        text = "`nodes` is neither a list nor, as in an ExecutableFlow, an object of nodes by id."
        yield issue("INVALID_FLOW", text, pointer="/nodes")
