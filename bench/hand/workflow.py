"""Lead capture as a competent user of Temporal writes it; `local` makes its activities local ones."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from bench.hand.activities import Effects
    from bench.hand.calls import Lead, Say

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
WITHIN = timedelta(seconds=10)
ANSWERED_WITHIN = timedelta(minutes=30)
RETRY = RetryPolicy(maximum_attempts=5)


@dataclass
class Conversation:
    """Whom it is held with."""

    id: int
    contact: int
    local: bool


@workflow.defn
class LeadCapture:
    """Ask the name, ask the address, tell the CRM, thank."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    @workflow.signal
    def hear(self, text: str) -> None:
        """A message of the contact."""
        self.heard.append(text)

    @workflow.run
    async def run(self, conversation: Conversation) -> dict[str, str]:
        """The conversation, start to end."""
        self.local = conversation.local
        self.heard.pop(0)  # what opened it
        try:
            return await self._talk(conversation)
        except TimeoutError:
            return {}

    async def _talk(self, conversation: Conversation) -> dict[str, str]:
        await self._do(Effects.say, Say(conversation.id, "Welcome to Duka Moja!"))
        await self._do(Effects.say, Say(conversation.id, "What is your name?"))
        name = await self._answer()
        await self._do(Effects.say, Say(conversation.id, "What is your email address?"))
        email = await self._answer()
        while not EMAIL.fullmatch(email.strip()):
            await self._do(Effects.say, Say(conversation.id, "Please try again."))
            email = await self._answer()
        lead = Lead(conversation.id, email, f"lead of {name}")
        await self._do(Effects.tell_crm, lead)
        await self._do(Effects.say, Say(conversation.id, f"Thank you, {name}!"))
        await self._do(Effects.remember, conversation.contact, name)
        return {"user_name": name, "user_email": email, "segment": lead.segment}

    async def _answer(self) -> str:
        await workflow.wait_condition(lambda: bool(self.heard), timeout=ANSWERED_WITHIN)
        return self.heard.pop(0)

    async def _do(self, effect: Any, *args: Any) -> None:
        if self.local:
            await workflow.execute_local_activity_method(
                effect, args=args, start_to_close_timeout=WITHIN, retry_policy=RETRY
            )
        else:
            await workflow.execute_activity_method(
                effect, args=args, start_to_close_timeout=WITHIN, retry_policy=RETRY
            )
