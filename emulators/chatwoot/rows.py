"""The rows an installation keeps; times are unix seconds, `id` is the global row id."""

from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]
Status = Literal["open", "resolved", "pending", "snoozed"]
SenderType = Literal["Contact", "User", "AgentBot"]
Channel = Literal["api", "web_widget", "sms", "whatsapp"]

CHANNEL_TYPES: dict[Channel, str] = {
    "api": "Channel::Api",
    "web_widget": "Channel::WebWidget",
    "sms": "Channel::Sms",
    "whatsapp": "Channel::Whatsapp",
}
STATUSES: tuple[Status, ...] = ("open", "resolved", "pending", "snoozed")
PRIORITIES = ("low", "medium", "high", "urgent")
MESSAGE_TYPES = ("incoming", "outgoing", "activity", "template")
MESSAGE_STATUSES = ("sent", "delivered", "read", "failed")


@dataclass(slots=True)
class Account:
    """A tenant of the installation."""

    id: int
    name: str
    status: Literal["active", "suspended"] = "active"


@dataclass(slots=True)
class User:
    """A person who answers, with the token of the profile page."""

    id: int
    name: str
    email: str
    role: Literal["agent", "administrator"]
    token: str = field(repr=False)
    account_ids: set[int] = field(default_factory=set)
    availability: str = "online"


@dataclass(slots=True)
class Bot:
    """An agent bot; `account_id` is None for a global one."""

    id: int
    name: str
    token: str = field(repr=False)
    account_id: int | None = None
    outgoing_url: str | None = None
    secret: str | None = field(default=None, repr=False)
    description: str = ""
    config: Json = field(default_factory=dict)


@dataclass(slots=True)
class PlatformApp:
    """What keeps tenants and users of an installation; `permissible` are the rows it made."""

    id: int
    name: str
    token: str = field(repr=False)
    permissible: set[tuple[str, int]] = field(default_factory=set)


@dataclass(slots=True)
class Inbox:
    """A channel into the account."""

    id: int
    account_id: int
    name: str
    channel: Channel
    identifier: str
    hmac_token: str = field(repr=False)
    webhook_url: str | None = None
    secret: str | None = field(default=None, repr=False)
    agent_bot_id: int | None = None
    agent_bot_active: bool = True
    enable_auto_assignment: bool = False
    lock_to_single_conversation: bool = False
    hmac_mandatory: bool = False
    greeting_message: str | None = None


@dataclass(slots=True)
class Webhook:
    """An account webhook."""

    id: int
    account_id: int
    url: str
    subscriptions: list[str]
    secret: str = field(repr=False)
    name: str | None = None


@dataclass(slots=True)
class Team:
    """A group of agents."""

    id: int
    account_id: int
    name: str
    description: str = ""


@dataclass(slots=True)
class Label:
    """A tag the account offers."""

    id: int
    account_id: int
    title: str
    description: str = ""
    color: str = "#1f93ff"
    show_on_sidebar: bool = True


@dataclass(slots=True)
class Contact:
    """A person who writes in."""

    id: int
    account_id: int
    created_at: float
    updated_at: float
    name: str = ""
    email: str | None = None
    phone_number: str | None = None
    identifier: str | None = None
    blocked: bool = False
    additional_attributes: Json = field(default_factory=dict)
    custom_attributes: Json = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)
    last_activity_at: float | None = None


@dataclass(slots=True)
class ContactInbox:
    """A contact's address in one inbox."""

    id: int
    contact_id: int
    inbox_id: int
    source_id: str
    pubsub_token: str = field(repr=False)
    created_at: float
    updated_at: float
    hmac_verified: bool = False


@dataclass(slots=True)
class Conversation:
    """A conversation; outside, its id is the per-account `display_id`."""

    id: int
    display_id: int
    uuid: str
    account_id: int
    inbox_id: int
    contact_id: int
    contact_inbox_id: int
    created_at: float
    updated_at: float
    last_activity_at: float
    status: Status = "open"
    priority: str | None = None
    assignee_id: int | None = None
    assignee_agent_bot_id: int | None = None
    team_id: int | None = None
    label_list: list[str] = field(default_factory=list)
    custom_attributes: Json = field(default_factory=dict)
    additional_attributes: Json = field(default_factory=dict)
    snoozed_until: float | None = None
    waiting_since: float | None = None
    first_reply_created_at: float | None = None
    agent_last_seen_at: float | None = None
    assignee_last_seen_at: float | None = None
    contact_last_seen_at: float | None = None
    muted: bool = False


@dataclass(slots=True)
class Upload:
    """A file on its way in."""

    file_name: str
    content_type: str
    data: bytes = field(repr=False)


@dataclass(slots=True)
class Attachment:
    """A file of a message, or what it `told` in place of one: a place, a person's card."""

    id: int
    file_name: str
    content_type: str
    data: bytes = field(repr=False)
    data_url: str
    told: Json = field(default_factory=dict, repr=False)

    @property
    def kind(self) -> str:
        """Chatwoot's `file_type`."""
        kind = self.content_type.split("/", 1)[0]
        return kind if kind in ("image", "audio", "video", "location", "contact") else "file"


@dataclass(slots=True)
class Message:
    """A message; `sent_to_channel` tells whether the customer's channel really got it."""

    id: int
    account_id: int
    inbox_id: int
    conversation_id: int
    message_type: str
    created_at: float
    updated_at: float
    content: str | None = None
    content_type: str = "text"
    content_attributes: Json = field(default_factory=dict)
    additional_attributes: Json = field(default_factory=dict)
    private: bool = False
    status: str = "sent"
    source_id: str | None = None
    sender_type: SenderType | None = None
    sender_id: int | None = None
    attachments: list[Attachment] = field(default_factory=list)
    sent_to_channel: bool = False


Actor = User | Bot | Contact | None
