"""Random flows: 3 to 12 nodes and what is inside of them, always valid; what loops passes through a wait."""

from zlib import crc32

from tests.model.dice import Dice
from tests.model.drawing import (
    ASKING,
    BRANCHES,
    CHOICES,
    KINDS,
    LITERALS,
    VARIABLES,
    VIRTUAL,
    WORDS,
    Below,
    Drawing,
    Json,
    Makers,
    Pace,
)


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
    return config | _double(on, id) | _interrupted(on, id)


def _double(on: Drawing, id: str) -> dict[str, Json]:
    """What becomes of several messages."""
    policy = on.one("queue", "queue", "latest", "merge", "reject")
    config: dict[str, Json] = {} if policy == "queue" else {"doubleText": policy}
    if config and on.maybe():
        config["quietPeriod"] = f"{on.one(*on.pace.quiet)}s"
    if policy == "reject" and on.maybe():
        config["rejectText"] = on.text(f"{id} one at a time.")
    return config


def _interrupted(on: Drawing, id: str) -> dict[str, Json]:
    """Which words lead away, and whether the node has an exit for them of its own."""
    if not on.words:
        return {}
    back = any(told["return"] for told in on.words.values())
    if on.maybe(4) and not (back and on.forked):
        on.edge(id, "interrupt", "s0" + on.ends[0] if back else on.onward(id))
    heard = on.one(True, True, True, False, [word.upper() for word in on.some(list(on.words), 1, 2)])
    return {} if heard is True else {"interrupts": heard}


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
    return {"on": on.one(*on.templates), "cases": dict(zip(values, exits, strict=True))}


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
    return {"set": {path: on.one(on.text("set"), *on.templates, *LITERALS) for path in paths}}


def delay(on: Drawing, id: str) -> dict[str, Json]:
    """A pause."""
    on.exit(id, None, on.back)
    odd = 5 + crc32(id.encode()) % 37 if on.forked else 0
    return {"for": f"{odd or on.one(*on.pace.delays)}s"}


def api(on: Drawing, id: str) -> dict[str, Json]:
    """A call whose outcome is scripted; sometimes nothing depends on it."""
    body = {"said": on.one(*on.templates), "n": on.one(*LITERALS)}
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
    exits = on.one((), *((("resolved",), ("returned",), ("resolved", "returned")) if on.asks else ()))
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


def loop(on: Drawing, id: str) -> dict[str, Json]:
    """Goes round for each item, or by a condition, a few times."""
    mode = on.one("for_each", "for_each", "while", "until")
    config: dict[str, Json] = {"mode": mode}
    inner = on.inside(id, {}, asks=on.asks, branch=False)
    if on.maybe():
        config["index"] = f"turn_{id}"
        inner.templates += (f"{{{{turn_{id}}}}}",)
    if mode == "for_each":
        config["items"] = on.one(["p", 2], ["{{a}}", None, {"k": "in"}], [], "{{a}}", "{{c.k}}")
        config |= {"maxIterations": 2} if on.maybe() else {}
        config |= {} if id == "n1" else {"as": f"item_{id}"}
        item = config.get("as", "item")
        inner.templates = (*inner.templates, f"{{{{{item}}}}}", f"{{{{{item}.k}}}}")
    else:
        config["condition"], config["maxIterations"] = on.one(inner, on).condition(), on.one(1, 2, 3)
    _insides(inner, id, "body")
    on.exit(id, on.one("done", None), on.onward)
    on.errors(id, "limit")
    return config


def parallel(on: Drawing, id: str) -> dict[str, Json]:
    """Two or three branches; one of them may ask."""
    exits = BRANCHES[: on.one(2, 3)]
    asking = on.one(*exits) if on.asks else None
    for exit in exits:
        _insides(on.inside(id, {}, asks=exit == asking, branch=True), id, exit)
    on.exit(id, on.one("joined", None), on.onward)
    on.errors(id, "error")
    tolerant = {"onFailure": "continue"} if on.maybe() else {}
    return {"branches": list(exits), "join": on.one("all", "any", 2), **tolerant}


