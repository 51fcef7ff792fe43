"""Random flows: 3 to 12 nodes, always valid; what loops passes through a wait."""

from collections.abc import Callable
from typing import Any, NamedTuple

from tests.model.dice import Dice

Json = Any

VARIABLES = ("a", "b", "c")
CHOICES: tuple[dict[str, Json], ...] = (
    {"value": "red", "title": "Red", "synonyms": ["crimson"]},
    {"value": "blue"},
    {"value": "very green", "title": "Green"},
)
KINDS = (
    *("question",) * 6,
    *("message",) * 4,
    *("condition", "set_variables", "delay", "api", "menu", "form") * 2,
    *("transfer_agent", "update_contact", "switch", "split"),
    *("add_label", "remove_label", "assign_agent", "close_conversation"),
)
TEMPLATES = (
    "{{a}}",
    "{{b}}",
    "{{c.k}}",
    "{{a | upper}}",
    "{{b | default:'none'}}",
    "{{contact.name | default:'you'}}",
    "{{trigger.message.text}}",
)
PATTERNS = ("^[a-z]+$", "[0-9]", "(?i)^RED$", "e.?s?$", "^$")
LITERALS: tuple[Json, ...] = (0, 7, 2.5, True, False, "yes", "", ["x", "y"], {"k": 1})


class Pace(NamedTuple):
    """How long things take, in seconds; with `ends` every wait ends by itself and no timer leads back."""

    timeouts: tuple[int, ...] = (20, 30, 60)
    reminders: tuple[int, ...] = (5, 10, 40)
    delays: tuple[int, ...] = (15, 40)
    ttls: tuple[int | None, ...] = (None, 45, 100)
    ends: bool = False


VIRTUAL = Pace()


class Drawing:
    """A flow that is being drawn: `kinds` by id in order, ends last."""

    def __init__(self, dice: Dice, pace: Pace, kinds: dict[str, str]) -> None:
        self.one, self.maybe, self.some = dice.one, dice.maybe, dice.some
        self.pace, self.kinds = pace, kinds
        self.edges: list[dict[str, Json]] = []
        self.on_errors: dict[str, dict[str, Json]] = {}

    def text(self, stem: str) -> str:
        """A text that mostly shows a variable."""
        return f"{stem} {self.one(*TEMPLATES, '')}".strip()

    def onward(self, id: str) -> str:
        """A node behind this one, most often the next."""
        behind = list(self.kinds)[list(self.kinds).index(id) + 1 :]
        return self.one(*behind[:1] * 3 * len(behind), *behind)

    def anywhere(self, id: str) -> str:
        """Any node but the start: only out of what waited."""
        return self.onward(id) if self.maybe() else self.one(*list(self.kinds)[1:])

    def back(self, id: str) -> str:
        """Where an exit leads that no person chose."""
        return self.onward(id) if self.pace.ends else self.anywhere(id)

    def edge(self, id: str, exit: str | None, to: str, **more: Json) -> None:
        """An edge."""
        self.edges.append({"from": id, "to": to, **({"exit": exit} if exit else {}), **more})

    def exit(self, id: str, exit: str | None, target: Callable[[str], str]) -> None:
        """An exit, now and then with conditions on edges that are tried first."""
        for priority in self.one((), (), (), (1,), (2, 1)):
            self.edge(id, exit, target(id), condition=self.condition(), priority=priority)
        self.edge(id, exit, target(id))

    def condition(self, depth: int = 1) -> dict[str, Json]:
        """A condition on saved answers."""
        form = self.one("is", "is", "is", "all", "any", "not") if depth else "is"
        if form == "not":
            return {"not": self.condition(depth - 1)}
        if form != "is":
            return {form: [self.condition(depth - 1) for _ in range(self.one(1, 2))]}
        operator = self.one(
            "eq", "neq", "gt", "contains", "is_set", "is_empty", "is_true", "length_gt", "matches"
        )
        right = self.one(*PATTERNS) if operator == "matches" else self.one(2, 7, "yes", "red", "{{b}}", True)
        return {"left": self.one(*TEMPLATES), "operator": operator, "right": right}

    def errors(self, id: str, *exits: str) -> None:
        """Sometimes where errors lead."""
        for exit in exits:
            if self.maybe(4):
                self.exit(id, exit, self.onward)


def question(on: Drawing, id: str) -> dict[str, Json]:
    """A question of any sort, with whatever a question may have."""
    expects = on.one("text", "text", "text", "email", "choice", "choice", "number", "integer", "yes_no")
    config: dict[str, Json] = {"text": on.text(f"{id}?"), "saveTo": on.one(*VARIABLES), "expects": expects}
    if expects in ("number", "integer"):
        config |= on.one({}, {}, {"min": 2}, {"max": 3.5}, {"min": -2, "max": 7})
    config |= _patience(on, id)
    _answers(on, id, config)
    on.errors(id, "error", "unknown")
    return config


