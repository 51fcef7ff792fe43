"""Documents to compile: small ones by hand, and any by chance."""

import json
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from compiler.compile import CompilationResult, compile_flow
from tests.goldens import FOLDER
from wiring.catalog import catalogue

START = {"id": "start", "type": "start"}
END = {"id": "end", "type": "end"}
SAMPLES = [json.loads(path.read_text()) for path in sorted(FOLDER.glob("flows/*/[seuw]*.json"))]
"""Flows without errors, of every dialect."""

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(alphabet=st.characters(), max_size=12)
    | st.sampled_from(["{{name}}", "{{ a | upper", "start", "end", "question", "30m", "error", "answer"])
)
FIELDS = (
    "id name nodes edges variables settings type config transitions startNodeId from to exit condition "
    "source target sourceHandle data position viewport trigger "
    "all not left operator text saveTo choices onError"
)
names = st.text(alphabet=st.characters(), max_size=6) | st.sampled_from(FIELDS.split())
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=5),
    max_leaves=20,
)


def message(id: str, text: str = "Hello!", **more: Any) -> dict[str, Any]:
    """A message node."""
    return {"id": id, "type": "message", "config": {"text": text}, **more}


def question(id: str, save_to: str, **config: Any) -> dict[str, Any]:
    """A question node."""
    return {"id": id, "type": "question", "config": {"text": "?", "saveTo": save_to, **config}}


def edge(source: str, target: str, exit: str | None = None, **more: Any) -> dict[str, Any]:
    """An edge."""
    return {"from": source, "to": target, **({"exit": exit} if exit else {}), **more}


def flow(nodes: list[Any], edges: list[Any], **more: Any) -> dict[str, Any]:
    """A FlowSpec whose waits end after an hour."""
    spec = {"id": "f", "name": "F", "settings": {"sessionTtl": "1h"}, "nodes": nodes, "edges": edges}
    return {**spec, **more}


def line(*nodes: dict[str, Any], **more: Any) -> dict[str, Any]:
    """start → each node by its default exit → end."""
    ids = ["start", *(node["id"] for node in nodes), "end"]
    edges = [edge(one, other) for one, other in pairwise(ids)]
    return flow([START, *nodes, END], edges, **more)


def compiled(document: Any) -> CompilationResult:
    """The document, compiled against all kinds."""
    return compile_flow(document, catalogue())


def codes(document: Any) -> list[str]:
    """The codes of all findings, errors first."""
    result = compiled(document)
    return [found.code for found in (*result.errors, *result.warnings)]
