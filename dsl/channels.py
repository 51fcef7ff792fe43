"""The channels that flows are started by, and which events come by each."""

from collections.abc import Mapping
from typing import Literal

Channel = Literal["chatwoot", "sms", "ussd", "voice"]
CHATWOOT: Channel = "chatwoot"

CONVERSATION_EVENTS = Literal[
    "conversation_created",
    "message_created",
    "conversation_resolved",
    "conversation_reopened",
    "webwidget_triggered",
]
LINE_EVENTS = Literal["sms_received", "ussd_session", "call_received"]
START_EVENTS = Literal[CONVERSATION_EVENTS, LINE_EVENTS, "api"]

_LINES: Mapping[str, Channel] = {"sms_received": "sms", "ussd_session": "ussd", "call_received": "voice"}
SPOKEN = frozenset({"chatwoot", "sms"})
"""Channels where a keyword can be what somebody wrote."""


def channel_of(event: str) -> Channel:
    """The channel that an event comes by where nothing else is said."""
    return _LINES.get(event, CHATWOOT)


def misfit(
    channel: str, event: str, *, inbox_id: int | None, keyword: str | None, service_code: str | None
) -> str | None:
    """Why no such event ever comes by that channel, as a sentence; None where it may."""
    if event != "api" and channel != channel_of(event):
        return f"'{event}' is an event of the channel '{channel_of(event)}', not of '{channel}'"
    if inbox_id is not None and channel != CHATWOOT:
        return f"the channel '{channel}' has no inboxes"
    if service_code is not None and channel == CHATWOOT:
        return "the channel 'chatwoot' has no service codes"
    if keyword is not None and channel not in SPOKEN:
        return f"the channel '{channel}' has no keywords"
    return None
