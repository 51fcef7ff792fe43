"""What the routes of triggers and channels take and give."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from api.compiling import MAX_INBOX, keyword_of
from api.parts import Channel
from dsl import channels
from dsl.channels import CONVERSATION_EVENTS, LINE_EVENTS, channel_of, misfit
from dsl.model import Authored, Message
from dsl.spec import ServiceCode
from store.triggers import Listed, Trigger

Event = Literal[CONVERSATION_EVENTS, LINE_EVENTS]
Keyword = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"\S")]


class TriggerGiven(Authored):
    """An event that starts a flow, beside the one that its spec names; what is left out matches any."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"event": "ussd_session", "serviceCode": "*384*1#"}]}
    )

    channel: channels.Channel | None = None
    """Left out, it is that of the event."""
    event: Event = "conversation_created"
    inbox_id: int | None = Field(default=None, ge=1, le=MAX_INBOX)
    keyword: Keyword | None = None
    """A message that is this or begins with it, in any case of letters."""
    service_code: ServiceCode | None = None
    """The service code dialled (`*384*1#`), the short code written to, the number called."""

    @model_validator(mode="after")
    def _comes_by_its_channel(self) -> Self:
        if why := misfit(**self._asked()):
            raise ValueError(why)
        return self

    def row(self) -> Trigger:
        """As it is stored and compared."""
        return Trigger(**{**self._asked(), "keyword": keyword_of(self.keyword)})

    def _asked(self) -> dict[str, Any]:
        asked = self.model_dump(include=set(TriggerGiven.model_fields))
        return {**asked, "channel": self.channel or channel_of(self.event)}


class TriggerInput(TriggerGiven):
    """The same of a flow that is named beside it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"flowId": "welcome", "event": "message_created", "inboxId": 7, "keyword": "hello"}]
        }
    )

    flow_id: str = Field(min_length=1, max_length=128)
    """UUID, or the flow's own `id`."""


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
    service_code: str | None
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
    provider: str = Field(examples=["chatwoot", "africastalking"])
    webhook: str = Field(examples=["/webhooks/chatwoot/main", "/webhooks/africastalking/main/{secret}"])
    """The path that the provider is to call; the last word of Africa's Talking's says what is told."""
    signing_secrets: int
    """Any of them signs an event, or stands in its path; more than one while they are changed."""
    accepts_unsigned: bool

    @classmethod
    def of(cls, channel: Channel, provider: str) -> Self:
        """A channel as it is shown."""
        path = f"/webhooks/{provider}/{channel.name}"
        return cls(
            name=channel.name,
            provider=provider,
            webhook=path if provider == "chatwoot" else f"{path}/{{secret}}",
            signing_secrets=len(channel.secrets),
            accepts_unsigned=channel.allow_unsigned and not channel.secrets,
        )


class Channels(Message):
    """The channels of the workspace, by name."""

    items: list[ChannelView]
