"""The inbox that a flow's trigger names: whether it is there, and what it can show, as Chatwoot tells."""

import asyncio
from collections.abc import Iterator
from typing import Any

from api.parts import Parts
from compiler.bounds import part
from compiler.compile import CompilationResult
from compiler.structure import standing
from dsl.issues import Issue, issue
from dsl.plan import Plan, Say
from providers.chatwoot.content import MESSENGERS, fits
from providers.chatwoot.models import Inbox
from providers.errors import ProviderError

SECONDS = 3.0
"""Nobody waits longer for a flow to be checked."""
POINTER = "/trigger/inboxId"


async def inbox_issues(
    parts: Parts, workspace: str, document: dict[str, Any], result: CompilationResult
) -> list[Issue]:
    """What is wrong with the inbox of the trigger; nothing where no Chatwoot of the workspace is known."""
    trigger = result.spec.trigger if result.spec else None
    if trigger is None or trigger.inbox_id is None or trigger.channel != "chatwoot":
        return []
    main = parts.channels.get("main")
    if parts.chatwoot is None or main is None or workspace != main.workspace:
        return []
    pointer = standing(POINTER, document)
    try:
        async with asyncio.timeout(SECONDS):
            inboxes = await parts.chatwoot.inboxes()
    except (ProviderError, TimeoutError) as problem:
        code = problem.code if isinstance(problem, ProviderError) else "TIMED_OUT"
        text = f"Chatwoot did not tell whether there is an inbox {trigger.inbox_id} ({code})."
        return [issue("INBOX_NOT_CHECKED", text, pointer=pointer)]
    found = next((inbox for inbox in inboxes if inbox.id == trigger.inbox_id), None)
    if found is None:
        return [issue("UNKNOWN_INBOX", _missing(trigger.inbox_id, inboxes), pointer=pointer)]
    return list(_told_as_text(document, result.plan, found)) if result.plan else []


def _missing(id: int, inboxes: list[Inbox]) -> str:
    known = ", ".join(f"{inbox.id} ({inbox.name})" for inbox in inboxes[:8])
    return f"Chatwoot has no inbox {id}, or our user may not see it; there are {known or 'none'}."


def _told_as_text(document: dict[str, Any], plan: Plan, inbox: Inbox) -> Iterator[Issue]:
    """Choices that the inbox's messenger cannot show; what templates make of them is not known yet."""
    if inbox.channel_type not in MESSENGERS:
        return
    told = dict.fromkeys(
        step.node for step in plan.steps.values() if isinstance(step, Say) and _long(step, inbox)
    )
    for node in told:
        text = f"'{inbox.name}' cannot show the choices of '{node}': people read a numbered list."
        yield issue("CHOICES_SHOWN_AS_TEXT", text, node=node, pointer=_place(document, node))


def _long(step: Say, inbox: Inbox) -> bool:
    choices = [(choice.title, choice.value) for choice in step.choices]
    if not choices or "{{" in f"{step.text}{choices}":
        return False
    return not fits(str(step.text), choices, inbox.channel_type, with_files=bool(step.attachments))


def _place(document: dict[str, Any], node: str) -> str:
    """Where a node stands in a document of whatever dialect."""
    nodes = document.get("nodes")
    if isinstance(nodes, dict):
        return standing(f"/nodes{part(node)}", document)
    listed = enumerate(nodes if isinstance(nodes, list) else ())
    return next((f"/nodes/{index}" for index, one in listed if one.get("id") == node), "")
