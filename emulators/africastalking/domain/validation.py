"""Asking the customer's own service before money moves."""

from decimal import Decimal
from typing import Any, Literal

import orjson

from emulators.africastalking.callbacks import callback
from emulators.africastalking.emulator import Emulator


async def validated(
    emu: Emulator,
    channel: Literal["airtime_validation", "payment_validation"],
    id: str,
    number: str,
    amount: Decimal,
    **more: Any,
) -> bool:
    """Whether it answered `{"status": "Validated"}`; where nobody is to be asked, that is a yes."""
    url = getattr(emu.config.callbacks, channel)
    if url is None:
        return True
    fields = {
        "transactionId": id,
        "phoneNumber": number,
        "sourceIpAddress": "127.0.0.1",
        "currencyCode": emu.config.currency,
        "amount": f"{amount:.4f}",
        **more,
    }
    asked = callback(channel, "validate", url, fields, as_json=True)
    verdict = await emu.engine.turn(asked, emu.config.webhook_timeout)
    try:
        return verdict.status == 200 and bool(orjson.loads(verdict.body) == {"status": "Validated"})
    except orjson.JSONDecodeError:
        return False
