"""What we read of Chatwoot's REST answers: little, and tolerantly."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

OUTGOING = 1


@dataclass(frozen=True)
class Attachment:
    """A file to send: its name, media type and content (Chatwoot takes at most 15 a message)."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


class Answer(BaseModel):
    """An answer of which we read a few fields."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, populate_by_name=True)


class Sent(Answer):
    """A message Chatwoot took; without id when its answer could not be read (`at`: its own clock)."""

    id: int | None = None
    at: datetime | None = Field(None, alias="created_at")

    @property
    def flagged(self) -> bool:
        """It was done, but we cannot say under which id."""
        return self.id is None


class Listed(Answer):
    """A message as REST lists it: integer type, unix time."""

    id: int
    content: str | None = None
    message_type: int
    private: bool = False
    source_id: str | None = None
    at: datetime | None = Field(None, alias="created_at")

    def sent(self) -> Sent:
        return Sent(id=self.id, at=self.at)


class MessagePage(Answer):
    """A page of a conversation's messages, as they came."""

    payload: list[dict[str, Any]]


class LabelList(Answer):
    """The full list of labels of a conversation."""

    payload: list[str]


class Inbox(Answer):
    """An inbox of the account; `channel_type` is Chatwoot's name of its channel (Channel::…)."""

    id: int
    name: str = ""
    channel_type: str | None = None


class InboxList(Answer):
    """The inboxes that the token's user may see."""

    payload: list[Inbox]


class State(Answer):
    """A conversation's state; Chatwoot leaves `meta.assignee` out when there is none."""

    id: int
    status: str
    inbox_id: int | None = None
    meta: dict[str, Any] = Field(default_factory=dict)


class ContactAnswer(Answer):
    """A contact as Chatwoot stores it now."""

    payload: dict[str, Any]
