"""Finding a message of ours among those a conversation shows, after its sending was left unknown."""

from collections.abc import Collection, Iterable
from typing import Any

from pydantic import ValidationError

from providers.chatwoot.models import OUTGOING, Listed, Sent


def pick(
    rows: Iterable[dict[str, Any]], *, source_id: str | None, text: str, private: bool, taken: Collection[int]
) -> Sent | None:
    """The first outgoing message with the source id (if one was given), else with exactly the text."""
    for message in _outgoing(rows):
        if message.id in taken or message.private != private:
            continue
        if message.source_id == source_id if source_id else _same(text, message.content):
            return message.sent()
    return None


def _outgoing(rows: Iterable[dict[str, Any]]) -> Iterable[Listed]:
    for row in rows:
        try:
            message = Listed.model_validate(row)
        except ValidationError:
            continue  # an activity of a newer release is not ours
        if message.message_type == OUTGOING:
            yield message


def _same(sent: str, listed: str | None) -> bool:
    """Chatwoot may trim the end of a text."""
    return listed is not None and listed.rstrip() == sent.rstrip()
