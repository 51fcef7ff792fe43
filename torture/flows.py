"""Flows to be tortured, in the words that the reference interpreter reads."""

from typing import Any

Flow = dict[str, Any]
TRIGGER = {"channel": "chatwoot", "event": "conversation_created"}
NAME, EMAIL, AGAIN = "What is your name?", "What is your email address?", "That is no e-mail address."
READY, SENT, UNKNOWN = "Ready?", "It is done.", "Nobody knows."
TOPIC, PICK, WHICH = "What is it about?", "Please pick one of the two.", "Which invoice?"
LEFT, RIGHT, HANDED = "The left one.", "The right one.", "One moment, a colleague takes over."
QUICK, QUICKER, LATE = "Quick, what is it?", "And what else?", "Too late."
AND_THEN, HEARD, STOP = "And then?", "Go on.", "stop"

CHOICES = [{"title": "An invoice", "value": "invoice"}, {"title": "A person", "value": "person"}]
OURS = {"left": "{{invoice}}", "operator": "contains", "right": "INV-"}


def drawn(id: str, nodes: list[Flow], edges: list[str], variables: list[str]) -> Flow:
    """`edges` are written `from > to` or `from exit > to`."""
    return {
        "format": "tembea/1",
        "id": id,
        "name": id,
        "trigger": TRIGGER,
        "settings": {"onError": "fail"},
        "variables": {name: {"type": "string"} for name in variables},
        "nodes": [{"id": "start", "type": "start"}, *nodes, {"id": "end", "type": "end"}],
        "edges": [_edge(edge) for edge in edges],
    }


def _edge(written: str) -> Flow:
    source, to = written.split(" > ")
    node, _, exit = source.partition(" ")
    return {"from": node, "to": to, **({"exit": exit} if exit else {})}


def node(id: str, type: str, **config: Any) -> Flow:
    return {"id": id, "type": type, "config": config}


CAPTURE = drawn(
    "capture",
    [
        node("name", "question", text=NAME, saveTo="name"),
        node("email", "question", text=EMAIL, expects="email", saveTo="email", invalidText=AGAIN,
              timeout="1800s", maxTries=5),
        node("pause", "delay", **{"for": "2s"}),
        node("thanks", "message", text="Thank you, {{name}}! We write to {{email}}."),
        node("later", "message", text="No problem, {{name}}."),
    ],
    ["start > name", "name > email", "email > pause", "email timeout > later", "email invalid > later",
     "pause > thanks", "thanks > end", "later > end"],
    ["name", "email"],
)  # fmt: skip
MENU = drawn(
    "menu",
    [
        node("hello", "message", text="Hello."),
        node("topic", "question", text=TOPIC, expects="choice", saveTo="topic", invalidText=PICK, maxTries=5,
              choices=CHOICES),
        node("which", "question", text=WHICH, saveTo="invoice"),
        node("ours", "condition", condition=OURS),
        node("note", "set_variables", set={"found": "{{invoice}}"}),
        node("say", "message", text="Your ticket is about {{found}}."),
        node("strange", "message", text="{{invoice}} is no invoice."),
        node("hand", "transfer_agent", text=HANDED),
    ],
    ["start > hello", "hello > topic", "topic invoice > which", "topic > hand", "topic invalid > hand",
     "which > ours", "ours true > note", "ours false > strange", "note > say", "say > end",
     "strange > hand", "hand > end"],
    ["topic", "invoice", "found"],
)  # fmt: skip
_ASK = node("ask", "question", text=READY, saveTo="said")
SAY = drawn(
    "say", [_ASK, node("act", "message", text=SENT)], ["start > ask", "ask > act", "act > end"], ["said"]
)


def order(url: str) -> Flow:
    """A flow whose effect nobody can look for afterwards."""
    act = node("act", "api", url=url, method="POST", body={"said": "{{said}}"})
    ends = [node("sent", "message", text=SENT), node("lost", "message", text=UNKNOWN)]
    edges = ["start > ask", "ask > act", "act > sent", "act error > lost", "act unknown > lost", "sent > end",
             "lost > end"]  # fmt: skip
    return drawn("order", [_ASK, act, *ends], edges, ["said"])


def fork(url: str) -> Flow:
    """Three effects at the same time, of which one may fail."""
    act = node("act", "api", url=url, method="POST", body={"said": "{{said}}"})
    nodes = [
        _ASK,
        node("all", "parallel", branches=["left", "middle", "right"], onFailure="continue"),
        node("one", "message", text=LEFT),
        node("two", "message", text=RIGHT),
        act,
        node("sent", "message", text=SENT),
    ]
    edges = ["start > ask", "ask > all", "all left > one", "all middle > act", "all right > two", "one > all",
             "two > all", "act > all", "act error > all", "act unknown > all", "all joined > sent",
             "all error > sent", "sent > end"]  # fmt: skip
    return drawn("fork", nodes, edges, ["said"])


HURRY = drawn(
    "hurry",
    [
        node("ask", "question", text=QUICK, saveTo="said", timeout="5s"),
        node("pause", "delay", **{"for": "3s"}),
        node("again", "question", text=QUICKER, saveTo="said", timeout="4s"),
        node("late", "message", text=LATE),
        node("sent", "message", text=SENT),
    ],
    ["start > ask", "ask > pause", "ask timeout > pause", "pause > again", "again > sent",
     "again timeout > late", "sent > end", "late > end"],
    ["said"],
)  # fmt: skip
ON_AND_ON = drawn(
    "again",
    [
        node("ask", "question", text=AND_THEN, saveTo="said"),
        node("more", "condition", condition={"left": "{{said}}", "operator": "neq", "right": STOP}),
        node("heard", "message", text=HEARD),
        node("sent", "message", text=SENT),
    ],
    ["start > ask", "ask > more", "more true > heard", "more false > sent", "heard > ask", "sent > end"],
    ["said"],
)  # fmt: skip
DESK = drawn(
    "desk",
    [_ASK, node("hand", "transfer_agent", text=HANDED), node("sent", "message", text=SENT)],
    ["start > ask", "ask > hand", "hand resolved > sent", "hand > sent", "sent > end"],
    ["said"],
)
