"""How a text with choices or cards is put to the person, by what their channel can show."""

from collections.abc import Sequence
from typing import NamedTuple

from dsl.model import Json

WIDGETS = frozenset({"Channel::Api", "Channel::WebWidget"})
"""Channels that show choices and cards as such, and send a message although it has a `source_id`."""

Choice = tuple[str, str]
"""A title people read and the value it stands for."""

BUTTONS, ROWS = (3, 20), (10, 24)
"""WhatsApp: so many choices are buttons, more are a list; a longer title, and the message is refused."""
MESSENGERS = frozenset({"Channel::Whatsapp", "Channel::Telegram"})
"""Channels that show choices as such as far as their own limits allow."""
WHATSAPP_TEXT = 1_024
TELEGRAM_VALUE = 64
"""Bytes of a value that a button of Telegram gives back."""


def keeps_source_id(channel: str | None) -> bool:
    """Elsewhere Chatwoot takes a message with a source id for one that came from the channel: never sent."""
    return channel in WIDGETS


class Card(NamedTuple):
    """A picture with a title, a description and links (text, address)."""

    title: str
    description: str
    image: str | None
    links: tuple[tuple[str, str], ...]


def compose(
    text: str,
    choices: Sequence[Choice],
    channel: str | None,
    cards: Sequence[Card] = (),
    *,
    with_files: bool = False,
) -> dict[str, Json]:
    """The `content` fields of a new message; the same for the same arguments, so it can be found again."""
    text = text.replace("\x00", "")
    if cards and channel in WIDGETS:
        return _interactive(text, "cards", [_item(card) for card in cards])
    if choices and fits(text, choices, channel, with_files=with_files):
        items: list[Json] = [{"title": title, "value": value} for title, value in choices]
        return _interactive(text, "input_select", items)
    return {"content": spelled_out(text, choices, cards)}


def spelled_out(text: str, choices: Sequence[Choice], cards: Sequence[Card] = ()) -> str:
    """As text alone: numbered choices, or cards as paragraphs."""
    return _spelled(text, cards) if cards else _numbered(text, choices)


def _interactive(text: str, kind: str, items: list[Json]) -> dict[str, Json]:
    return {"content": text, "content_type": kind, "content_attributes": {"items": items}}


def fits(text: str, choices: Sequence[Choice], channel: str | None, *, with_files: bool = False) -> bool:
    """Whether a channel shows these choices under the text: of a messenger, as its own limits are."""
    return channel in WIDGETS or (not with_files and _fits(text, choices, channel))


def _fits(text: str, choices: Sequence[Choice], channel: str | None) -> bool:
    if channel == "Channel::Telegram":
        return bool(text) and all(0 < len(value.encode()) <= TELEGRAM_VALUE for _, value in choices)
    if channel != "Channel::Whatsapp":
        return False
    titles = {title for title, _ in choices}
    most, longest = BUTTONS if len(choices) <= BUTTONS[0] else ROWS
    told_apart = len(titles) == len(choices) <= most
    return (
        told_apart and 0 < len(text) <= WHATSAPP_TEXT and all(0 < len(title) <= longest for title in titles)
    )


def _numbered(text: str, choices: Sequence[Choice]) -> str:
    lines = [f"{number}. {title}" for number, (title, _) in enumerate(choices, 1)]
    return "\n".join([text, *lines] if text else lines)


def _item(card: Card) -> dict[str, Json]:
    """As the widget draws it; what a postback would say never reaches us, so there are links only."""
    actions = [{"type": "link", "text": text, "uri": address} for text, address in card.links]
    image = {"media_url": card.image} if card.image else {}
    return {"title": card.title, "description": card.description, **image, "actions": actions}


def _spelled(text: str, cards: Sequence[Card]) -> str:
    """The cards as paragraphs under the text."""
    links = ([f"{text}: {address}" for text, address in card.links] for card in cards)
    heads = ([card.title, card.description, card.image or ""] for card in cards)
    told = ["\n".join(filter(None, [*head, *lines])) for head, lines in zip(heads, links, strict=True)]
    return "\n\n".join([text, *told] if text else told)
