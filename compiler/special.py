"""The nodes nobody drew: where errors, missed deadlines and `onError: handoff` lead."""

from collections.abc import Iterable, Mapping

from compiler.lower import Spot
from dsl.kind import Kind
from dsl.plan import EXPIRED, FAIL, HANDOFF, End, PlanNode, Step
from dsl.spec import FlowSpec

_ENDS = {FAIL: ("failed", "Failed"), EXPIRED: ("expired", "Expired")}


def special_nodes(
    wanted: Iterable[str], spec: FlowSpec, catalogue: Mapping[str, type[Kind]]
) -> tuple[dict[str, PlanNode], list[Step]]:
    """The plan nodes and steps of the special nodes that something leads to."""
    nodes: dict[str, PlanNode] = {}
    steps: list[Step] = []
    names = dict.fromkeys(wanted)
    if HANDOFF in names:
        nodes[HANDOFF] = PlanNode(
            kind="transfer_agent", label="Hand over", entry=HANDOFF, exits={"next": FAIL, "error": FAIL}
        )
        steps += _hand_over(spec, catalogue["transfer_agent"])
    for id in dict.fromkeys((*names, *((FAIL,) if HANDOFF in names else ()))):
        if id in _ENDS:
            outcome, label = _ENDS[id]
            nodes[id] = PlanNode(kind="end", label=label, entry=id)
            steps.append(End(id=id, node=id, outcome=outcome))
    return nodes, steps


def _hand_over(spec: FlowSpec, kind: type[Kind]) -> Iterable[Step]:
    place = Spot(HANDOFF, None, spec.settings.session_ttl, spec.settings.timezone, frozenset({"next"}))
    return kind().lower(place)
