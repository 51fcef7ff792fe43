"""Which dialect a document is written in, and reading it."""

from compiler.dialects.executable_flow import read_executable_flow
from compiler.dialects.reading import Reading
from dsl.issues import Issue, issue
from dsl.model import Json


def read(document: Json) -> Reading | Issue:
    """The document in FlowSpec's form, or why it is none we read."""
    if not isinstance(document, dict):
        return issue("INVALID_FLOW", "A flow is a JSON object.")
    if "startNodeId" in document or isinstance(document.get("nodes"), dict):
        return read_executable_flow(document)
    if _is_canvas(document):
        text = "Edges with `source` and `target` (UI flow, WorkflowSpec) are not read yet."
        return issue("INVALID_FLOW", text, pointer="/edges")
    return Reading("FlowSpec", document)


def _is_canvas(document: dict[str, Json]) -> bool:
    edges = document.get("edges")
    return isinstance(edges, list) and any(isinstance(e, dict) and "source" in e for e in edges)
