"""How each kind looks, alike in every drawing: its shape says what sort of thing it does."""

from enum import StrEnum
from typing import NamedTuple


class Shape(StrEnum):
    """The outlines that Mermaid and our own SVG both know."""

    STADIUM = "stadium"
    ROUNDED = "rounded"
    SLANTED = "slanted"
    HEXAGON = "hexagon"
    FLAG = "flag"
    BOX = "box"
    DOUBLE = "double"
    TRAPEZOID = "trapezoid"


class Look(NamedTuple):
    """A family of kinds: its outline, and colours for fill, line and the kind's name."""

    family: str
    shape: Shape
    fill: str
    line: str
    ink: str


ENDS = Look("ends", Shape.STADIUM, "#e9edf2", "#8795a8", "#4a5a6e")
SAYS = Look("says", Shape.ROUNDED, "#e6f4ee", "#5aa889", "#1f6b50")
ASKS = Look("asks", Shape.SLANTED, "#e8f0fc", "#6d9be0", "#2a5ba8")
DECIDES = Look("decides", Shape.HEXAGON, "#fdf3dc", "#d8a53a", "#8a6210")
WAITS = Look("waits", Shape.FLAG, "#f3ecfa", "#a585cf", "#66429a")
NOTES = Look("notes", Shape.BOX, "#f2f3f0", "#9ba290", "#575f4a")
CALLS = Look("calls", Shape.DOUBLE, "#e4f3f7", "#55a5bb", "#1d6679")
PEOPLE = Look("people", Shape.TRAPEZOID, "#fcebe6", "#dd8a70", "#9a4529")

FAMILIES: dict[Look, str] = {
    ENDS: "start end",
    SAYS: "message say play send_sms ussd_response",
    ASKS: "question menu form get_digits record",
    DECIDES: "condition switch split loop parallel",
    WAITS: "delay",
    NOTES: "set_variables script add_label remove_label update_contact",
    CALLS: "api webhook_out subflow request_payment refund_payment send_airtime redirect initiate_call",
    PEOPLE: "transfer_agent assign_agent close_conversation dial enqueue reject",
}
LOOKS: dict[str, Look] = {kind: look for look, kinds in FAMILIES.items() for kind in kinds.split()}


def look_of(kind: str) -> Look:
    """The look of a kind; one we do not know is a plain box."""
    return LOOKS.get(kind, NOTES)
