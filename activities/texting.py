"""Texts to phones: by whom they are sent, who wants none, and what became of them."""

from collections.abc import Sequence

from activities.base import Tools
from activities.telecom import PROVIDER
from dsl.model import Json
from providers.africastalking.gsm import size
from providers.africastalking.models import Recipient, SmsSent
from providers.errors import Failed

BLACKLISTED = 406
"""The provider's code of somebody who told it that they want no more texts."""
OPTED_OUT = "OPTED_OUT"
UNREAD = "Accepted"
"""Status of a text that was taken by an answer which could not be read."""


def sender_of(tools: Tools) -> str | None:
    """The number that people write to, where the conversation is by SMS; else the operator's own."""
    service = tools.scene.service
    if tools.scene.channel == "sms" and service is not None and not service.startswith("*"):
        return service
    return tools.phones().sender


async def text_to(tools: Tools, phone: str, text: str) -> dict[str, Json]:
    """One text to one person: {id, segments, encoding, cost, status}; raises where it was not taken."""
    [row] = await text_all(tools, [phone], text, sender_of(tools))
    if "code" in row:
        raise _unwanted() if row["code"] == OPTED_OUT else _refusal(row)
    return {**{name: row.get(name) for name in ("id", "cost", "status")}, **measured(text)}


async def text_all(
    tools: Tools, phones: Sequence[str], text: str, sender: str | None
) -> list[dict[str, Json]]:
    """One text to several numbers: for each {number, status, id, cost}, or {number, status, code}.

    `Failed(OPTED_OUT)` where nobody of them wants it.
    """
    telecom, workspace = tools.phones(), tools.scene.workspace
    unwilling = {one for one in phones if await telecom.opt_outs.refuses(workspace, one, sender)}
    willing = [one for one in phones if one not in unwilling]
    if not willing:
        raise _unwanted()
    sent = await telecom.port.send_sms(willing, text, sender=sender)
    for row in sent.recipients:
        if row.status_code == BLACKLISTED:
            await telecom.opt_outs.add(workspace, row.number, sender)
    return [_unsent(one) if one in unwilling else _told(one, sent) for one in phones]


def measured(text: str) -> dict[str, Json]:
    """What a text is charged as."""
    code, _, parts = size(text)
    return {"segments": parts, "encoding": code}


def _told(phone: str, sent: SmsSent) -> dict[str, Json]:
    row = sent.of(phone)
    if row is None:
        return {"number": phone, "status": UNREAD, "id": None, "cost": None}
    if not row.accepted:
        return {"number": phone, "status": row.status, "code": _code(row)}
    cost = str(row.cost) if row.cost else None
    return {"number": phone, "status": row.status, "id": row.message_id, "cost": cost}


def _code(row: Recipient) -> str:
    refusal = row.refusal()
    return OPTED_OUT if row.status_code == BLACKLISTED or refusal is None else refusal.code


def _unsent(phone: str) -> dict[str, Json]:
    return {"number": phone, "status": "OptedOut", "code": OPTED_OUT}


def _unwanted() -> Failed:
    return Failed(OPTED_OUT, "The person wants no more texts from this sender.", provider=PROVIDER)


def _refusal(row: dict[str, Json]) -> Failed:
    return Failed(row["code"], f"The text was not taken: {row['status']}.", provider=PROVIDER)
