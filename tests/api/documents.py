"""Flows that tests send."""

from typing import Any


def welcome(key: str = "welcome", **more: Any) -> dict[str, Any]:
    """Start, one message, end."""
    return {
        "id": key,
        "name": "Welcome",
        "nodes": [
            {"id": "start", "type": "start"},
            {"id": "hello", "type": "message", "config": {"text": "Hello {{contact.name}}!"}},
            {"id": "end", "type": "end"},
        ],
        "edges": [{"from": "start", "to": "hello"}, {"from": "hello", "to": "end"}],
        **more,
    }


def broken(key: str = "broken") -> dict[str, Any]:
    """Has no start node."""
    return {"id": key, "name": "Broken", "nodes": [{"id": "end", "type": "end"}], "edges": []}
