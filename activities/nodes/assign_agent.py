"""Assign the conversation to an agent, a team, or both."""

from typing import ClassVar, Literal

from pydantic import model_validator

from activities.base import Action, Tools
from dsl.messages import Outcome
from dsl.templates import Expr


class AssignAgent(Action):
    """Assign the conversation to an agent, a team, or both; the bot goes on (`transfer_agent` hands over).

    In an inbox without a bot of its own an assigned person has the word from then on.
    """

    recovery: ClassVar[Literal["list", "repeat", "none"]] = "repeat"

    agent: Expr[int] | None = None
    """The agent's id."""
    team: Expr[int] | None = None
    """The team's id."""

    @model_validator(mode="after")
    def _to_somebody(self) -> "AssignAgent":
        if self.agent is None and self.team is None:
            raise ValueError("an assignment names an agent or a team")
        return self

    async def execute(self, tools: Tools) -> Outcome:
        """Being assigned twice is being assigned once."""
        await tools.chatwoot().assign(tools.conversation(), agent=self.agent, team=self.team)
        return Outcome(value={"agent": self.agent, "team": self.team})
