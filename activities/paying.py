"""What kinds that move money have in common."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field, StringConstraints

from activities.base import Tools
from activities.telecom import PROVIDER
from dsl.model import Json
from dsl.templates import Expr
from providers.africastalking.payments import Payment, PaymentProvider
from providers.errors import Failed

SECONDS = 10.0
"""For one answer of whoever moves money: as long as their client waits."""
Amount = Expr[Annotated[Decimal, Field(gt=0, max_digits=14, decimal_places=4)]]
Currency = Expr[Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]]
"""ISO 4217."""


def payments_of(tools: Tools) -> PaymentProvider:
    """Whoever moves mobile money; `Failed(NOT_CONFIGURED)` where there is nobody."""
    payments = tools.phones().payments
    if payments is None:
        raise Failed("NOT_CONFIGURED", "There is no account for payments.", provider=PROVIDER)
    return payments


def told(payment: Payment) -> dict[str, Json]:
    """A transaction as flows see it: {id, status, amount, currency}, the amount a number."""
    value = payment.value
    shown = {"amount": float(value.amount), "currency": value.currency} if value else {}
    return {"id": payment.id, "status": payment.status, **shown}
