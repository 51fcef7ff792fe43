"""Voice actions as the XML that answers a call."""

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr  # only writing: nothing is ever parsed

from pydantic import BaseModel

from providers.africastalking.speech import LAST, Action, Play, Redirect, Say

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
MOST_ACTIONS = 50
INSIDE = frozenset({"text", "prompt"})


def respond(actions: Sequence[Action]) -> str:
    """The answer to an active call; ValueError where an action stands behind one that ends the list."""
    if len(actions) > MOST_ACTIONS:
        raise ValueError(f"has more than {MOST_ACTIONS} actions")
    for place, action in enumerate(actions[:-1]):
        if isinstance(action, LAST):
            raise ValueError(
                f"action {place + 1} ({type(action).__name__}) is not the last, but nothing follows it"
            )
    return f"{HEAD}<Response>{''.join(map(_element, actions))}</Response>"


def _element(action: Action) -> str:
    tag, content = type(action).__name__, _content(action)
    head = tag + "".join(_attributes(action))
    return f"<{head}>{content}</{tag}>" if content else f"<{head}/>"


def _content(action: Action) -> str:
    if isinstance(action, Say):
        return escape(action.text)
    if isinstance(action, Redirect):
        return escape(action.url)
    prompt = getattr(action, "prompt", None)
    return _element(prompt) if isinstance(prompt, Say | Play) else ""


def _attributes(action: BaseModel) -> list[str]:
    inside = INSIDE | ({"url"} if isinstance(action, Redirect) else frozenset())
    given = action.model_dump(by_alias=True, exclude_none=True, exclude=set(inside))
    return [f" {name}={quoteattr(_written(value))}" for name, value in given.items()]


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
