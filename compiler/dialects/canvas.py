"""What documents of canvases share: edges with `source` and `target`, and what an editor keeps for itself."""

from compiler.bounds import part
from compiler.dialects.names import Names
from compiler.dialects.translation import Translation
from dsl.model import Json

_OF_NODE = (
    "ariaLabel ariaRole className connectable deletable domAttributes dragHandle draggable dragging "
    "expandParent extent focusable handles height hidden initialHeight initialWidth measured origin "
    "parentId parentNode position positionAbsolute resizing selectable selected sourcePosition style "
    "targetPosition width zIndex"
)
_OF_EDGE = (
    "animated ariaLabel ariaRole className deletable domAttributes focusable hidden id interactionWidth "
    "label labelBgBorderRadius labelBgPadding labelBgStyle labelShowBg labelStyle markerEnd markerStart "
    "pathOptions reconnectable selectable selected sourceNode style targetHandle targetNode type updatable "
    "zIndex"
)
OF_NODE = frozenset(_OF_NODE.split())
"""What React Flow keeps of a node."""
OF_EDGE = frozenset(_OF_EDGE.split())
"""What React Flow keeps of an edge; its `label` is for people, its `type` is how it is drawn."""

_IN_DATA = ("condition", "priority", "exit")
_ENDS = (("from", "source"), ("to", "target"), ("exit", "sourceHandle"))


class Canvas(Translation):
    """A document whose edges have sources and targets."""

    def __init__(self, document: dict[str, Json], names: Names) -> None:
        super().__init__(document)
        self.names = names

    def declared(self) -> dict[str, Json]:
        """`variables`, where they are listed."""
        return {} if isinstance(self.sent.get("variables", {}), dict) else {"variables": self.variables()}

    def edge(self, edge: Json, at: str) -> Json:
        """An edge in FlowSpec's words; what is malformed is passed on."""
        if not isinstance(edge, dict):
            return edge
        fields = {key: value for key, value in edge.items() if key not in OF_EDGE and key != "data"}
        for ours, theirs in _ENDS:
            if theirs in fields:
                fields[ours] = fields.pop(theirs)
            elif ours != "exit":
                self.wrong(f"{at}/{theirs}", f"The field '{theirs}' is missing.", "MISSING_FIELD")
        return {**fields, **self._said(edge.get("data"), fields, f"{at}/data")}

    def _said(self, data: Json, fields: dict[str, Json], at: str) -> dict[str, Json]:
        """What an edge's `data` says that its fields do not."""
        if not isinstance(data, dict | None):
            self.wrong(at, "`data` must be an object.")
            return {}
        for key in (data or {}).keys() - {*_IN_DATA, "label"}:
            text = f"There is no field '{key}' in the `data` of an edge."
            self.wrong(at + part(key), text, "UNKNOWN_FIELD")
        return {key: data[key] for key in _IN_DATA if data and key in data and fields.get(key) is None}

    def put_edge(self, read: Json, sent: Json, at: str) -> None:
        """An edge that was drawn, and where its fields stand."""
        here = self.place("edges", at)
        self.edges.append(read)
        if isinstance(sent, dict) and isinstance(read, dict):
            data = sent["data"] if isinstance(sent.get("data"), dict) else {}
            said = {key: f"data/{key}" for key in _IN_DATA if key in data and sent.get(key) is None}
            names = said | {ours: theirs for ours, theirs in _ENDS if sent.get(theirs) is not None}
            self.origin |= {f"{here}/{ours}": f"{at}/{theirs}" for ours, theirs in names.items()}
