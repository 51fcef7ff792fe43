"""What is walked: a question that never ends in a flow of any size, and loops that wait for nobody."""

from itertools import pairwise
from typing import Any

Json = dict[str, Any]
QUESTION = "Again?"
NODES = 10
"""Where the size does not matter."""


def asking(nodes: int) -> Json:
    """The same question again and again until `stop`; the rest of the nodes is a way that nobody goes."""
    chain = [f"m{number}" for number in range(nodes - 6)]
    drawn = [
        {"id": "ask", "type": "question", "config": {"text": QUESTION, "saveTo": "said", "timeout": "1d"}},
        {
            "id": "way",
            "type": "switch",
            "config": {"on": "{{said}}", "cases": {"stop": "stop", "long": "long"}},
        },
        {"id": "note", "type": "update_contact", "config": {"customAttributes": {"said": "{{said}}"}}},
        *({"id": id, "type": "message", "config": {"text": f"{id}: {{{{said}}}}"}} for id in chain),
    ]
    edges = [
        {"from": "start", "to": "ask"},
        {"from": "ask", "to": "way"},
        {"from": "ask", "exit": "timeout", "to": "end"},
        {"from": "way", "to": "ask"},
        {"from": "way", "exit": "stop", "to": "note"},
        {"from": "way", "exit": "long", "to": chain[0]},
        {"from": "note", "to": "end"},
        *({"from": one, "to": next} for one, next in pairwise([*chain, "end"])),
    ]
    return _flow(f"asking-{nodes}", drawn, edges)


def counting(turns: int) -> Json:
    """So many turns of a loop that only counts, then a mark on the contact."""
    return _looping(turns, {"id": "count", "type": "set_variables", "config": {"set": {"last": "{{n}}"}}})


def saying(turns: int) -> Json:
    """So many turns of a loop that says something in each."""
    return _looping(turns, {"id": "say", "type": "message", "config": {"text": "{{n}}"}})


def _looping(turns: int, body: Json) -> Json:
    drawn = [
        {"id": "loop", "type": "loop", "config": {
            "mode": "while", "condition": {"left": 1, "operator": "eq", "right": 1}, "index": "n",
            "maxIterations": turns}},
        body,
        {"id": "note", "type": "update_contact", "config": {"customAttributes": {"done": "yes"}}},
    ]  # fmt: skip
    edges = [
        {"from": "start", "to": "loop"},
        {"from": "loop", "exit": "body", "to": body["id"]},
        {"from": body["id"], "to": "loop"},
        {"from": "loop", "exit": "limit", "to": "note"},
        {"from": "loop", "exit": "done", "to": "note"},
        {"from": "note", "to": "end"},
    ]
    return _flow(f"looping-{body['type'].replace('_', '-')}", drawn, edges)


def _flow(id: str, nodes: list[Json], edges: list[Json]) -> Json:
    trigger = {"channel": "chatwoot", "event": "message_created", "keyword": id}
    ends = [{"id": "start", "type": "start"}, {"id": "end", "type": "end"}]
    return {"id": id, "name": id, "trigger": trigger, "nodes": [*ends, *nodes], "edges": edges}
