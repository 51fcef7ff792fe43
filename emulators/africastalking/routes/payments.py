"""`/payments`: withdrawn by the provider; answers in the legacy shape where the setting says so."""

from typing import TypeVar

from fastapi import APIRouter, Response
from pydantic import BaseModel, ValidationError

from emulators.africastalking.calls import Call, Json, Query
from emulators.africastalking.domain import payments
from emulators.africastalking.errors import ApiError, malformed, missing_parameter, not_found
from emulators.common.replies import reply

router = APIRouter(prefix="/payments")
Body = TypeVar("Body", bound=BaseModel)
PAGE = 1_000


@router.post("/mobile/checkout/request")
async def checkout(call: Json) -> Response:
    return reply(payments.checkout(call.emu, _read(payments.Checkout, call)), 201)


@router.post("/mobile/b2c/request")
async def pay_out(call: Json) -> Response:
    return reply(payments.pay_out(call.emu, _read(payments.Payout, call)), 201)


@router.get("/query/transaction/find")
async def find(call: Query) -> Response:
    _offered(call)
    if not call.fields.get("transactionId"):
        raise missing_parameter("transactionId")
    row = call.emu.state.payments.get(call.fields["transactionId"])
    if row is None:
        return reply({"status": "Failure", "errorMessage": "Transaction not found"})
    return reply({"status": "Success", "data": payments.transaction(call.emu, row)})


@router.get("/query/transaction/fetch")
async def fetch(call: Query) -> Response:
    """A page of a product's payments, oldest first; filters are not offered."""
    _offered(call)
    page, count = _number(call, "pageNumber", 10_000), _number(call, "count", PAGE)
    if extra := set(call.fields) - {"username", "productName", "pageNumber", "count"}:
        raise malformed("query parameter", min(extra))
    product = call.fields.get("productName")
    rows = [row for row in call.emu.state.payments.values() if row.product == product]
    shown = rows[(page - 1) * count : page * count]
    told = [payments.transaction(call.emu, row) for row in shown]
    return reply({"status": "Success", "responses": told})


@router.get("/query/wallet/balance")
async def balance(call: Query) -> Response:
    """What the provider was last recorded to say, unless the legacy shape is switched on."""
    if not call.emu.config.payments:
        return reply({"status": "NotAvailable"})
    return reply({"status": "Success", "balance": payments.balance(call.emu)})


def _offered(call: Call) -> None:
    if not call.emu.config.payments:
        raise not_found()


def _read(model: type[Body], call: Call) -> Body:
    _offered(call)
    try:
        return model.model_validate(call.fields)
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise ApiError(400, f"The request content was malformed:\n{where}: {first['msg']}") from problem


def _number(call: Call, name: str, most: int) -> int:
    if name not in call.fields:
        raise missing_parameter(name)
    text = call.fields[name]
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= most):
        raise malformed("query parameter", name)
    return int(text)
