"""The reference interpreter: walks a flow as it was drawn, by the letter of the specification.

It shares nothing with the walker: no plan, no steps, no templates or conditions of the house.
"""

from collections.abc import Callable
from hashlib import sha256
from math import inf
from typing import Any

from dsl.spec import Edge, FlowSpec, Node
from tests.model.case import FIRST_ID, REFUSAL, Account, Case, Done, Event, Fate, Json, Line
from tests.model.timeline import Cancelled, Timeline
from tests.model.words import fill, fill_text, number, true

FAIL, EXPIRED, HANDOFF = "~fail", "~expired", "~handoff"
EXITS = {
    "start": ("next",),
    "message": ("next",),
    "question": ("answer", "invalid", "timeout"),
    "condition": ("true", "false"),
    "set_variables": ("next",),
    "delay": ("next",),
    "api": ("success", "failure"),
    "update_contact": ("next",),
    "transfer_agent": ("next", "resolved", "returned"),
    "menu": (),
    "form": ("answer", "invalid", "timeout"),
    "switch": ("default",),
    "split": (),
    "add_label": ("next",),
    "remove_label": ("next",),
    "assign_agent": ("next",),
    "close_conversation": ("next",),
}
"""By kind, the default exit first; those that config adds are none."""
TRIES = 3
SKIPS = ("-", "skip", "ruka", "passer")
"""What leaves out a field that is not required."""
SORRY = {
    "text": "Please write an answer.",
    "email": "That does not look like an e-mail address.",
    "choice": "Please pick one of the choices.",
    "number": "Please write a number.",
    "integer": "Please write a whole number.",
    "yes_no": "Please answer yes or no.",
}
TRUTHS = {"yes": True, "ndiyo": True, "1": True, "no": False, "non merci.": False, "2": False}
"""What the model draws that means yes or no."""
GOOD_EMAILS = ("j@example.com", "Mary.Ann@mail.example.com")
"""The only addresses the model draws, in the form in which they are kept."""


def told(case: Case) -> Account:
    """What the specification says comes of a case."""
    return Reference(case).tell()


