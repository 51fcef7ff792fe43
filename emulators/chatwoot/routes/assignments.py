"""Assignments and labels of a conversation."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from emulators.chatwoot import params
from emulators.chatwoot.auth import Call, may
from emulators.chatwoot.domain import conversations
from emulators.chatwoot.rows import Bot, Conversation, User
from emulators.chatwoot.shapes import directory, people
from emulators.common.replies import reply

router = APIRouter(prefix="/api/v1/accounts/{account_id}/conversations/{conversation_id}")


@router.post("/assignments")
async def assign(call: Annotated[Call, Depends(may("assignments#create"))], conversation_id: int) -> Response:
    """The agent's (or bot's) row, the team's row, or null; an `assignee_id` key hides `team_id`."""
    row = call.emu.state.conversation(call.account.id, conversation_id)
    if "assignee_id" in call.params:
        return _assign_person(call, row)
    if "team_id" in call.params:
        return _assign_team(call, row)
    return reply(None)


@router.get("/labels")
async def labels(call: Annotated[Call, Depends(may("labels#index"))], conversation_id: int) -> Response:
    row = call.emu.state.conversation(call.account.id, conversation_id)
    return reply({"payload": row.label_list})


@router.post("/labels")
async def set_labels(call: Annotated[Call, Depends(may("labels#create"))], conversation_id: int) -> Response:
    """Replace the whole list: labels that are not named are gone."""
    row = call.emu.state.conversation(call.account.id, conversation_id)
    conversations.set_labels(call.emu, row, call.caller, params.strings(call.params, "labels"))
    return reply({"payload": row.label_list})


def _assign_person(call: Call, row: Conversation) -> Response:
    number = params.number(call.params, "assignee_id") or 0
    assignee: User | Bot | None = None
    if call.params.get("assignee_type") == "AgentBot" and call.emu.facts.bot_assignee:
        assignee = call.emu.state.bots.get(number)
    else:
        users = call.emu.state.users_of(call.account.id)
        assignee = next((user for user in users if user.id == number), None)
    conversations.assign(call.emu, row, call.caller, assignee)
    if isinstance(assignee, User):
        return reply(directory.agent(assignee, call.account.id))
    return reply(people.push_person(assignee))


def _assign_team(call: Call, row: Conversation) -> Response:
    team = call.emu.state.teams.get(params.number(call.params, "team_id") or 0)
    own = team if team and team.account_id == call.account.id else None
    conversations.change(call.emu, row, call.caller, team_id=own.id if own else None)
    return reply(directory.team(own) if own else None)