def _insides(inner: Drawing, id: str, exit: str) -> None:
    """One to three nodes behind an exit, which lead back."""
    kinds = {f"{id}{exit[0]}{n}": inner.one(*inner.drawable()) for n in range(inner.one(1, 2, 3))}
    inner.kinds = {"": "", **kinds, id: ""}
    inner.edge(id, exit, next(iter(kinds)))
    inner.made()


def subflow(on: Drawing, id: str) -> dict[str, Json]:
    """Another flow, with some values handed over and back."""
    flow = on.one(*(one.id for one in on.below if on.asks or not one.waits))
    inputs = {name: on.one(*on.templates, *LITERALS) for name in on.some(VARIABLES, 0, 2)}
    on.exit(id, on.one("done", None), on.onward)
    on.errors(id, "failed")
    _default(on, id)
    return {"flow": flow, "inputs": inputs, **on.one({}, {"outputs": {on.one(*VARIABLES): "out"}})}


def end(on: Drawing, id: str) -> dict[str, Json]:
    """An end, sometimes with outputs; a subflow's always has one, and it may fail."""
    below = id.startswith("sub")
    outputs = {"outputs": {"out": on.one(*on.templates)}} if below or on.maybe(3) else {}
    lost = ("failed",) if below else ()
    return {"outcome": on.one("completed", "abandoned", *lost), **outputs}


MAKERS: Makers = {
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
    "loop": loop,
    "parallel": parallel,
    "subflow": subflow,
    "end": end,
}


def flow_of(
    dice: Dice, pace: Pace = VIRTUAL, id: str = "model", below: tuple[Below, ...] = ()
) -> dict[str, Json]:
    """A FlowSpec as JSON; ids of a subflow's nodes begin with its own."""
    own = "" if id == "model" else id
    ends = {f"{own}e{n}": "end" for n in range(dice.one(1, 2))}
    on = Drawing(dice, pace, {"start": "start"} | ends, MAKERS)
    on.below = below
    many = dice.one(*range(1, 5 if own else 10))
    inner = {f"{own}n{n}": dice.one(*on.drawable()) for n in range(many)}
    on.kinds = {"start": "start"} | inner | ends
    on.edge("start", None, on.onward("start"))
    if dice.maybe():
        on.words = _words(on)
    on.made()
    if on.words:
        _side(on)
    settings: dict[str, Json] = {"onError": on.one("fail", "fail", "handoff", *_handlers(on))}
    if ttl := on.one(*pace.ttls):
        settings["sessionTtl"] = f"{ttl}s"
    if on.words:
        settings["interrupts"] = on.words
    return {
        "id": id,
        "name": "Model",
        "variables": {name: {} for name in VARIABLES} | {"b": {"default": on.one(*LITERALS)}},
        "settings": settings,
        "nodes": [{"id": "start", "type": "start"}, *on.nodes],
        "edges": on.edges,
    }


def _words(on: Drawing) -> dict[str, dict[str, Json]]:
    """Words; those that come back lead to the side path."""
    words: dict[str, dict[str, Json]] = {}
    for word in on.some(WORDS, 1, 2):
        back = on.maybe()
        to = f"s0{on.ends[0]}" if back or on.maybe() else on.one(*list(on.kinds)[1:])
        words[word] = {"to": to, "return": back}
    return words


def _side(on: Drawing) -> None:
    """One or two nodes that only words lead to, and an end of their own."""
    own = on.ends[0]
    kinds = {
        f"s{n}{own}": on.one("message", "question", "set_variables", "delay") for n in range(on.one(1, 2))
    }
    side = Drawing(on.dice, on.pace, {"": "", **kinds, f"se{own}": "end"}, on.makers)
    side.edges, side.nodes, side.on_errors = on.edges, on.nodes, on.on_errors
    side.words, side.ends = on.words, on.ends
    side.made()


def waits_of(flow: dict[str, Json], below: tuple[Below, ...]) -> bool:
    """Whether a flow may wait for people."""
    waiting = {one.id for one in below if one.waits}
    return any(
        node["type"] in (*ASKING, "transfer_agent") or node.get("config", {}).get("flow") in waiting
        for node in flow["nodes"]
    )


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
        if kind == "end" or (kind == "question" and id not in failing) or (at == last > 0 and kind in KINDS)
    ]
