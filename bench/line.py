"""USSD: the menu that callers go through, and what they type."""

from itertools import pairwise
from typing import Any

from bench.hand.line_workflow import QUESTIONS

ANSWERS = ("Asha", "Kisumu", "Fish")
SERVICE = "*384*1#"
SAFE = "Later, please."


def menu() -> dict[str, Any]:
    """Three questions and a farewell, as a flow."""
    asked: list[dict[str, Any]] = [
        {"id": f"ask{at}", "type": "question", "config": {"text": text, "saveTo": f"said{at}"}}
        for at, text in enumerate(QUESTIONS)
    ]
    thanks = {"id": "thanks", "type": "message", "config": {"text": "Thank you, {{said0}}."}}
    nodes = [{"id": "start", "type": "start"}, *asked, thanks, {"id": "end", "type": "end"}]
    ids = [str(node["id"]) for node in nodes]
    edges = [{"from": one, "to": other} for one, other in pairwise(ids)]
    trigger = {"channel": "ussd", "event": "ussd_session"}
    settings = {"safeText": SAFE, "sessionTtl": "1h"}
    named = {"id": "menu", "name": "Menu", "trigger": trigger, "settings": settings}
    return {**named, "nodes": nodes, "edges": edges}


def typed(number: int, step: int) -> dict[str, str]:
    """What the network sends when a caller has answered so many questions."""
    return {
        "sessionId": f"ATUid_{number}",
        "phoneNumber": f"+2547{number:08d}",
        "networkCode": "63902",
        "serviceCode": SERVICE,
        "text": "*".join(ANSWERS[:step]),
    }
