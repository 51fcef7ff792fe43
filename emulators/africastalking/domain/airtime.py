"""Airtime: top-ups, the guard against sending one twice, what is told afterwards."""

import asyncio
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

import orjson

from emulators.africastalking.domain.validation import validated
from emulators.africastalking.emulator import Emulator
from emulators.africastalking.errors import malformed
from emulators.africastalking.rows import Airtime, Json
from emulators.africastalking.texts import is_phone, money, new_id

GUARD_SECONDS = 300
DISCOUNT = Decimal("0.04")
MINIMUM = {"KES": 5, "UGX": 50, "TZS": 500, "NGN": 50, "RWF": 100}
NAMES = {"phoneNumber": "number", "amount": "amount"}
DUPLICATE = {
    "errorMessage": "A duplicate request was received within the last 5 minutes",
    "numSent": 0,
    "totalAmount": "0",
    "totalDiscount": "0",
    "responses": [],
}


class Wanted(NamedTuple):
    """One recipient as asked for, its amount as it was written."""

    number: str
    amount: str


def read(value: Any) -> list[Wanted]:
    """The recipients of a request, as JSON text or a list."""
    try:
        rows = orjson.loads(value) if isinstance(value, str) else value
        wanted = [Wanted(**{NAMES[key]: text for key, text in row.items()}) for row in rows]
    except (ValueError, TypeError, KeyError, AttributeError) as problem:
        raise malformed("form field", "recipients") from problem
    if not wanted or not all(isinstance(text, str) for row in wanted for text in row):
        raise malformed("form field", "recipients")
    return wanted


def send(emu: Emulator, wanted: list[Wanted], key: str | None) -> Json:
    """Top the numbers up, once: a known key and a repeated content are answered without sending."""
    if key and key in emu.state.airtime_keys:
        return emu.state.airtime_keys[key] if emu.config.repeated_key == "replay" else DUPLICATE
    if not key and _repeats(emu, wanted):
        return DUPLICATE
    answer = _send_all(emu, wanted)
    if key:
        emu.state.airtime_keys[key] = answer
    return answer


def find(emu: Emulator, request_id: str) -> Json:
    """What became of a top-up."""
    row = emu.state.airtime.get(request_id)
    if row is None:
        return {"status": "Failure", "errorMessage": "Transaction not found"}
    amount, discount = _money(emu, row.amount), _money(emu, row.discount)
    data = {"phoneNumber": row.number, "amount": amount, "discount": discount}
    return {"status": "Success", "data": data | {"status": row.status, "requestId": row.id}}


def _repeats(emu: Emulator, wanted: list[Wanted]) -> bool:
    last = emu.state.airtime_guard
    recent = any(emu.now() - last.get(_content(row), float("-inf")) < GUARD_SECONDS for row in wanted)
    return recent or len({_content(row) for row in wanted}) < len(wanted)


def _content(row: Wanted) -> tuple[str, str]:
    """A recipient as the guard sees it: `KES 50` and `KES 50.00` are one amount."""
    try:
        currency, amount = row.amount.split(" ")
        return row.number, f"{currency} {Decimal(amount).normalize():f}"
    except (ValueError, InvalidOperation):
        return row.number, row.amount


def _send_all(emu: Emulator, wanted: list[Wanted]) -> Json:
    responses, sent = [], []
    for row in wanted:
        try:
            done = _send_one(emu, row)
            sent.append(done)
            emu.state.airtime_guard[_content(row)] = emu.now()
            responses.append(_told(emu, done))
        except Unsent as problem:
            responses.append(_failed(row, str(problem)))
    total, discount = sum(row.amount for row in sent), sum(row.discount for row in sent)
    return {
        "errorMessage": "None",
        "numSent": len(sent),
        "totalAmount": _money(emu, Decimal(total)) if sent else "0",
        "totalDiscount": _money(emu, Decimal(discount)) if sent else "0",
        "responses": responses,
    }


class Unsent(Exception):
    """A recipient that gets nothing, and why."""


def _send_one(emu: Emulator, wanted: Wanted) -> Airtime:
    amount = _amount(emu, wanted)
    discount = amount * DISCOUNT
    if not is_phone(wanted.number):
        raise Unsent("Invalid phone number")
    emu.state.make_room(emu.config.row_limit)
    if not emu.pay(amount - discount):
        raise Unsent("Insufficient credit")
    row = Airtime(new_id("ATQid"), wanted.number, amount, discount, "Sent")
    emu.state.airtime[row.id] = row
    emu.engine.spawn(_finish(emu, row))
    return row


def _amount(emu: Emulator, wanted: Wanted) -> Decimal:
    try:
        currency, text = wanted.amount.split(" ")
        amount = Decimal(text)
    except (ValueError, InvalidOperation):
        raise Unsent("Invalid amount") from None
    if currency != emu.config.currency:
        raise Unsent("Invalid currency code")
    if not amount.is_finite() or amount < MINIMUM.get(currency, 0) or amount <= 0:
        raise Unsent("Invalid amount")
    return amount


async def _finish(emu: Emulator, row: Airtime) -> None:
    """Ask whether it is wanted, if somebody is to be asked; then tell how it ended."""
    await asyncio.sleep(emu.config.seconds(emu.config.report_delay))
    wanted = await validated(emu, "airtime_validation", row.id, row.number, row.amount)
    good = wanted and emu.state.phone(row.number, emu.config).airtime == "Success"
    row.status = "Success" if good else "Failed"
    if not good:
        emu.balance += row.amount - row.discount
    fields = {
        "requestId": row.id,
        "phoneNumber": row.number,
        "description": "Airtime Delivered Successfully" if good else "Airtime Delivery Failed",
        "status": row.status,
        "value": _money(emu, row.amount),
        "discount": _money(emu, row.discount),
    }
    as_json = not emu.config.airtime_callback_as_form
    emu.tell("airtime", row.status, fields, as_json=as_json)


def _told(emu: Emulator, row: Airtime) -> Json:
    return {
        "phoneNumber": row.number,
        "errorMessage": "None",
        "amount": _money(emu, row.amount),
        "status": "Sent",
        "requestId": row.id,
        "discount": _money(emu, row.discount),
    }


def _failed(wanted: Wanted, problem: str) -> Json:
    return {
        "phoneNumber": wanted.number,
        "errorMessage": problem,
        "amount": wanted.amount,
        "status": "Failed",
        "requestId": "None",
        "discount": "0",
    }


def _money(emu: Emulator, amount: Decimal) -> str:
    return money(amount, emu.config.currency)
