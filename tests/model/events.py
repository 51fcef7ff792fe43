"""Random fortunes of a flow: what people write, when it comes, and what effects come to."""

from collections.abc import Iterable
from typing import NamedTuple

from tests.model.dice import Dice
from tests.model.drawing import CHOICES, LITERALS, VIRTUAL, Below, Pace
from tests.model.flows import flow_of, waits_of
from torture.reference.case import Case, Event, Fate, Json, Kind, State

TEXTS = (
    *("red", "Crimson ", "1", "2", "blue"),
    *("j@example.com", "Mary.Ann@MAIL.example.com"),
    *("John", "yes", "7", "{{a}}", "nonsense", "Skip"),
    *("3.5", "-2", "1,000", "No", "NDIYO", "Non merci."),
    *("AGENT", " help me", "agent ", "Help  Me") * 2,
    " ",
)
STATUSES = (
    ("open", "human"),
    ("pending", "bot"),
    ("resolved", "bot"),
    ("snoozed", "human"),
    ("pending", None),
)
"""With the owner they make; a change that a later one overtook makes none."""
STATES: tuple[State, ...] = ("done", "done", "failed", "unknown")
ACTING = (
    *("message", "question", "api", "update_contact", "transfer_agent", "menu", "form"),
    *("add_label", "remove_label", "assign_agent", "close_conversation"),
)
EARLY_ID = 7
"""A provider's id that is older than any message of ours."""


class Course(NamedTuple):
    """The course of events, in seconds."""

    gaps: tuple[float, ...] = (0, 0, 1, 3, 3, 3, 8, 8, 20, 35)
    late: tuple[float, ...] = (*(0,) * 12, 1, 12, 50)
    slow: tuple[float, ...] = (0, 0, 0, 2, 25)
    bursts: tuple[float, ...] = (0, 0, 0.125)
    """The gaps of somebody who does not wait for questions."""
    stops: tuple[float, ...] = (*(300,) * 8, 60, 25, 0)
    """When it is cancelled: at the latest when it has walked long enough."""
    kinds: tuple[Kind, ...] = (*("message",) * 12, *("submitted", "status") * 2, "opened", "unreadable")
    most: int = 12


VARIED = Course()


def case_of(dice: Dice, pace: Pace = VIRTUAL, course: Course = VARIED) -> Case:
    """A flow and all that happens to it."""
    below = _below(dice, pace)
    known = tuple(Below(flow["id"], waits) for flow, waits in below)
    flow, events = flow_of(dice, pace, below=known), _events(dice, course)
    flows = tuple(one for one, _ in below)
    return Case(
        flow=flow,
        below=flows,
        events=events,
        fates=_fates(dice, (flow, *flows), course),
        variables=dice.one({}, {"a": "given"}, {"c": {"k": "inside"}}),
        contact=dice.one({}, {"name": "Asha"}),
        trigger=dice.one({}, {"message": {"id": 1, "text": "Hello"}}),
        triggered=bool(events) and events[0].delivered == 0 and dice.maybe(),
        stop_at=dice.one(*course.stops),
        page=dice.one(50, 1, 2),
        owner="human" if dice.maybe(12) else "bot",
    )


def _below(dice: Dice, pace: Pace) -> list[tuple[dict[str, Json], bool]]:
    """Flows to be walked as subflows, the second perhaps by way of the first too; whether they wait."""
    below: list[tuple[dict[str, Json], bool]] = []
    for number in range(dice.one(0, 1, 1, 2) if "subflow" in pace.nests else 0):
        known = tuple(Below(flow["id"], waits) for flow, waits in below)
        flow = flow_of(dice, pace, f"sub{number}", known)
        below.append((flow, waits_of(flow, known)))
    return below


def _events(dice: Dice, course: Course) -> tuple[Event, ...]:
    """In the order of their lane, each delivered after those before it."""
    made: list[Event] = []
    accepted = delivered = 0.0
    gaps = dice.one(course.gaps, course.bursts)
    for seq in range(1, dice.one(*range(course.most + 1)) + 1):
        accepted += dice.one(*gaps)
        delivered = max(delivered, accepted + dice.one(*course.late))
        made.append(_event(dice, course, seq, accepted, delivered))
    return tuple(made)


def _event(dice: Dice, course: Course, seq: int, accepted: float, delivered: float) -> Event:
    kind = dice.one(*course.kinds)
    more: dict[str, Json] = {"again": dice.maybe(4)}
    if kind == "message":
        more |= {"text": dice.one(*TEXTS), "message_id": (EARLY_ID if dice.maybe(10) else 1000) + seq}
    elif kind == "submitted":
        choice = dice.one(*CHOICES)
        more |= {"text": choice.get("title", choice["value"]), "value": choice["value"]}
    elif kind == "status":
        status, owner = dice.one(*STATUSES)
        outdated = {"outdated": True} if owner is None else {}
        more["value"] = {"status": status, "owner": owner, **outdated}
    if kind not in ("status", "unreadable") and dice.maybe():
        more["contact"] = {"name": f"Asha {seq}"}
    return Event(seq, accepted, delivered, kind, **more)


def _fates(dice: Dice, flows: Iterable[dict[str, Json]], course: Course) -> dict[str, tuple[Fate, ...]]:
    """What comes of the effects of some nodes; those of the others are done at once."""
    nodes = [node["id"] for flow in flows for node in flow["nodes"] if node["type"] in ACTING]
    unlucky = dice.some([*nodes, "~handoff"], 0, 8)
    return {node: tuple(_fate(dice, course) for _ in range(dice.one(1, 2))) for node in unlucky}


def _fate(dice: Dice, course: Course) -> Fate:
    exit, value = dice.one("success", "failure"), dice.one(*LITERALS)
    return Fate(
        dice.one(*STATES), "success" if exit == "success" else "failure", value, dice.one(*course.slow)
    )
