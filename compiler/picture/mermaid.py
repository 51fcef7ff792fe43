"""A flow in Mermaid's words, for pages that render it."""

from collections.abc import Iterator, Mapping

from compiler.graph import Graph, GraphEdge, GraphNode
from compiler.picture.looks import FAMILIES, Look, Shape, look_of
from compiler.picture.marks import Marks, marks_of
from compiler.picture.text import shown
from dsl.issues import Issue

BRACKETS = {
    Shape.STADIUM: ("([", "])"),
    Shape.ROUNDED: ("(", ")"),
    Shape.SLANTED: ("[/", "/]"),
    Shape.HEXAGON: ("{{", "}}"),
    Shape.FLAG: (">", "]"),
    Shape.BOX: ("[", "]"),
    Shape.DOUBLE: ("[[", "]]"),
    Shape.TRAPEZOID: ("[/", "\\]"),
}
SAFE = frozenset(" .,:!?'+=*-_/()")
"""Besides letters and digits; any other character could be read as Mermaid, Markdown or HTML."""
LONGEST = 80
FADED = "classDef faded opacity:0.45,stroke-dasharray:4 3"
WRONG = "classDef wrong stroke:#c8362b,stroke-width:3px"


def mermaid_of(graph: Graph, issues: tuple[Issue, ...] = ()) -> str:
    """The flow as a Mermaid flowchart; the same flow gives the same text."""
    names = {node.id: f"n{number}" for number, node in enumerate(graph.nodes)}
    return "\n".join(_lines(graph, names, marks_of(graph, issues))) + "\n"


def _lines(graph: Graph, names: Mapping[str, str], marks: Marks) -> Iterator[str]:
    yield "flowchart TD"
    for node in graph.nodes:
        yield f"    {names[node.id]}{_node(node)}:::{look_of(node.kind).family}"
    for edge in graph.edges:
        yield f"    {names[edge.from_]} {_arrow(edge)} {names[edge.to]}"
    used = {look_of(node.kind) for node in graph.nodes}
    yield from (f"    {_class(look)}" for look in FAMILIES if look in used)
    for definition, marked in ((FADED, marks.faded), (WRONG, marks.wrong)):
        if chosen := [names[node.id] for node in graph.nodes if node.id in marked]:
            yield f"    {definition}"
            yield f"    class {','.join(chosen)} {definition.split()[1]}"


def _node(node: GraphNode) -> str:
    opening, closing = BRACKETS[look_of(node.kind).shape]
    kind = node.kind.replace("_", " ")
    text = kind if node.label == node.kind else f"{kind}: {node.label}"
    return f'{opening}"{escaped(text)}"{closing}'


def _arrow(edge: GraphEdge) -> str:
    line = "-.->" if edge.conditional else "-->"
    return line if edge.exit == "next" else f'{line}|"{escaped(edge.exit)}"|'


def escaped(text: str) -> str:
    """Text that Mermaid shows as it is, and takes for nothing else."""
    line = shown(text)
    line = line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
    return "".join(char if char.isalnum() or char in SAFE else f"#{ord(char)};" for char in line)


def _class(look: Look) -> str:
    return f"classDef {look.family} fill:{look.fill},stroke:{look.line},color:#1f2933"
