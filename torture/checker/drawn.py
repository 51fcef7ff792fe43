"""A plain reading of a drawing, for flows that the reference does not know: on the line, and with money.

What such a flow recorded has to be a way through its drawing: each answer ends one wait and is kept, each
effect is one that the way led to, each exit one that the ledger, or the network, bears out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from torture.checker.recorded import Recorded
from torture.reference.case import Json, Line

DEFAULTS = {"question": "answer", "send_sms": "sent", "request_payment": "paid"}
"""The exit of an edge that names none, where it is not `next`."""
EFFECTS = ("send_sms", "request_payment")
STATES = {"sent": ("done",), "paid": ("done",), "expired": ("done",), "unknown": ("unknown",)}
"""How the ledger calls an effect that was left by an exit; others may follow several."""
Paid = Mapping[str, str]
"""By payment, how it ended as the network knows it."""


def complaints(one: Recorded, paid: Paid) -> list[str]:
    """Where the record is no way through the drawing."""
    way = Way(one, paid)
    for line in one.account.path:
        way.take(line)
    return [*way.wrong, *way.ended()]


@dataclass
class Way:
    """How far the record was read, and what the drawing says of it."""

    one: Recorded
    paid: Paid
    wrong: list[str] = field(default_factory=list)
    variables: dict[str, Json] = field(default_factory=dict)
    done: set[tuple[str, int]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.nodes = {node["id"]: node for node in self.one.flow["nodes"]}
        self.at: str | None = next(id for id, node in self.nodes.items() if node["type"] == "start")
        self.answers = (row for row in self.one.events if row.how == "answer")
        self.visits = dict.fromkeys(self.nodes, 0)
        self.waiting = False

    def take(self, line: Line) -> None:
        """A line of the record."""
        node = self.nodes.get(line.node)
        if node is None:  # an end without a node of its own
            self.at = None
            return
        if line.node != self.at:
            self.wrong.append(f"came to {line.node} where the drawing leads to {self.at}")
        question = node["type"] == "question"
        if question and self.waiting and (line.phase == "waiting" or line.exit == "answer"):
            self._answered(node)
        self.at, self.waiting = line.node, question and line.phase == "waiting"
        if line.phase == "done":
            self._left(node, line)

    def ended(self) -> Iterator[str]:
        """What is wrong in the end."""
        account = self.one.account
        if next(self.answers, None) is not None:
            yield "an answer was consumed that ended no wait"
        found = {name: value for name, value in account.variables.items() if value is not None}
        if found != self.variables:
            yield f"variables are {found}, and should be {self.variables}"
        if account.status == "completed" and self.at is not None:
            yield f"completed at {self.at}, which is no end"
        for row in self.one.effects:
            if row.kind in EFFECTS and (row.node, row.visit) not in self.done and self.at != row.node:
                yield f"{row.key} was begun where the way never led"

    def _answered(self, node: Json) -> None:
        row = next(self.answers, None)
        if row is None:
            self.wrong.append(f"{node['id']} was answered by nothing")
            return
        value = _read(node["config"], str(row.event.get("text") or ""))
        if value is not None and "saveTo" in node["config"]:
            self.variables[node["config"]["saveTo"]] = value

    def _left(self, node: Json, line: Line) -> None:
        self.visits[line.node] += 1
        if node["type"] in EFFECTS:
            self.done.add((line.node, self.visits[line.node]))
            self._borne_out(node, line)
        self.at = None if node["type"] == "end" else self._target(node, line.exit)

    def _target(self, node: Json, exit: str | None) -> str | None:
        default = DEFAULTS.get(node["type"], "next")
        edges = (edge for edge in self.one.flow["edges"] if edge["from"] == node["id"])
        return next((edge["to"] for edge in edges if edge.get("exit", default) == exit), None)

    def _borne_out(self, node: Json, line: Line) -> None:
        """Whether the exit is what came of the effect."""
        rows = [
            row for row in self.one.effects if (row.node, row.visit) == (line.node, self.visits[line.node])
        ]
        states = [row.state for row in rows]
        if len(rows) != 1 or states[0] not in STATES.get(str(line.exit), tuple(states)):
            self.wrong.append(f"{line.node} was left by {line.exit}, and its effects are {states}")
        elif node["type"] == "request_payment":
            self._paid(line, (rows[0].provider_ref or "").rpartition(":")[2])

    def _paid(self, line: Line, ref: str) -> None:
        """What the network has said to anybody is what the flow believes."""
        truth = self.paid.get(ref)
        lies = {("paid", "Failed"), ("failed", "Success")}
        if (str(line.exit), str(truth)) in lies:
            self.wrong.append(f"{line.node} was left by {line.exit}, and the network says {truth}")


def _read(config: Json, text: str) -> Json:
    """What a text is worth to a question; nothing where it is asked again."""
    text = text.strip()
    match config.get("expects", "text"):
        case "choice":
            return _chosen(config["choices"], text.casefold())
        case "integer":
            low, high = config.get("min", int(text or 0)), config.get("max", int(text or 0))
            return int(text) if text.isdigit() and low <= int(text) <= high else None
        case _:
            return text or None


def _chosen(choices: list[Json], said: str) -> Json:
    for number, choice in enumerate(choices, start=1):
        if said in (str(number), choice["value"].casefold(), choice["title"].casefold()):
            return choice["value"]
    return None
