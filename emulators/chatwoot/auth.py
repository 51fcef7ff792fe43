"""Who calls: tokens, the bot allow-list, access to the account."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import Request

from emulators.chatwoot import params
from emulators.chatwoot.emulator import Emulator
from emulators.chatwoot.errors import ApiError, denied, not_found, unauthorized
from emulators.chatwoot.rows import Account, Bot, Json, User

Caller = User | Bot
SIGN_IN = {"errors": ["You need to sign in or sign up before continuing."]}


@dataclass(slots=True)
class Call:
    """One authorised call of the account API with its parameters."""

    emu: Emulator
    account: Account
    caller: Caller
    params: Json


def emulator_of(request: Request) -> Emulator:
    """The installation this application serves."""
    emulator: Emulator = request.app.state.emulator
    return emulator


def may(action: str, *, admin: bool = False) -> Callable[[Request, int], Awaitable[Call]]:
    """A dependency that lets a caller do `controller#action`, or answers with Chatwoot's refusal."""

    async def authorised(request: Request, account_id: int) -> Call:
        emu = emulator_of(request)
        emu.throttle.count(f"ip:{_host(request)}", emu.config.requests_per_minute)
        caller = _authenticate(emu, request)
        if isinstance(caller, Bot) and action not in emu.facts.bot_actions:
            raise unauthorized("Access to this endpoint is not authorized for bots")
        account = _account_for(emu, caller, account_id)
        if admin and isinstance(caller, User) and caller.role != "administrator":
            raise denied()
        return Call(emu, account, caller, await params.read(request))

    return authorised


def _authenticate(emu: Emulator, request: Request) -> Caller:
    token = token_of(request)
    if token is None:
        raise ApiError(401, dict(SIGN_IN))
    owners: list[Caller] = [*emu.state.users.values(), *emu.state.bots.values()]
    for owner in owners:
        if secrets.compare_digest(owner.token.encode(), token.encode()):
            request.state.caller_kind = "bot" if isinstance(owner, Bot) else "user"
            request.state.caller_id = owner.id
            return owner
    request.state.caller_kind = "invalid"
    raise unauthorized("Invalid Access Token")


def token_of(request: Request) -> str | None:
    """The token of the request; proxies in front of many installations drop the underscore form."""
    emu = emulator_of(request)
    bearer = request.headers.get("authorization", "")
    if emu.config.bearer_tokens and bearer.startswith("Bearer "):
        return bearer.removeprefix("Bearer ")
    dashed = request.headers.get("api-access-token")
    if emu.config.drop_underscore_headers:
        return dashed
    return request.headers.get("api_access_token") or dashed


def _account_for(emu: Emulator, caller: Caller, account_id: int) -> Account:
    account = emu.state.accounts.get(account_id)
    if account is None:
        raise not_found()
    if account.status != "active":
        raise unauthorized("Account is suspended")
    if isinstance(caller, Bot):
        if not _bot_belongs(emu, caller, account_id):
            raise unauthorized("Bot is not authorized to access this account")
    elif account_id not in caller.account_ids:
        raise unauthorized("You are not authorized to access this account")
    return account


def _bot_belongs(emu: Emulator, bot: Bot, account_id: int) -> bool:
    if emu.facts.own_account_suffices and bot.account_id == account_id:
        return True
    inboxes = emu.state.inboxes.values()
    return any(inbox.agent_bot_id == bot.id and inbox.account_id == account_id for inbox in inboxes)


def _host(request: Request) -> str:
    return request.client.host if request.client else "-"
