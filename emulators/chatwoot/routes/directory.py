"""Inboxes, agents, teams, labels and agent bots of the account API."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from emulators.chatwoot import params
from emulators.chatwoot.auth import Call, may
from emulators.chatwoot.domain import bots as bots_of
from emulators.chatwoot.domain import seeds
from emulators.chatwoot.errors import not_found, unprocessable
from emulators.chatwoot.replies import head
from emulators.chatwoot.rows import Bot, User
from emulators.chatwoot.shapes import directory
from emulators.chatwoot.state import found, new_token, owned
from emulators.common.replies import reply

router = APIRouter(prefix="/api/v1/accounts/{account_id}")


@router.get("/inboxes")
async def inboxes(call: Annotated[Call, Depends(may("inboxes#index"))]) -> Response:
    rows = [row for row in call.emu.state.inboxes.values() if row.account_id == call.account.id]
    payload = [directory.inbox(call.emu, row, admin=_is_admin(call)) for row in rows]
    return reply({"payload": payload})


@router.post("/inboxes")
async def create_inbox(call: Annotated[Call, Depends(may("inboxes#create", admin=True))]) -> Response:
    """Create an API inbox: `{"name", "channel": {"type": "api", "webhook_url"}}`."""
    channel = params.mapping(call.params, "channel")
    if channel.get("type") != "api":
        raise unprocessable("The emulator creates inboxes of type api only; seed the others")
    seed = seeds.InboxSeed(name=str(call.params.get("name")), webhook_url=channel.get("webhook_url"))
    inbox = seeds.add_inbox(call.emu, call.account.id, seed)
    return reply(directory.inbox(call.emu, inbox, admin=True))


@router.get("/inboxes/{inbox_id}")
async def show_inbox(call: Annotated[Call, Depends(may("inboxes#show"))], inbox_id: int) -> Response:
    row = call.emu.state.inbox(call.account.id, inbox_id)
    return reply(directory.inbox(call.emu, row, admin=_is_admin(call)))


@router.get("/inboxes/{inbox_id}/agent_bot")
async def inbox_bot(call: Annotated[Call, Depends(may("inboxes#agent_bot"))], inbox_id: int) -> Response:
    bot = call.emu.state.bots.get(call.emu.state.inbox(call.account.id, inbox_id).agent_bot_id or 0)
    return reply({"agent_bot": directory.bot(call.emu, bot, admin=_is_admin(call)) if bot else {}})


@router.post("/inboxes/{inbox_id}/set_agent_bot")
async def set_inbox_bot(
    call: Annotated[Call, Depends(may("inboxes#set_agent_bot", admin=True))], inbox_id: int
) -> Response:
    """Connect a bot, or with null disconnect it."""
    inbox = call.emu.state.inbox(call.account.id, inbox_id)
    number = params.number(call.params, "agent_bot")
    inbox.agent_bot_id = _bot(call, number).id if number is not None else None
    return head()


@router.get("/agents")
async def agents(call: Annotated[Call, Depends(may("agents#index"))]) -> Response:
    rows = call.emu.state.users_of(call.account.id)
    return reply([directory.agent(row, call.account.id) for row in rows])


@router.get("/teams")
async def teams(call: Annotated[Call, Depends(may("teams#index"))]) -> Response:
    rows = call.emu.state.teams.values()
    return reply([directory.team(row) for row in rows if row.account_id == call.account.id])


@router.get("/labels")
async def labels(call: Annotated[Call, Depends(may("account_labels#index"))]) -> Response:
    rows = call.emu.state.labels.values()
    return reply({"payload": [directory.label(row) for row in rows if row.account_id == call.account.id]})


@router.get("/agent_bots")
async def bots(call: Annotated[Call, Depends(may("agent_bots#index"))]) -> Response:
    rows = [row for row in call.emu.state.bots.values() if row.account_id in (None, call.account.id)]
    return reply([directory.bot(call.emu, row, admin=_is_admin(call)) for row in rows])


@router.post("/agent_bots")
async def create_bot(call: Annotated[Call, Depends(may("agent_bots#create", admin=True))]) -> Response:
    bot = bots_of.create(call.emu, call.account.id, params.parse(bots_of.BotFields, call.params))
    return reply(directory.bot(call.emu, bot, admin=True))


@router.get("/agent_bots/{bot_id}")
async def show_bot(call: Annotated[Call, Depends(may("agent_bots#show"))], bot_id: int) -> Response:
    return reply(directory.bot(call.emu, _bot(call, bot_id), admin=_is_admin(call)))


@router.patch("/agent_bots/{bot_id}")
async def update_bot(
    call: Annotated[Call, Depends(may("agent_bots#update", admin=True))], bot_id: int
) -> Response:
    bot = _own_bot(call, bot_id)
    bots_of.update(bot, params.parse(bots_of.BotFields, call.params))
    return reply(directory.bot(call.emu, bot, admin=True))


@router.delete("/agent_bots/{bot_id}")
async def destroy_bot(
    call: Annotated[Call, Depends(may("agent_bots#destroy", admin=True))], bot_id: int
) -> Response:
    bots_of.destroy(call.emu, _own_bot(call, bot_id))
    return head()


@router.post("/agent_bots/{bot_id}/reset_access_token")
async def reset_bot_token(
    call: Annotated[Call, Depends(may("agent_bots#reset_access_token", admin=True))], bot_id: int
) -> Response:
    """The old token is worth nothing from now on."""
    bot = _own_bot(call, bot_id)
    bot.token = new_token()
    return reply(directory.bot(call.emu, bot, admin=True))


@router.post("/agent_bots/{bot_id}/reset_secret")
async def reset_bot_secret(
    call: Annotated[Call, Depends(may("agent_bots#reset_secret", admin=True))], bot_id: int
) -> Response:
    if not call.emu.facts.signed:
        raise not_found()
    bot = _own_bot(call, bot_id)
    bot.secret = new_token(call.emu.config.secret_length)
    return reply(directory.bot(call.emu, bot, admin=True))


def _bot(call: Call, number: int) -> Bot:
    bot = call.emu.state.bots.get(number)
    return found(bot if bot and bot.account_id in (None, call.account.id) else None)


def _own_bot(call: Call, number: int) -> Bot:
    """A global bot can be looked at, and changed by nobody in an account."""
    return owned(call.emu.state.bots.get(number), call.account.id)


def _is_admin(call: Call) -> bool:
    return isinstance(call.caller, User) and call.caller.role == "administrator"
