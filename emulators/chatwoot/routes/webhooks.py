"""Account webhooks of the account API, for administrators."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Response

from emulators.chatwoot import params
from emulators.chatwoot.auth import Call, may
from emulators.chatwoot.domain.seeds import SUBSCRIBABLE, WebhookSeed, add_webhook
from emulators.chatwoot.errors import Invalid
from emulators.chatwoot.replies import head
from emulators.chatwoot.rows import Webhook
from emulators.chatwoot.shapes import directory
from emulators.chatwoot.state import owned
from emulators.common.replies import reply

router = APIRouter(prefix="/api/v1/accounts/{account_id}/webhooks")


@router.get("")
async def index(call: Annotated[Call, Depends(may("webhooks#index", admin=True))]) -> Response:
    rows = [row for row in call.emu.state.webhooks.values() if row.account_id == call.account.id]
    return reply({"payload": {"webhooks": [directory.webhook(call.emu, row) for row in rows]}})


@router.post("")
async def create(call: Annotated[Call, Depends(may("webhooks#create", admin=True))]) -> Response:
    url, subscriptions = str(call.params.get("url") or ""), _subscriptions(call)
    _validate(call, url, subscriptions, None)
    seed = WebhookSeed(url=url, subscriptions=subscriptions, name=call.params.get("name"))
    return _shown(call, add_webhook(call.emu, call.account.id, seed))


@router.patch("/{webhook_id}")
async def update(
    call: Annotated[Call, Depends(may("webhooks#update", admin=True))], webhook_id: int
) -> Response:
    row = owned(call.emu.state.webhooks.get(webhook_id), call.account.id)
    url = str(call.params.get("url") or row.url)
    subscriptions = _subscriptions(call) if "subscriptions" in call.params else row.subscriptions
    _validate(call, url, subscriptions, row)
    row.url, row.subscriptions = url, subscriptions
    return _shown(call, row)


@router.delete("/{webhook_id}")
async def destroy(
    call: Annotated[Call, Depends(may("webhooks#destroy", admin=True))], webhook_id: int
) -> Response:
    row = owned(call.emu.state.webhooks.get(webhook_id), call.account.id)
    del call.emu.state.webhooks[row.id]
    return head()


def _subscriptions(call: Call) -> list[str]:
    return params.strings(call.params, "subscriptions") if "subscriptions" in call.params else []


def _validate(call: Call, url: str, subscriptions: list[str], own: Webhook | None) -> None:
    if urlsplit(url).scheme not in ("http", "https"):
        raise Invalid(("url", "Url is invalid"))
    if not subscriptions or not SUBSCRIBABLE.issuperset(subscriptions):
        raise Invalid(("subscriptions", "Subscriptions Invalid events"))
    others = [row for row in call.emu.state.webhooks.values() if row is not own]
    if any(row.url == url and row.account_id == call.account.id for row in others):
        raise Invalid(("url", "Url has already been taken"))


def _shown(call: Call, row: Webhook) -> Response:
    return reply({"payload": {"webhook": directory.webhook(call.emu, row)}})
