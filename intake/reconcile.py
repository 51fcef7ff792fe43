"""Reconciliation: what a provider shows of waiting conversations and no webhook brought is taken in."""

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog

from dsl.inputs import Inbound
from intake.sweep import until
from providers.chatwoot.events import read_listed
from providers.chatwoot.models import State
from providers.chatwoot.port import ChatwootPort
from providers.chatwoot.said import Ignored
from providers.chatwoot.status import status_changed
from providers.chatwoot.submitted import submitted
from providers.errors import ProviderError, ReadError
from store import inbox, waiting
from store.database import Database
from store.pages import owner_after
from store.waiting import Waiting

EVERY_SECONDS = 60.0
ROUND_SECONDS = 50.0
STATUS = "conversation_status_changed"

_LOG = structlog.get_logger(__name__)


class Reconciler:
    """Looks through waiting conversations, a few a minute; `chatwoots`: a client for each connection."""

    def __init__(self, db: Database, chatwoots: Mapping[str, ChatwootPort]) -> None:
        self._db = db
        self._chatwoots = chatwoots

    async def run(self, stop: asyncio.Event) -> None:
        """At once, then every minute, until `stop`."""
        while self._chatwoots and not stop.is_set():
            try:
                async with asyncio.timeout(ROUND_SECONDS):
                    await self.once()
            except Exception as error:
                _LOG.warning("reconciliation_interrupted", error=type(error).__name__)
            await until(stop, EVERY_SECONDS)

    async def once(self) -> int:
        """One round; how many events it recovered. What it does not come to is first in the next one."""
        found, away = 0, set[str]()
        some = await waiting.due(self._db, list(self._chatwoots))
        left = set(range(len(some)))
        try:
            for place, one in enumerate(some):
                if one.connection not in away:
                    left.discard(place)
                    found += await self._looked_at(one, away)
        finally:
            await waiting.put_off(self._db, [some[place] for place in left])
        return found

    async def _looked_at(self, one: Waiting, away: set[str]) -> int:
        """What was missed in one conversation; a connection that does not answer is `away`."""
        try:
            return await self._compare(one)
        except ProviderError as error:
            _LOG.warning("not_reconciled", execution_id=one.execution_id, code=error.code)
            away |= {one.connection} if error.retryable else set()
            return 0

    async def _compare(self, one: Waiting) -> int:
        """The status first: a human's floor is known before the bot hears what people wrote meanwhile."""
        if one.after is None:
            return 0
        chatwoot = self._chatwoots[one.connection]
        state = await chatwoot.state(one.address)
        rows = await chatwoot.messages_after(one.address, one.after)
        change = _owner_change(one, state)
        human = [event for event, owner in change if owner == "human"]
        back = [event for event, owner in change if owner == "bot"]
        found = await self._take_in(one, [*human, *_events(one, state, rows), *back])
        newest = max((row["id"] for row in rows if isinstance(row.get("id"), int)), default=one.after)
        await waiting.compared(self._db, one, max(newest, one.after))
        return found

    async def _take_in(self, one: Waiting, events: list[Inbound]) -> int:
        """Through the same door as webhooks: the key tells what is here already, the relay does the rest."""
        known = await inbox.known(self._db, one.workspace, one.connection, [event.key for event in events])
        missed = [event for event in events if event.key not in known]
        for event in missed:
            await inbox.accept(self._db, one.workspace, one.connection, event, claim_seconds=0)
        if missed:
            _LOG.warning("events_recovered", execution_id=one.execution_id, count=len(missed))
        return len(missed)


def _events(one: Waiting, state: State, rows: list[dict[str, Any]]) -> list[Inbound]:
    """What people wrote or picked, as webhooks would have told it; the rest moves nothing."""
    conversation = {"id": int(one.address), "status": state.status, "inbox_id": state.inbox_id}
    events = []
    for row in rows:
        try:
            event = read_listed(row, conversation)
            if isinstance(event, Ignored):
                event = submitted(row, conversation, conversation)
        except ReadError:
            continue  # without an id nobody can tell it from another
        if isinstance(event, Inbound):
            events.append(_known(one, state, event))
    return events


def _known(one: Waiting, state: State, event: Inbound) -> Inbound:
    """A list shows less of the conversation than an event does: the rest is as it was."""
    conversation = {**one.conversation, "status": state.status}
    return event.model_copy(update={"conversation": conversation})


def _owner_change(one: Waiting, state: State) -> list[tuple[Inbound, str]]:
    """The conversation's status as an event, where it makes the floor another's than the lane knows."""
    body = {
        "id": int(one.address), "status": state.status, "inbox_id": state.inbox_id, "meta": state.meta,
    }  # fmt: skip
    event = status_changed(body, STATUS)
    if isinstance(event, Ignored):
        return []
    owner = owner_after(event, one.with_bot)
    if owner is None or owner == one.owner:
        return []
    # The provider's own key is not shown in a list; with the lane's place two sweeps say it once.
    key = f"status:{one.address}:{state.status}:seen:{one.next_seq}"
    return [(_known(one, state, event).model_copy(update={"key": key}), owner)]
