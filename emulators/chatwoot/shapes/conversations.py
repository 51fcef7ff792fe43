"""The shapes of a conversation: webhook object, REST object, the customer's view."""

from emulators.chatwoot.emulator import Emulator
from emulators.chatwoot.rows import CHANNEL_TYPES, ContactInbox, Conversation, Json
from emulators.chatwoot.shapes import messages, people
from emulators.chatwoot.shapes.facts import can_reply, newest_public, unread_count
from emulators.chatwoot.times import iso, unix


def webhook(emu: Emulator, row: Conversation) -> Json:
    """The conversation object of every webhook, built from the state of this moment."""
    state = emu.state
    newest = newest_public(emu, row)
    body: Json = {
        "id": row.display_id,
        "inbox_id": row.inbox_id,
        "channel": CHANNEL_TYPES[state.inboxes[row.inbox_id].channel],
        "status": row.status,
        "can_reply": can_reply(emu, row),
        "additional_attributes": row.additional_attributes,
        "custom_attributes": row.custom_attributes,
        "labels": row.label_list,
        "priority": row.priority,
        "snoozed_until": iso(row.snoozed_until),
        "first_reply_created_at": iso(row.first_reply_created_at),
        "unread_count": unread_count(emu, row),
        "waiting_since": unix(row.waiting_since),
        "agent_last_seen_at": unix(row.agent_last_seen_at),
        "contact_last_seen_at": unix(row.contact_last_seen_at),
        "last_activity_at": unix(row.last_activity_at),
        "timestamp": unix(row.last_activity_at),
        "created_at": unix(row.created_at),
        "updated_at": row.updated_at,
        "contact_inbox": contact_inbox(state.contact_inboxes[row.contact_inbox_id]),
        "messages": [messages.nested(emu, newest)] if newest else [],
        "meta": _webhook_meta(emu, row),
    }
    if emu.facts.account_in_payload:
        body["account"] = people.account(state.accounts[row.account_id])
    return body


def rest(emu: Emulator, row: Conversation) -> Json:
    """The conversation object of REST answers."""
    newest = newest_public(emu, row)
    last = messages.rest(emu, newest) if newest else None
    return {
        "meta": _rest_meta(emu, row),
        "id": row.display_id,
        "messages": [last] if last else [],
        "account_id": row.account_id,
        "uuid": row.uuid,
        "additional_attributes": row.additional_attributes,
        "agent_last_seen_at": unix(row.agent_last_seen_at),
        "assignee_last_seen_at": unix(row.assignee_last_seen_at),
        "can_reply": can_reply(emu, row),
        "contact_last_seen_at": unix(row.contact_last_seen_at),
        "custom_attributes": row.custom_attributes,
        "inbox_id": row.inbox_id,
        "labels": row.label_list,
        "muted": row.muted,
        "snoozed_until": iso(row.snoozed_until),
        "status": row.status,
        "created_at": unix(row.created_at),
        "updated_at": row.updated_at,
        "timestamp": unix(row.last_activity_at),
        "first_reply_created_at": unix(row.first_reply_created_at),
        "unread_count": unread_count(emu, row),
        "last_non_activity_message": last,
        "last_activity_at": unix(row.last_activity_at),
        "priority": row.priority,
        "waiting_since": unix(row.waiting_since),
        "sla_policy_id": None,
    }


def public(emu: Emulator, row: Conversation) -> Json:
    """A conversation as the customer's client sees it."""
    thread = [m for m in emu.state.thread(row) if not m.private and m.message_type != "activity"]
    return {
        "id": row.display_id,
        "uuid": row.uuid,
        "inbox_id": row.inbox_id,
        "contact_last_seen_at": unix(row.contact_last_seen_at),
        "agent_last_seen_at": unix(row.agent_last_seen_at),
        "status": row.status,
        "messages": [messages.public(emu, message) for message in thread[-20:]],
        "contact": people.contact_push(emu.state.contacts[row.contact_id]),
    }


def contact_inbox(row: ContactInbox) -> Json:
    return {
        "id": row.id,
        "contact_id": row.contact_id,
        "inbox_id": row.inbox_id,
        "source_id": row.source_id,
        "created_at": iso(row.created_at),
        "updated_at": iso(row.updated_at),
        "hmac_verified": row.hmac_verified,
        "pubsub_token": row.pubsub_token,
    }


def _webhook_meta(emu: Emulator, row: Conversation) -> Json:
    team = emu.state.teams.get(row.team_id or 0)
    meta: Json = {
        "sender": people.contact_push(emu.state.contacts[row.contact_id]),
        "assignee": assignee(emu, row),
        "team": people.team_push(team) if team else None,
        "hmac_verified": emu.state.contact_inboxes[row.contact_inbox_id].hmac_verified,
    }
    return meta | ({"assignee_type": assignee_type(row)} if emu.facts.bot_assignee else {})


def _rest_meta(emu: Emulator, row: Conversation) -> Json:
    """Unlike the webhook's, this one leaves out what is not there."""
    team, person = emu.state.teams.get(row.team_id or 0), assignee(emu, row)
    meta: Json = {
        "sender": people.contact_push(emu.state.contacts[row.contact_id]),
        "channel": CHANNEL_TYPES[emu.state.inboxes[row.inbox_id].channel],
        "hmac_verified": emu.state.contact_inboxes[row.contact_inbox_id].hmac_verified,
    }
    if person:
        meta["assignee"] = person
        meta |= {"assignee_type": assignee_type(row)} if emu.facts.bot_assignee else {}
    return meta | ({"team": people.team_push(team)} if team else {})


def assignee(emu: Emulator, row: Conversation) -> Json | None:
    bot = emu.state.bots.get(row.assignee_agent_bot_id or 0)
    return people.push_person(bot or emu.state.users.get(row.assignee_id or 0))


def assignee_type(row: Conversation) -> str | None:
    if row.assignee_agent_bot_id:
        return "AgentBot"
    return "User" if row.assignee_id else None