def _patience(on: Drawing, id: str) -> dict[str, Json]:
    """What every asking node may have besides."""
    config: dict[str, Json] = {}
    timed = on.maybe()
    if timed:
        config["timeout"] = f"{on.one(*on.pace.timeouts)}s"
    if on.maybe(3):
        afters = on.some(on.pace.reminders, 1, 2)
        config["reminders"] = [{"after": f"{after}s", "text": on.text(f"{id} still?")} for after in afters]
    if on.maybe(3):
        config["maxTries"] = on.one(1, 2)
    if on.maybe():
        config["invalidText"] = on.text(f"{id} no.")
    if on.maybe():
        on.exit(id, "invalid", on.anywhere)
    if timed and on.maybe(3) is False:
        on.exit(id, "timeout", on.back)
    return config


def _answers(on: Drawing, id: str, config: dict[str, Json]) -> None:
    connected = 0
    if config["expects"] == "choice":
        config["choices"] = list(CHOICES[: on.one(1, 2, 3)])
        for choice in config["choices"]:
            if on.maybe():
                connected += 1
                on.exit(id, choice["value"], on.anywhere)
    if not connected or connected < len(config["choices"]) or on.maybe():
        on.exit(id, on.one("answer", None), on.anywhere)


def menu(on: Drawing, id: str) -> dict[str, Json]:
    """One way for each choice."""
    choices = list(CHOICES[: on.one(1, 2, 3)])
    for choice in choices:
        on.exit(id, choice["value"], on.anywhere)
    on.errors(id, "error", "unknown")
    kept = {"saveTo": on.one(*VARIABLES)} if on.maybe() else {}
    return {"text": on.text(f"{id}?"), "choices": choices, **kept, **_patience(on, id)}


def form(on: Drawing, id: str) -> dict[str, Json]:
    """One to three fields, into an object or into variables."""
    kept = {"saveTo": "c"} if on.maybe() else {}
    names = on.some(("k", "m", "n") if kept else VARIABLES, 1, 3)
    on.exit(id, on.one("answer", None), on.anywhere)
    on.errors(id, "error", "unknown")
    intro = {"text": on.text(f"{id}.")} if on.maybe() else {}
    return {"fields": [_field(on, name) for name in names], **kept, **intro, **_patience(on, id)}


def _field(on: Drawing, name: str) -> dict[str, Json]:
    field: dict[str, Json] = {"name": name, "expects": on.one("text", "email", "choice")}
    if field["expects"] == "choice":
        field["choices"] = list(CHOICES[: on.one(1, 2)])
    if on.maybe():
        field["label"] = on.text(f"{name}?")
    if on.maybe():
        field["required"] = False
    return field


def message(on: Drawing, id: str) -> dict[str, Json]:
    """Says something."""
    on.exit(id, None, on.onward)
    on.errors(id, "error", "unknown")
    _default(on, id)
    return {"text": on.text(id)}


def condition(on: Drawing, id: str) -> dict[str, Json]:
    """Two ways."""
    on.edge(id, on.one("true", None), on.onward(id))
    on.edge(id, "false", on.onward(id))
    return {"condition": on.condition()}


def switch(on: Drawing, id: str) -> dict[str, Json]:
    """Up to three ways, by conditions or by value."""
    exits = [on.one("x", "y") for _ in range(on.one(1, 2))]
    for exit in sorted({*exits}):
        on.exit(id, exit, on.onward)
    on.exit(id, on.one("default", None), on.onward)
    if on.maybe():
        return {"cases": [{"exit": exit, "condition": on.condition()} for exit in exits]}
    values = on.some(("yes", "7", "red", "true", "false"), len(exits), len(exits))
    return {"on": on.one(*TEMPLATES), "cases": dict(zip(values, exits, strict=True))}


def split(on: Drawing, id: str) -> dict[str, Json]:
    """Up to three ways, by weight; one of them may weigh nothing."""
    exits = on.some(("p", "q", "r"), 1, 3)
    for exit in exits:
        on.exit(id, exit, on.onward)
    return {"weights": {exit: on.one(1, 2.5) if exit == exits[0] else on.one(3, 0, 0.5) for exit in exits}}


def set_variables(on: Drawing, id: str) -> dict[str, Json]:
    """One or two variables, whole or inside; what is inside of one is not set with the whole of it."""
    on.exit(id, None, on.onward)
    paths = on.some(("a", "b", "c.k", "c.m.n"), 1, 2)
    return {"set": {path: on.one(on.text("set"), *TEMPLATES, *LITERALS) for path in paths}}


def delay(on: Drawing, id: str) -> dict[str, Json]:
    """A pause."""
    on.exit(id, None, on.back)
    return {"for": f"{on.one(*on.pace.delays)}s"}


