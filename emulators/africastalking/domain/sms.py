"""Short messages: out, in, their reports, and who wants no more of them."""

import asyncio
from decimal import Decimal

from emulators.africastalking.emulator import Emulator
from emulators.africastalking.errors import ApiError
from emulators.africastalking.rows import Incoming, Json, Phone, Sms
from emulators.africastalking.texts import date, is_phone, iso, money, new_id, parts

STATUSES = {
    100: "Processed",
    101: "Success",
    102: "Success",
    401: "RiskHold",
    402: "InvalidSenderId",
    403: "InvalidPhoneNumber",
    404: "UnsupportedNumberType",
    405: "InsufficientBalance",
    406: "UserInBlacklist",
    407: "CouldNotRoute",
    409: "DoNotDisturbRejection",
    500: "InternalServerError",
    501: "GatewayError",
    502: "RejectedByGateway",
}
ACCEPTED = frozenset({100, 101, 102})
MAGIC = "+254799000"  # followed by a status code: what a message to that number gets
FINAL_FAILURES = ("Rejected", "Failed")


def send(emu: Emulator, numbers: list[str], text: str, sender: str | None, *, enqueue: bool) -> Json:
    """A bulk message; an unknown sender fails the whole request, with an empty list."""
    sender = sender or emu.config.default_sender
    if sender not in {emu.config.default_sender, *emu.config.sender_ids, *emu.config.short_codes}:
        return _answer("InvalidSenderId", [])
    count = parts(text)
    price, accepted = emu.config.sms_price * count, 102 if enqueue else 101
    rows = [_send_one(emu, number, text, sender, price, accepted) for number in numbers]
    total = price * sum(row.code in ACCEPTED for row in rows)
    summary = f"{_summary(rows)} Total Cost: {money(total, emu.config.currency)} Message parts: {count}"
    return _answer(summary, rows)


def send_premium(emu: Emulator, numbers: list[str], text: str, sender: str, link_id: str | None) -> Json:
    """A charged message from a short code; the link must be one that an incoming message brought."""
    if sender not in emu.config.short_codes:
        return _answer("InvalidSenderId", [])
    rows = [_send_one(emu, number, text, sender, Decimal(0), 102, premium=True) for number in numbers]
    linked = link_id is None or any(row.link_id == link_id for row in emu.state.inbox)
    for row in rows:
        if row.code in ACCEPTED:
            _report_all(emu, row, () if linked else ("Rejected",), "InvalidLinkId")
    return _answer(_summary(rows), rows)


def fetch(emu: Emulator, last_received: int) -> Json:
    """The inbox above a number."""
    rows = [row for row in emu.state.inbox if row.number > last_received]
    return {"SMSMessageData": {"Messages": [_inbox_row(row) for row in rows]}}


def receive(emu: Emulator, phone: Phone, to: str, text: str, *, on_demand: bool = False) -> Incoming:
    """A subscriber writes to one of the application's numbers."""
    if to not in {*emu.config.short_codes, *emu.config.sender_ids}:
        raise ApiError(422, "to: no number of this application takes messages")
    emu.state.make_room(emu.config.row_limit)
    emu.inbox_number += 1
    link = new_id("ATLink") if on_demand else ""
    row = Incoming(emu.inbox_number, new_id("ATXid"), phone.number, to, text, emu.now(), link)
    emu.state.inbox.append(row)
    fields = {"id": row.id, "from": phone.number, "to": to, "text": text, "date": date(row.at)}
    emu.tell("sms", "incoming", fields | {"linkId": link, "networkCode": phone.network})
    return row


def opt_out(emu: Emulator, phone: Phone, sender: str) -> None:
    """A subscriber wants no more of a sender: later sends get 406."""
    emu.state.opted_out.add((sender, phone.number))
    emu.tell("optout", "optout", {"senderId": sender, "phoneNumber": phone.number})


def opt_in(emu: Emulator, phone: Phone, sender: str) -> None:
    """A subscriber wants messages of a sender again; the provider tells nobody."""
    emu.state.opted_out.discard((sender, phone.number))


def report(emu: Emulator, row: Sms, status: str, reason: str | None = None) -> None:
    """Tell what became of a message."""
    phone = emu.state.phone(row.number, emu.config)
    fields = {"id": row.id, "status": status, "phoneNumber": row.number, "networkCode": phone.network}
    fields["retryCount"] = "0"
    if status in FINAL_FAILURES:
        fields["failureReason"] = reason or phone.failure_reason or emu.config.failure_reason
    emu.tell("delivery", status, fields)


def _send_one(
    emu: Emulator,
    number: str,
    text: str,
    sender: str,
    price: Decimal,
    accepted: int,
    *,
    premium: bool = False,
) -> Sms:
    emu.state.make_room(emu.config.row_limit)
    code = _code(emu, number, sender, accepted)
    if code in ACCEPTED and not emu.pay(price):
        code = 405
    if code not in ACCEPTED:
        return Sms("None", number, sender, text, code, STATUSES[code], "0", premium)
    cost = "0" if premium else money(price, emu.config.currency)
    row = Sms(new_id("ATXid"), number, sender, text, code, STATUSES[code], cost, premium)
    emu.state.sms[row.id] = row
    if not premium:
        _report_all(emu, row)
    return row


def _code(emu: Emulator, number: str, sender: str, accepted: int) -> int:
    if not is_phone(number):
        return 403
    if (sender, number) in emu.state.opted_out:
        return 406
    wanted = number.removeprefix(MAGIC)
    return int(wanted) if len(wanted) == 3 and int(wanted) in STATUSES else accepted


def _report_all(emu: Emulator, row: Sms, reports: tuple[str, ...] = (), reason: str | None = None) -> None:
    phone = emu.state.phone(row.number, emu.config)
    chosen = reports or (emu.config.reports if phone.reports is None else phone.reports)
    emu.engine.spawn(_report_in_turn(emu, row, chosen, reason))


async def _report_in_turn(emu: Emulator, row: Sms, reports: tuple[str, ...], reason: str | None) -> None:
    for status in reports:
        await asyncio.sleep(emu.config.seconds(emu.config.report_delay))
        report(emu, row, status, reason)


def _summary(rows: list[Sms]) -> str:
    return f"Sent to {sum(row.code in ACCEPTED for row in rows)}/{len(rows)}"


def _answer(summary: str, rows: list[Sms]) -> Json:
    return {"SMSMessageData": {"Message": summary, "Recipients": [_recipient(row) for row in rows]}}


def _recipient(row: Sms) -> Json:
    told = {"statusCode": row.code, "number": row.number, "status": row.status}
    return told | {"cost": row.cost, "messageId": row.id}


def _inbox_row(row: Incoming) -> Json:
    told: Json = {"linkId": row.link_id, "text": row.text, "to": row.to, "id": row.number}
    return told | {"date": iso(row.at), "from": row.phone}
