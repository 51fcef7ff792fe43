"""A contact in REST answers."""

from emulators.chatwoot.emulator import Emulator
from emulators.chatwoot.rows import CHANNEL_TYPES, Contact, ContactInbox, Json
from emulators.chatwoot.times import unix


def rest(emu: Emulator, row: Contact, *, addresses: bool = True) -> Json:
    body: Json = {
        "additional_attributes": row.additional_attributes,
        "availability_status": "offline",
        "email": row.email,
        "id": row.id,
        "name": row.name,
        "phone_number": row.phone_number,
        "blocked": row.blocked,
        "identifier": row.identifier,
        "thumbnail": "",
        "custom_attributes": row.custom_attributes,
        "created_at": unix(row.created_at),
    }
    if row.last_activity_at is not None:
        body["last_activity_at"] = unix(row.last_activity_at)
    if addresses:
        body["contact_inboxes"] = [address(emu, item) for item in emu.state.addresses(row)]
    return body


def address(emu: Emulator, row: ContactInbox) -> Json:
    inbox = emu.state.inboxes[row.inbox_id]
    shown = {
        "id": inbox.id,
        "name": inbox.name,
        "channel_type": CHANNEL_TYPES[inbox.channel],
        "avatar_url": "",
        "channel_id": inbox.id,
    }
    return {"source_id": row.source_id, "inbox": shown}
