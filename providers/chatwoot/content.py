"""How a text with choices is put to the person, by what their channel can show."""

from collections.abc import Sequence

from dsl.model import Json

WIDGETS = frozenset({"Channel::Api", "Channel::WebWidget"})
"""Channels that show choices as buttons, and where a `source_id` does not keep a message from being sent."""

Choice = tuple[str, str]
"""A title people read and the value it stands for."""


def keeps_source_id(channel: str | None) -> bool:
    """Elsewhere Chatwoot takes a message with a source id for one that came from the channel: never sent."""
    return channel in WIDGETS


def compose(text: str, choices: Sequence[Choice], channel: str | None) -> dict[str, Json]:
    """The `content` fields of a new message; the same for the same arguments, so it can be found again."""
    text = text.replace("\x00", "")
    if not choices:
        return {"content": text}
    if channel not in WIDGETS:
        return {"content": _numbered(text, choices)}
    items = [{"title": title, "value": value} for title, value in choices]
    return {"content": text, "content_type": "input_select", "content_attributes": {"items": items}}


def _numbered(text: str, choices: Sequence[Choice]) -> str:
    lines = [f"{number}. {title}" for number, (title, _) in enumerate(choices, 1)]
    return "\n".join([text, *lines] if text else lines)