class Reference:
    """One walk over the drawing."""

    def __init__(self, case: Case) -> None:
        self.case, self.spec = case, FlowSpec.model_validate(case.flow)
        self.nodes = {node.id: node for node in self.spec.nodes}
        declared = {name: v.default for name, v in self.spec.variables.items() if v.default is not None}
        self.told = Account(variables={**declared, **case.variables}, contact=dict(case.contact))
        self.told.owner = case.owner
        if case.triggered:
            self.told.inputs.append((case.events[0].seq, "start"))
        self.time = Timeline(case)
        self.trigger, self.values = dict(case.trigger), dict[str, Json]()
        self.visits, self.number, self.misses = dict[str, int](), 0, 0
        self.answer: Json = None
        self.sent, self.first_sent = 0, 0
        self.cause: str | None = None
        self.close = False
        """Whether an event was accepted about when a reminder was due: who knows which came first?"""

    def tell(self) -> Account:
        """Walk to the end; the account."""
        at: str | None = next(node.id for node in self.spec.nodes if node.type == "start")
        try:
            while at is not None:
                at = self._visit(at)
            if self.time.stopped:
                self.told.reason = "cancelled_too_late"
        except Cancelled:
            self.told.status, self.told.reason = "cancelled", "cancelled"
        for event in self.time.unread:
            self._consumed(event, "unread_at_end")
        return self.told

    # Nodes: each handler gives the id of the node that comes next.

    def _visit(self, id: str) -> str | None:
        self.visits[id], self.number, self.misses = self.visits.get(id, 0) + 1, 0, 0
        if id in (FAIL, EXPIRED):
            self._special_end(id)
            return None
        if id == HANDOFF:
            return self._handoff()
        node = self.nodes[id]
        handlers: dict[str, Callable[[Node], str | None]] = {
            "start": lambda node: self._leave(node, "next"),
            "message": self._message,
            "question": self._question,
            "condition": self._condition,
            "set_variables": self._set_variables,
            "delay": self._delay,
            "api": self._api,
            "update_contact": self._update_contact,
            "transfer_agent": self._transfer,
            "menu": self._menu,
            "form": self._form,
            "switch": self._switch,
            "split": self._split,
            "add_label": lambda node: self._act(node, fill(node.config["labels"], self._names())),
            "remove_label": lambda node: self._act(node, fill(node.config["labels"], self._names())),
            "assign_agent": lambda node: self._act(node, node.config),
            "close_conversation": self._close,
            "end": self._end,
        }
        return handlers[node.type](node)

    def _message(self, node: Node) -> str:
        fate = self._say(node, node.config["text"])
        return self._broken(node, fate) or self._leave(node, "next")

    def _condition(self, node: Node) -> str:
        return self._leave(node, "true" if true(node.config["condition"], self._names()) else "false")

    def _switch(self, node: Node) -> str:
        cases = node.config["cases"]
        if isinstance(cases, dict):
            cases = [{"exit": cases[value], "condition": self._is(node, value)} for value in sorted(cases)]
        found = (case["exit"] for case in cases if true(case["condition"], self._names()))
        return self._leave(node, next(found, "default"))

    def _is(self, node: Node, value: str) -> Json:
        """Whether what the switch looks at is that value: text, a number or a truth that it spells."""
        plain = {"left": node.config["on"], "operator": "eq", "right": value}
        truth = {"true": "is_true", "false": "is_false"}.get(value)
        return {"any": [plain, {"left": node.config["on"], "operator": truth}]} if truth else plain

    def _split(self, node: Node) -> str:
        """sha256 of execution, node and visit, as a number below one, over the weights by name."""
        weights = node.config["weights"]
        named = f"{self.case.execution}:{node.id}:{self.visits[node.id]}"
        rest = int(sha256(named.encode()).hexdigest()[:12], 16) / 16**12 * sum(weights.values())
        for exit, weight in sorted(weights.items()):
            if rest < weight:
                return self._leave(node, exit)
            rest -= weight
        raise AssertionError("the draw is below one")

    def _act(self, node: Node, content: Json) -> str:
        fate = self._effect(node.id, node.type, content)
        return self._broken(node, fate) or self._leave(node, "next")

    def _close(self, node: Node) -> str:
        if "text" in node.config and (left := self._broken(node, self._say(node, node.config["text"]))):
            return left
        return self._act(node, None)

    def _set_variables(self, node: Node) -> str:
        before = self._names()
        for path in sorted(node.config["set"]):
            self._set(path, fill(node.config["set"][path], before))
        return self._leave(node, "next")

    def _delay(self, node: Node) -> str:
        due = self.time.walked + _seconds(node.config["for"])
        self._line(node.id, "waiting")
        resting = True
        while resting:
            for event in self.time.overhear(due):
                self._aside(event)
            resting = not self.time.rest(due)
        self.time.consume(due)
        return self._leave(node, "next")

    def _api(self, node: Node) -> str:
        asked = {part: fill(node.config[part], self._names()) for part in ("url", "body")}
        fate = self._effect(node.id, "api", asked)
        if left := self._broken(node, fate):
            return left
        if fate.exit == "failure" and not self._edges(node.id, "failure") and node.on_error:
            return self._default(node)
        self._keep(node, fate.value)
        return self._leave(node, fate.exit)

    def _update_contact(self, node: Node) -> str:
        attributes = fill(node.config["attributes"], self._names())
        fate = self._effect(node.id, "update_contact", attributes)
        if left := self._broken(node, fate):
            return left
        self.told.contact |= attributes
        self.values[node.id] = attributes
        return self._leave(node, "next")

    def _transfer(self, node: Node) -> str:
        waits = bool(self._edges(node.id, "resolved") or self._edges(node.id, "returned"))
        if "text" in node.config and (left := self._broken(node, self._say(node, node.config["text"]))):
            return left
        fate = self._effect(node.id, "transfer_agent", None)
        if left := self._broken(node, fate):
            return left
        self.told.owner, self.values[node.id] = "human", {"status": "open"}
        if not waits or node.config.get("resumeOn") == "never":
            return self._leave(node, "next")
        exit = self._wait(node, node.config.get("returnAfter"), self._hand_back)
        return self._leave(node, "returned" if exit == "timeout" else exit)

    def _end(self, node: Node) -> None:
        self._line(node.id, "done")
        self.told.status, self.told.reason = "completed", node.config.get("outcome", "completed")
        self.told.results = fill(node.config.get("outputs", {}), self._names())

    def _special_end(self, id: str) -> None:
        self._line(id, "done")
        self.told.status = self.told.reason = {FAIL: "failed", EXPIRED: "expired"}[id]
        self.told.cause = self.cause if id == FAIL else None

    def _handoff(self) -> str:
        fate = self._effect(HANDOFF, "transfer_agent", None)
        done = fate.state == "done"
        self._line(HANDOFF, "done", "next" if done else "error")
        self.told.owner, self.cause = ("human", None) if done else (self.told.owner, _code(fate))
        return FAIL

    # Questions

    def _question(self, node: Node) -> str:
        if left := self._ask(node, node.config, node.config["text"]):
            return left
        self.told.variables[node.config["saveTo"]] = self.answer
        return self._leave(node, self._picked(node, self.answer))

    def _menu(self, node: Node) -> str:
        if left := self._ask(node, {**node.config, "expects": "choice"}, node.config["text"]):
            return left
        if "saveTo" in node.config:
            self.told.variables[node.config["saveTo"]] = self.answer
        return self._leave(node, self.answer)

    def _form(self, node: Node) -> str:
        into, fields = node.config.get("saveTo"), node.config["fields"]
        nothing: dict[str, Json] = {into: {}} if into else {field["name"]: None for field in fields}
        self.told.variables |= nothing
        if "text" in node.config and (left := self._broken(node, self._say(node, node.config["text"]))):
            return left
        for field in fields:
            label = field.get("label", field["name"])
            text = label if field.get("required", True) else f"{label}\n(Write - to leave it out.)"
            if left := self._ask(node, field, text):
                return left
            if self.answer is not None:
                self._set(f"{into}.{field['name']}" if into else field["name"], self.answer)
        return self._leave(node, "answer")

    def _ask(self, node: Node, asked: dict[str, Any], text: str) -> str | None:
        """Ask until there is an `answer` (None: left out); else the node that comes next instead."""
        fate = self._say(node, text)
        while not (left := self._broken(node, fate)):
            exit = self._wait(node, node.config.get("timeout"), self._hear)
            if exit in ("timeout", "expired"):
                return self._leave(node, exit)
            left_out = not asked.get("required", True) and self.heard.text.strip().lower() in SKIPS
            self.answer = None if left_out else self._read(node, asked)
            if left_out or self.answer is not None:
                return None
            self.misses += 1
            if self.misses >= self._most_tries(node):
                return self._leave(node, "invalid")
            again = f"{SORRY[self._expects(asked)]}\n\n{text}"
            fate = self._say(node, node.config.get("invalidText", again))
        return left

    def _read(self, node: Node, asked: dict[str, Any]) -> Json:
        """The answer as it is kept; None where it is none."""
        text, expects = self.heard.text, self._expects(asked)
        if expects == "text":
            return text if text.strip() else None
        if expects in ("number", "integer"):
            answer = self._number(asked)
        elif expects == "yes_no":
            answer = TRUTHS.get(text.strip().lower())
        elif expects == "email":
            answer = next((good for good in GOOD_EMAILS if good.lower() == text.strip().lower()), None)
        else:
            answer = self._choice(asked["choices"])
        if answer is not None:
            self.values[node.id] = answer
        return answer

    def _number(self, asked: dict[str, Any]) -> Json:
        """As the model writes numbers; whole ones are whole, whatever is expected."""
        found = number(self.heard.text.replace(",", ""))
        within = found is not None and asked.get("min", -inf) <= found <= asked.get("max", inf)
        if found is None or not within or (found % 1 and asked["expects"] == "integer"):
            return None
        return found if found % 1 else int(found)

    def _choice(self, choices: list[dict[str, Any]]) -> Json:
        said = self.heard.text.strip().lower()
        for place, choice in enumerate(choices, start=1):
            words = [choice["value"], choice.get("title", ""), *choice.get("synonyms", []), str(place)]
            if self.heard.value == choice["value"] or (said and said in [word.lower() for word in words]):
                return choice["value"]
        return None

    def _picked(self, node: Node, answer: Json) -> str:
        own = self._expects(node.config) == "choice" and self._edges(node.id, answer)
        return str(answer) if own else "answer"

    def _most_tries(self, node: Node) -> float:
        given = node.config.get("maxTries", TRIES if self._edges(node.id, "invalid") else inf)
        return float(given)

    @staticmethod
    def _expects(asked: dict[str, Any]) -> str:
        return str(asked.get("expects", "text"))

    # Waits

    def _wait(self, node: Node, timeout: str | None, hear: Callable[[Event], str | None]) -> str:
        """The exit a wait ends by; `expired` where only `sessionTtl` gave it a deadline."""
        limit = _seconds(timeout) if timeout else (self.spec.settings.session_ttl or inf)
        begun, deadline = self.time.walked, self.time.walked + limit
        self._line(node.id, "waiting")
        written = sorted(node.config.get("reminders", []), key=lambda one: _seconds(one["after"]))
        reminders = [(begun + _seconds(one["after"]), one["text"]) for one in written]
        while True:
            if exit := self._listened(deadline, hear):
                return exit
            self.close = self.close or self.time.close_to([due for due, _ in reminders[:1]])
            due = min(deadline, reminders[0][0]) if reminders else deadline
            if not self.time.rest(due):
                continue
            exit = self._late(deadline, hear) if due == deadline else None
            if exit:
                return exit
            self.time.consume(due)
            if due == deadline:
                return "timeout" if timeout else "expired"
            self._say(node, reminders.pop(0)[1])

    def _late(self, deadline: float, hear: Callable[[Event], str | None]) -> str | None:
        """What the lane accepted in time counts, however late it comes."""
        while self.time.ask(deadline):
            if exit := self._listened(deadline, hear):
                return exit
        return None

    def _listened(self, deadline: float, hear: Callable[[Event], str | None]) -> str | None:
        while (event := self.time.hear(deadline)) is not None:
            if exit := hear(event):
                return exit
        return None

    def _hear(self, event: Event) -> str | None:
        """What an event means to a question."""
        if self._aside(event):
            return None
        if self.told.owner == "human":
            self._consumed(event, "to_human")
            return None
        self.heard = event
        self._consumed(event, "answer")
        return "answer"

    def _hand_back(self, event: Event) -> str | None:
        """What an event means while a human has the conversation."""
        status = event.value if event.kind == "status" and event.value["owner"] else {}
        exit = {"resolved": "resolved", "pending": "returned"}.get(status.get("status", ""))
        if exit is not None:
            self.told.owner = "bot"
            self._consumed(event, "interrupt")
            return exit
        if not self._aside(event):
            self._consumed(event, "to_human")
        return None

    def _aside(self, event: Event) -> bool:
        """Events that answer nothing, whoever has the word."""
        if event.kind == "unreadable":
            self._consumed(event, "unreadable")
        elif event.kind == "status":
            self.told.owner = event.value["owner"] or self.told.owner
            self._consumed(event, "outdated" if event.value.get("outdated") else "owner")
        elif event.kind == "opened" or (event.kind == "message" and event.message_id < self.first_sent):
            if event.kind == "message":
                shown = {"id": event.message_id, "text": event.text, "attachments": []}
                self.trigger.setdefault("message", shown)
            self._consumed(event, "opening")
        else:
            return False
        return True

    def _consumed(self, event: Event, how: str) -> None:
        self.told.inputs.append((event.seq, how))
        self.told.contact |= event.contact

    # Effects and exits

    def _say(self, node: Node, text: str) -> Fate:
        """Speak, unless a human has the word."""
        if self.told.owner == "human":
            return Fate()
        fate = self._effect(node.id, "send_message", fill_text(text, self._names()))
        if fate.state == "done":
            seen = self.case.seen.get(self.told.effects[-1][:3])
            self.first_sent = self.first_sent or (seen and seen.id) or FIRST_ID + self.sent
            self.sent += 1
        return fate

    def _effect(self, node: str, activity: str, content: Json) -> Fate:
        self.number += 1
        key = node, self.visits[node], self.number
        fate = self.case.fate(*key)
        seen = self.case.seen.get(key)
        self.time.spend(seen.at if seen else self.time.clock + fate.seconds)
        self.told.effects.append(Done(*key, activity, content, fate.state))
        return fate

    def _broken(self, node: Node, fate: Fate) -> str | None:
        """Where an effect leads that was not done; a message whose end is unknown is taken as sent."""
        if fate.state == "unknown" and self._edges(node.id, "unknown"):
            return self._leave(node, "unknown")
        spoke = self.told.effects and self.told.effects[-1].activity == "send_message"
        if fate.state == "done" or (fate.state == "unknown" and spoke):
            return None
        if node.on_error is not None and not self._edges(node.id, "error"):
            return self._default(node)
        return self._leave(node, "error", _code(fate))

    def _default(self, node: Node) -> str:
        """`onError: {"default": value}`: out by the default exit with this value."""
        self._keep(node, node.on_error.default if node.on_error else None)
        return self._leave(node, EXITS[node.type][0])

    def _keep(self, node: Node, value: Json) -> None:
        self.values[node.id] = value
        if "saveTo" in node.config:
            self.told.variables[node.config["saveTo"]] = value

    def _leave(self, node: Node, exit: str, cause: str | None = None) -> str:
        self._line(node.id, "done", exit)
        self.cause = cause
        return self._target(node, exit)

    def _target(self, node: Node, exit: str) -> str:
        for edge in self._edges(node.id, exit):
            if edge.condition is None or true(edge.condition.model_dump(by_alias=True), self._names()):
                return edge.to
        if exit in ("timeout", "expired"):
            return EXPIRED
        if exit in ("error", "failure", "invalid"):
            wanted = self.spec.settings.on_error
            special = FAIL if wanted in ("fail", node.id) else HANDOFF
            return wanted if wanted in self.nodes and wanted != node.id else special
        return self._target(node, next(other for other in EXITS[node.type] if self._edges(node.id, other)))

    def _edges(self, node: str, exit: str) -> list[Edge]:
        """In the order in which they are tried."""
        default = next(iter(EXITS[self.nodes[node].type]), None)
        edges = [edge for edge in self.spec.edges if edge.from_ == node and (edge.exit or default) == exit]
        return sorted(edges, key=lambda edge: (edge.condition is None, edge.priority))

    def _names(self) -> dict[str, Json]:
        fixed = {"contact": self.told.contact, "trigger": self.trigger, "nodes": self.values}
        return {**self.told.variables, **fixed}

    def _set(self, path: str, value: Json) -> None:
        *heads, last = path.split(".")
        here = self.told.variables
        for head in heads:
            inner = here.get(head)
            here[head] = dict(inner) if isinstance(inner, dict) else {}
            here = here[head]
        here[last] = value

    def _line(self, node: str, phase: str, exit: str | None = None) -> None:
        self.told.path.append(Line(node, phase, exit))


def _seconds(written: str) -> float:
    """The model writes durations in seconds."""
    return float(written.removesuffix("s"))


def _code(fate: Fate) -> str:
    return "OUTCOME_UNKNOWN" if fate.state == "unknown" else REFUSAL
