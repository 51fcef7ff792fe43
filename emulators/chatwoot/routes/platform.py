"""The platform API of self-hosted installations: tenants and users, by the token of a platform app."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from emulators.chatwoot import params
from emulators.chatwoot.auth import emulator_of, token_of
from emulators.chatwoot.domain import bots, platform
from emulators.chatwoot.domain.platform import Call
from emulators.chatwoot.errors import unauthorized
from emulators.chatwoot.replies import head
from emulators.chatwoot.rows import Account, Json, User
from emulators.chatwoot.shapes import directory
from emulators.chatwoot.state import new_token
from emulators.common.replies import reply

router = APIRouter(prefix="/platform/api/v1")


async def _call(request: Request) -> Call:
    emu, token = emulator_of(request), token_of(request)
    for app in emu.state.platform_apps.values():
        if secrets.compare_digest(app.token.encode(), (token or "").encode()):
            request.state.caller_kind, request.state.caller_id = "platform", app.id
            return Call(emu, app, await params.read(request))
    request.state.caller_kind = "invalid"
    raise unauthorized("Invalid access_token")


Calling = Annotated[Call, Depends(_call)]


@router.post("/users")
async def create_user(call: Calling) -> Response:
    return reply(_user(call, platform.create_user(call, params.parse(platform.UserFields, call.params))))


@router.get("/users/{user_id}")
async def show_user(call: Calling, user_id: int) -> Response:
    return reply(_user(call, call.user(user_id)))


@router.patch("/users/{user_id}")
async def update_user(call: Calling, user_id: int) -> Response:
    user = call.user(user_id)
    platform.update(user, params.parse(platform.UserFields, call.params))
    return reply(_user(call, user))


@router.delete("/users/{user_id}")
async def destroy_user(call: Calling, user_id: int) -> Response:
    del call.emu.state.users[call.user(user_id).id]
    return head()


@router.get("/users/{user_id}/login")
async def login(call: Calling, user_id: int) -> Response:
    """An address that logs the user in, once."""
    email = call.user(user_id).email
    return reply({"url": f"{call.emu.base_url}/app/login?email={email}&sso_auth_token={new_token(64)}"})


@router.post("/users/{user_id}/token")
async def user_token(call: Calling, user_id: int) -> Response:
    user = call.user(user_id)
    return reply({"access_token": user.token, "expiry": None, "user": _user(call, user)})


@router.post("/accounts")
async def create_account(call: Calling) -> Response:
    return reply(_account(platform.create_account(call, params.parse(platform.AccountFields, call.params))))


@router.get("/accounts/{account_id}")
async def show_account(call: Calling, account_id: int) -> Response:
    return reply(_account(call.account(account_id)))


@router.patch("/accounts/{account_id}")
async def update_account(call: Calling, account_id: int) -> Response:
    account = call.account(account_id)
    platform.update(account, params.parse(platform.AccountFields, call.params))
    return reply(_account(account))


@router.delete("/accounts/{account_id}")
async def destroy_account(call: Calling, account_id: int) -> Response:
    del call.emu.state.accounts[call.account(account_id).id]
    return head()


@router.get("/accounts/{account_id}/account_users")
async def members(call: Calling, account_id: int) -> Response:
    account = call.account(account_id)
    return reply([_member(account, user) for user in call.emu.state.users_of(account.id)])


@router.post("/accounts/{account_id}/account_users")
async def join(call: Calling, account_id: int) -> Response:
    account, place = call.account(account_id), params.parse(platform.Membership, call.params)
    user = call.user(place.user_id)
    platform.join(account, user, place.role)
    return reply(_member(account, user))


@router.delete("/accounts/{account_id}/account_users")
async def leave(call: Calling, account_id: int) -> Response:
    account = call.account(account_id)
    call.user(params.number(call.params, "user_id") or 0).account_ids.discard(account.id)
    return head()


@router.get("/agent_bots")
async def list_bots(call: Calling) -> Response:
    own = [bot for bot in call.emu.state.bots.values() if ("bot", bot.id) in call.app.permissible]
    return reply([directory.bot(call.emu, bot, admin=False) | {"access_token": bot.token} for bot in own])


@router.post("/agent_bots")
async def create_bot(call: Calling) -> Response:
    """A global bot, or one of an account by `account_id`."""
    account_id = params.number(call.params, "account_id")
    bot = bots.create(call.emu, account_id, params.parse(bots.BotFields, call.params))
    call.made("bot", bot.id)
    return reply(directory.bot(call.emu, bot, admin=False) | {"access_token": bot.token})


@router.get("/agent_bots/{bot_id}")
async def show_bot(call: Calling, bot_id: int) -> Response:
    return reply(directory.bot(call.emu, call.bot(bot_id), admin=False))


@router.patch("/agent_bots/{bot_id}")
async def update_bot(call: Calling, bot_id: int) -> Response:
    bot = call.bot(bot_id)
    bots.update(bot, params.parse(bots.BotFields, call.params))
    return reply(directory.bot(call.emu, bot, admin=False))


@router.delete("/agent_bots/{bot_id}")
async def destroy_bot(call: Calling, bot_id: int) -> Response:
    bots.destroy(call.emu, call.bot(bot_id))
    return head()


def _user(call: Call, row: User) -> Json:
    accounts = (call.emu.state.accounts.get(number) for number in sorted(row.account_ids))
    return {
        "id": row.id,
        "name": row.name,
        "display_name": None,
        "email": row.email,
        "access_token": row.token,
        "custom_attributes": {},
        "accounts": [{"id": one.id, "name": one.name, "role": row.role} for one in accounts if one],
    }


def _account(row: Account) -> Json:
    return {"id": row.id, "name": row.name, "status": row.status}


def _member(account: Account, user: User) -> Json:
    return {"account_id": account.id, "user_id": user.id, "role": user.role}
