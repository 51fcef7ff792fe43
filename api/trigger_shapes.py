"""What the routes of triggers and channels take and give."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints

from api.compiling import MAX_INBOX, keyword_of
from dsl.model import Authored, Message
from store.triggers import Listed, Trigger

Event = Literal[
    "conversation_created",
    "message_created",
    "conversation_resolved",
    "conversation_reopened",
    "webwidget_triggered",
]
Keyword = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"\S")]
Word = Annotated[str, StringConstraints(pattern="^[A-Za-z0-9_-]{1,64}$")]


class TriggerInput(Authored):
    """An event that starts a flow, beside the one that its spec names; what is left out matches any."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"flowId": "welcome", "event": "message_created", "inboxId": 7, "keyword": "hello"}]
        }
    )

    flow_id: str = Field(min_length=1, max_length=128)
    """UUID, or the flow's own `id`."""
    channel: Word = "chatwoot"
    event: Event = "conversation_created"
    inbox_id: int | None = Field(default=None, ge=1, le=MAX_INBOX)
    keyword: Keyword | None = None
    """A message that is this or begins with it, in any case of letters."""

    def row(self) -> Trigger:
        """As it is stored and compared."""
        keyword = keyword_of(self.keyword)
        return Trigger(self.channel, self.event, inbox_id=self.inbox_id, keyword=keyword)


class TriggerView(Message):
    """An event that starts a flow once that is published; `spec` ones come and go with the publication."""

    id: str
    flow_id: str
    flow: str
    """The flow's own `id`."""
    channel: str
    event: str
    inbox_id: int | None
    keyword: str | None
    origin: Literal["spec", "api"]
    created_at: datetime

    @classmethod
    def of(cls, row: Listed) -> Self:
        """A stored trigger as it is shown."""
        return cls.model_validate(row._asdict())


class TriggerPage(Message):
    """A page of triggers, newest first; `nextCursor` asks for the next."""

    items: list[TriggerView]
    next_cursor: str | None


class ChannelView(Message):
    """A configured channel. Of its secrets only their number is told."""

    name: str
    provider: Literal["chatwoot"]
    webhook: str = Field(examples=["/webhooks/chatwoot/main"])
    """The path that the provider is to call."""
    signing_secrets: int
    """Any of them signs an event; more than one while they are changed."""
    accepts_unsigned: bool


class Channels(Message):
    """The channels of the workspace, by name."""

    items: list[ChannelView]
