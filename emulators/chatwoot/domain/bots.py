"""Agent bots as administrators keep them."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from emulators.chatwoot.domain import seeds
from emulators.chatwoot.emulator import Emulator
from emulators.chatwoot.errors import Invalid
from emulators.chatwoot.rows import Bot

COLUMNS = {"bot_config": "config"}
EMPTY: dict[str, Any] = {"description": "", "bot_config": {}}


class BotFields(BaseModel):
    """What a caller may say of a bot; only what the request names counts."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    name: str | None = None
    description: str | None = None
    outgoing_url: str | None = None
    bot_type: Literal[0, "webhook"] = 0
    bot_config: dict[str, Any] | None = None


def create(emu: Emulator, account_id: int | None, fields: BotFields) -> Bot:
    """Store a bot, a global one without an account; one without a name is refused."""
    if not fields.name:
        raise Invalid(("name", "Name can't be blank"))
    bot = seeds.add_bot(emu, account_id or 0, seeds.BotSeed(name=fields.name, shared=account_id is None))
    update(bot, fields)
    return bot


def update(bot: Bot, fields: BotFields) -> None:
    """Set what is named."""
    told = fields.model_dump(exclude_unset=True, exclude={"bot_type"})
    if "name" in told and not told["name"]:
        raise Invalid(("name", "Name can't be blank"))
    for name, value in told.items():
        setattr(bot, COLUMNS.get(name, name), EMPTY.get(name) if value is None else value)


def destroy(emu: Emulator, bot: Bot) -> None:
    """Remove a bot; inboxes and conversations are without it."""
    del emu.state.bots[bot.id]
    for inbox in emu.state.inboxes.values():
        inbox.agent_bot_id = None if inbox.agent_bot_id == bot.id else inbox.agent_bot_id
    for row in emu.state.conversations.values():
        row.assignee_agent_bot_id = None if row.assignee_agent_bot_id == bot.id else row.assignee_agent_bot_id
