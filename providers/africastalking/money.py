"""Amounts of money as the provider writes them: `KES 0.8000`, `0`, `None`."""

import re
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from dsl.model import Message

_WRITTEN = re.compile(r"(?:([A-Za-z]{3})\s+)?(-?[0-9]{1,15}(?:\.[0-9]{1,8})?)", re.ASCII)


class Money(Message):
    """An amount in a currency (ISO 4217; None where the provider tells none)."""

    amount: Annotated[Decimal, Field(max_digits=23, decimal_places=8, allow_inf_nan=False)]
    currency: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")

    def __str__(self) -> str:
        return f"{self.currency} {self.amount:f}" if self.currency else f"{self.amount:f}"

    def same(self, other: "Money") -> bool:
        """Equal in worth: `KES 50` is `KES 50.0000`."""
        return (self.currency, self.amount) == (other.currency, other.amount)


def read_money(written: object) -> Money | None:
    """What a text or number says; None where it says no amount (`None`, an unknown format)."""
    if isinstance(written, bool) or not isinstance(written, str | int | float | Decimal):
        return None
    found = _WRITTEN.fullmatch(str(written).replace(",", "").strip())
    if found is None:
        return None
    currency = found[1].upper() if found[1] else None
    return Money(amount=Decimal(found[2]), currency=currency)
