"""What is checked of a drawing as a whole, once its parts are known."""

from collections import Counter
from collections.abc import Iterator

from phonenumbers import SUPPORTED_REGIONS

from compiler.bounds import part
from compiler.drawing import Drawing
from compiler.interrupting import word_issues
from compiler.kinds import Catalogue, under
from compiler.lower import spot
from compiler.structure import near
from compiler.zones import zone
from dsl.issues import Issue, issue
from dsl.model import Json
from dsl.spec import RESERVED

FAIL, HANDOFF = "fail", "handoff"
HANDS_OVER = "transfer_agent"


def flow_issues(drawing: Drawing, catalogue: Catalogue) -> Iterator[Issue]:
    """The start, ids, names and settings."""
    yield from _start_issues(drawing)
    yield from _id_issues(drawing)
    yield from _name_issues(drawing)
    yield from word_issues(drawing)
    settings = drawing.spec.settings
    if zone(settings.timezone) is None:
        text = f"There is no time zone '{settings.timezone}'."
        yield issue("INVALID_VALUE", text, pointer="/settings/timezone")
    if settings.region is not None and settings.region not in SUPPORTED_REGIONS:
        text = f"There is no country with the code '{settings.region}'."
        yield issue("INVALID_VALUE", text, pointer="/settings/region")
    for name, said in (("busyText", settings.busy_text), ("safeText", settings.safe_text)):
        if said is not None and "{{" in said:
            text = "It is said when nobody can ask the flow for a value, so it has no templates."
            yield issue("INVALID_VALUE", text, pointer=f"/settings/{name}")
    answers = [FAIL, *((HANDOFF,) if HANDS_OVER in catalogue else ())]
    if settings.on_error not in answers and settings.on_error not in drawing.nodes:
        text = f"There is no node '{settings.on_error}'{near(settings.on_error, [*answers, *drawing.nodes])}"
        yield issue("UNKNOWN_ERROR_TARGET", text, pointer="/settings/onError")


def node_issues(drawing: Drawing) -> Iterator[Issue]:
    """What the kinds themselves find, and nodes that nothing leads to."""
    for id, node in drawing.nodes.items():
        pointer = drawing.pointer(id)
        if id not in drawing.reachable:
            yield issue("UNUSED_NODE", f"Nothing leads to the node '{id}'.", node=id, pointer=pointer)
        elif id in drawing.kinds:
            for found in drawing.kinds[id].check(spot(drawing, node)):
                yield under(f"{pointer}/config", found, id)


def _start_issues(drawing: Drawing) -> Iterator[Issue]:
    if not drawing.starts:
        yield issue("NO_START_NODE", pointer="/nodes")
    for id in drawing.starts[1:]:
        text = f"The flow has another start node, '{drawing.starts[0]}'."
        yield issue("MANY_START_NODES", text, node=id, pointer=drawing.pointer(id))


def _id_issues(drawing: Drawing) -> Iterator[Issue]:
    count = Counter(node.id for node in drawing.spec.nodes)
    for index, node in enumerate(drawing.spec.nodes):
        if count[node.id] > 1 and drawing.places[node.id] != index:
            text = f"Another node has the id '{node.id}'."
            yield issue("DUPLICATE_ID", text, node=node.id, pointer=f"/nodes/{index}/id")


def _name_issues(drawing: Drawing) -> Iterator[Issue]:
    for name in drawing.spec.variables:
        if name in RESERVED:
            yield issue("RESERVED_NAME", f"'{name}' is reserved.", pointer=f"/variables/{name}")
    for id, kind in drawing.kinds.items():
        for name in dict.fromkeys((*kind.sets(), *kind.names())):
            if name in RESERVED:
                pointer = f"{drawing.pointer(id)}/config{named(drawing.nodes[id].config, name)}"
                yield issue("RESERVED_NAME", f"'{name}' is reserved.", node=id, pointer=pointer)


def named(config: dict[str, Json], name: str) -> str:
    """Where a config names a variable: as a field's text, or as the first word of a key."""
    for field, value in config.items():
        if value == name:
            return part(field)
        keys = value if isinstance(value, dict) else {}
        for key in keys:
            if key.partition(".")[0] == name:
                return part(field) + part(key)
    return ""