def api(on: Drawing, id: str) -> dict[str, Json]:
    """A call whose outcome is scripted; sometimes nothing depends on it."""
    body = {"said": on.one(*TEMPLATES), "n": on.one(*LITERALS)}
    config: dict[str, Json] = {"url": f"https://api.example/{id}/{{{{a}}}}", "method": "POST", "body": body}
    if on.maybe():
        config["saveTo"] = on.one(*VARIABLES)
    if on.maybe(4):
        config["timeout"] = "20s"
    on.exit(id, on.one("success", None), on.onward)
    on.errors(id, "error", "unknown", "failure")
    _default(on, id)
    return config


def update_contact(on: Drawing, id: str) -> dict[str, Json]:
    """Another name for the contact."""
    on.exit(id, None, on.onward)
    on.errors(id, "error")
    _default(on, id)
    return {"attributes": {"name": on.text("Ms")}}


def labels(on: Drawing, id: str) -> dict[str, Json]:
    """Labels, put on or taken off."""
    _acts(on, id)
    return {"labels": ["new", on.text("tag")]}


def assign_agent(on: Drawing, id: str) -> dict[str, Json]:
    """Somebody else's conversation, or a team's."""
    _acts(on, id)
    return on.one({"agent": 8}, {"team": 2}, {"agent": 8, "team": 2})


def close_conversation(on: Drawing, id: str) -> dict[str, Json]:
    """Resolved, after a word or without one."""
    _acts(on, id)
    return {"text": on.text(f"{id} bye.")} if on.maybe() else {}


def _acts(on: Drawing, id: str) -> None:
    on.exit(id, None, on.onward)
    on.errors(id, "error", "unknown")
    _default(on, id)


def transfer_agent(on: Drawing, id: str) -> dict[str, Json]:
    """A hand-over, waited for or not."""
    exits = on.one((), ("resolved",), ("returned",), ("resolved", "returned"))
    config: dict[str, Json] = {"text": on.text(f"{id} one moment.")} if on.maybe() else {}
    for exit in exits:
        on.exit(id, exit, on.back)
    if exits and (on.pace.ends or on.maybe()):
        config["returnAfter"] = f"{on.one(*on.pace.timeouts)}s"
    if not exits or on.maybe():
        on.exit(id, None, on.onward)
    on.errors(id, "error", "unknown")
    return config


def _default(on: Drawing, id: str) -> None:
    if on.maybe(5):
        on.on_errors[id] = {"onError": {"default": on.one(*LITERALS)}}


def end(on: Drawing, id: str) -> dict[str, Json]:
    """An end, sometimes with outputs."""
    outputs = {"outputs": {"out": on.one(*TEMPLATES)}} if on.maybe(3) else {}
    return {"outcome": on.one("completed", "abandoned"), **outputs}


MAKERS = {
    "question": question,
    "message": message,
    "condition": condition,
    "set_variables": set_variables,
    "delay": delay,
    "api": api,
    "update_contact": update_contact,
    "transfer_agent": transfer_agent,
    "menu": menu,
    "form": form,
    "switch": switch,
    "split": split,
    "add_label": labels,
    "remove_label": labels,
    "assign_agent": assign_agent,
    "close_conversation": close_conversation,
    "end": end,
}


def flow_of(dice: Dice, pace: Pace = VIRTUAL) -> dict[str, Json]:
    """A FlowSpec as JSON."""
    inner = {f"n{n}": dice.one(*KINDS) for n in range(dice.one(*range(1, 10)))}
    ends = {f"e{n}": "end" for n in range(dice.one(1, 2))}
    on = Drawing(dice, pace, {"start": "start"} | inner | ends)
    on.edge("start", None, on.onward("start"))
    drawn = [_node(on, id, kind) for id, kind in on.kinds.items() if kind != "start"]
    settings: dict[str, Json] = {"onError": on.one("fail", "fail", "handoff", *_handlers(on))}
    if ttl := on.one(*pace.ttls):
        settings["sessionTtl"] = f"{ttl}s"
    return {
        "id": "model",
        "name": "Model",
        "variables": {name: {} for name in VARIABLES} | {"b": {"default": on.one(*LITERALS)}},
        "settings": settings,
        "nodes": [{"id": "start", "type": "start"}, *drawn],
        "edges": on.edges,
    }


def _node(on: Drawing, id: str, kind: str) -> dict[str, Json]:
    config = MAKERS[kind](on, id)
    return {"id": id, "type": kind, "config": config, **on.on_errors.get(id, {})}


def _handlers(on: Drawing) -> list[str]:
    """Nodes that errors may lead to without a loop that never waits."""
    if on.pace.ends:
        return [id for id, kind in on.kinds.items() if kind == "end"]
    failing = {edge["from"] for edge in on.edges if edge.get("exit") in ("error", "unknown")}
    kinds = list(on.kinds.items())
    last = next(at for at, (_, kind) in enumerate(kinds) if kind == "end") - 1
    return [
        id
        for at, (id, kind) in enumerate(kinds)
        if kind == "end" or (kind == "question" and id not in failing) or at == last > 0
    ]
