"""What the rest of the house may ask of Chatwoot; the client and the in-memory fake both offer it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal, Protocol

from dsl.model import Json
from providers.chatwoot.content import Card, Choice
from providers.chatwoot.models import Attachment, Inbox, Sent, State

Status = Literal["open", "resolved", "pending", "snoozed"]


class ChatwootPort(Protocol):
    """One account of Chatwoot. Conversations go by display id, as text. Every method raises ProviderError."""

    async def send_message(
        self,
        conversation: str,
        text: str,
        *,
        choices: Sequence[Choice] = (),
        cards: Sequence[Card] = (),
        attachments: Sequence[Attachment] = (),
        source_id: str | None = None,
        channel: str | None = None,
        private: bool = False,
    ) -> Sent:
        """Say something; `channel` (Channel::…) decides how it looks and whether `source_id` is given."""

    async def find_message(
        self,
        conversation: str,
        *,
        source_id: str | None,
        content: str,
        after_id: int | None,
        choices: Sequence[Choice] = (),
        cards: Sequence[Card] = (),
        channel: str | None = None,
        with_files: bool = False,
        private: bool = False,
        taken: Collection[int] = (),
    ) -> Sent | None:
        """The message that the same arguments sent, above `after_id` and not among `taken`.

        Without `after_id` the newest are looked through, then the others from the first on, at most 1,000:
        raises Unknown where it may stand behind them.
        """

    async def last_message_id(self, conversation: str) -> int | None:
        """The id of the newest message, None in an empty conversation."""

    async def messages_after(self, conversation: str, after_id: int) -> list[dict[str, Any]]:
        """Messages above the id, oldest first, at most 1,000, as REST shows them (`events.read_listed`)."""

    async def private_note(self, conversation: str, text: str) -> Sent:
        """Leave a note that only agents see."""

    async def toggle_status(
        self, conversation: str, status: Status, *, snoozed_until: str | None = None
    ) -> None:
        """Put the conversation into a status."""

    async def assign(self, conversation: str, *, agent: int | None = None, team: int | None = None) -> None:
        """Assign an agent, a team, or both."""

    async def add_labels(self, conversation: str, labels: Sequence[str]) -> list[str]:
        """Add labels and return the full list; one change of a conversation's labels at a time."""

    async def remove_labels(self, conversation: str, labels: Sequence[str]) -> list[str]:
        """Take labels away and return the full list."""

    async def update_contact(
        self,
        contact_id: int,
        attributes: Mapping[str, Json],
        custom_attributes: Mapping[str, Json] | None = None,
    ) -> dict[str, Json]:
        """Merge attributes into a contact and return it, trimmed as events carry it ({} if unreadable)."""

    async def state(self, conversation: str) -> State:
        """The conversation's status and assignee now."""

    async def inboxes(self) -> list[Inbox]:
        """The inboxes of the account that the user's token may see."""

    async def check(self) -> None:
        """Return if the address answers and takes the user's token."""
