"""How people and bots look inside payloads and answers."""

from emulators.chatwoot.rows import Account, Actor, Bot, Contact, Inbox, Json, Message, Team, User
from emulators.chatwoot.state import State


def account(row: Account) -> Json:
    return {"id": row.id, "name": row.name}


def inbox(row: Inbox) -> Json:
    return {"id": row.id, "name": row.name}


def contact_webhook(state: State, row: Contact) -> Json:
    """A contact as the sender of a message and as the body of contact events; it has no `type`."""
    return {
        "account": account(state.accounts[row.account_id]),
        "additional_attributes": row.additional_attributes,
        "avatar": "",
        "custom_attributes": row.custom_attributes,
        "email": row.email,
        "id": row.id,
        "identifier": row.identifier,
        "name": row.name,
        "phone_number": row.phone_number,
        "thumbnail": "",
        "blocked": row.blocked,
    }


def contact_push(row: Contact) -> Json:
    """A contact as `meta.sender` and as the sender in REST answers."""
    return {
        "additional_attributes": row.additional_attributes,
        "custom_attributes": row.custom_attributes,
        "email": row.email,
        "id": row.id,
        "identifier": row.identifier,
        "name": row.name,
        "phone_number": row.phone_number,
        "thumbnail": "",
        "blocked": row.blocked,
        "type": "contact",
    }


def user_push(row: User) -> Json:
    return {
        "id": row.id,
        "name": row.name,
        "available_name": row.name,
        "avatar_url": "",
        "type": "user",
        "availability_status": row.availability,
        "thumbnail": "",
    }


def bot_push(row: Bot) -> Json:
    return {"id": row.id, "name": row.name, "avatar_url": "", "type": "agent_bot"}


def team_push(row: Team) -> Json:
    return {"id": row.id, "name": row.name}


def sender_row(state: State, message: Message) -> Actor:
    """The row that sent the message, None for activities and templates."""
    number = message.sender_id or 0
    if message.sender_type == "Contact":
        return state.contacts.get(number)
    if message.sender_type == "User":
        return state.users.get(number)
    return state.bots.get(number) if message.sender_type == "AgentBot" else None


def webhook_person(state: State, row: Actor) -> Json | None:
    """The top-level `sender` (or `user`) of a webhook."""
    if isinstance(row, Contact):
        return contact_webhook(state, row)
    if isinstance(row, User):
        return {"id": row.id, "name": row.name, "email": row.email, "type": "user"}
    return {"id": row.id, "name": row.name, "type": "agent_bot"} if row else None


def push_person(row: Actor) -> Json | None:
    """The `sender` of nested messages and REST answers."""
    if isinstance(row, Contact):
        return contact_push(row)
    if isinstance(row, User):
        return user_push(row)
    return bot_push(row) if row else None
