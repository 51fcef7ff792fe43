"""The rows of the installation's directory as the account API lists them."""

from emulators.chatwoot.emulator import Emulator
from emulators.chatwoot.rows import CHANNEL_TYPES, Bot, Inbox, Json, Label, Team, User, Webhook


def agent(row: User, account_id: int) -> Json:
    return {
        "id": row.id,
        "account_id": account_id,
        "availability_status": row.availability,
        "auto_offline": True,
        "confirmed": True,
        "email": row.email,
        "available_name": row.name,
        "name": row.name,
        "role": row.role,
        "thumbnail": "",
    }


def team(row: Team) -> Json:
    return {
        "id": row.id,
        "name": row.name,
        "description": row.description,
        "allow_auto_assign": True,
        "account_id": row.account_id,
        "is_member": False,
    }


def label(row: Label) -> Json:
    return {
        "id": row.id,
        "title": row.title,
        "description": row.description,
        "color": row.color,
        "show_on_sidebar": row.show_on_sidebar,
    }


def inbox(emu: Emulator, row: Inbox, *, admin: bool) -> Json:
    """An inbox; only administrators see the tokens of an API inbox."""
    body: Json = {
        "id": row.id,
        "name": row.name,
        "channel_type": CHANNEL_TYPES[row.channel],
        "channel_id": row.id,
        "avatar_url": "",
        "greeting_enabled": row.greeting_message is not None,
        "greeting_message": row.greeting_message,
        "enable_auto_assignment": row.enable_auto_assignment,
        "lock_to_single_conversation": row.lock_to_single_conversation,
    }
    if row.channel == "api":
        body |= {"inbox_identifier": row.identifier, "webhook_url": row.webhook_url}
        body |= {"additional_attributes": {}}
        if admin:
            body |= {"hmac_token": row.hmac_token, "hmac_mandatory": row.hmac_mandatory}
            body |= {"secret": row.secret} if emu.facts.signed else {}
    return body


def bot(emu: Emulator, row: Bot, *, admin: bool) -> Json:
    """A bot; its token is shown to administrators of its own account alone."""
    body: Json = {
        "id": row.id,
        "name": row.name,
        "description": row.description,
        "thumbnail": "",
        "outgoing_url": row.outgoing_url,
        "bot_type": "webhook",
        "bot_config": row.config,
        "account_id": row.account_id,
        "system_bot": row.account_id is None,
    }
    if admin and row.account_id is not None:
        body["access_token"] = row.token
        body |= {"secret": row.secret} if emu.facts.signed else {}
    return body


def webhook(emu: Emulator, row: Webhook) -> Json:
    body: Json = {
        "id": row.id,
        "url": row.url,
        "account_id": row.account_id,
        "subscriptions": row.subscriptions,
    }
    return body | ({"name": row.name, "secret": row.secret} if emu.facts.signed else {})
