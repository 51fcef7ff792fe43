"""Each node's kind by its type, and its config as that kind reads it."""

from collections.abc import Iterator, Mapping

from pydantic import ValidationError

from compiler.structure import findings, near
from dsl.issues import Issue, issue
from dsl.kind import Kind
from dsl.spec import FlowSpec, Node

Catalogue = Mapping[str, type[Kind]]


def by_type(catalogue: Catalogue) -> dict[str, type[Kind]]:
    """The kinds by every name an author may use for them."""
    return {alias: kind for kind in catalogue.values() for alias in kind.aliases} | dict(catalogue)


def configure(spec: FlowSpec, catalogue: Catalogue) -> tuple[dict[str, Kind], list[Issue]]:
    """The kinds of the nodes by node id, and what is wrong with types and configs."""
    names, kinds, issues = by_type(catalogue), dict[str, Kind](), list[Issue]()
    for index, node in enumerate(spec.nodes):
        found, wrong = _configured(node, names.get(node.type), f"/nodes/{index}")
        issues += wrong if wrong else _unknown(node, names, f"/nodes/{index}")
        if found and node.id not in kinds:
            kinds[node.id] = found
    return kinds, issues


def _unknown(node: Node, names: Mapping[str, type[Kind]], pointer: str) -> Iterator[Issue]:
    if node.type not in names:
        text = f"'{node.type}' is not a kind of node{near(node.type, list(names))}"
        yield issue("UNKNOWN_KIND", text, node=node.id, pointer=f"{pointer}/type")


def _configured(node: Node, kind: type[Kind] | None, pointer: str) -> tuple[Kind | None, list[Issue]]:
    if kind is None:
        return None, []
    try:
        return kind.model_validate(node.config, context={"authored": True}), []
    except ValidationError as error:
        found = findings(error, node.config, kind)
        return None, [under(f"{pointer}/config", issue, node.id) for issue in found]


def under(pointer: str, found: Issue, node: str) -> Issue:
    """An issue whose pointer is relative, put in its place."""
    return found.model_copy(update={"pointer": pointer + found.pointer, "node": node})
