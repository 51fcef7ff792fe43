"""Greet somebody in their language."""

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field

from activities.base import Action, Tools
from dsl.messages import Outcome
from dsl.spec import Name
from dsl.templates import Text

GREETINGS = {"en": "Hello", "sw": "Habari", "fr": "Bonjour"}


class Greeting(Action):
    """Put a greeting into a variable. Leaves by `stranger` where there is nobody to greet."""

    aliases: ClassVar[tuple[str, ...]] = ("greet",)
    exits: ClassVar[tuple[str, ...]] = ("next", "stranger")

    who: Text
    """Whom to greet."""
    language: Literal["en", "sw", "fr"] = "en"
    save_to: Name = Field(default="greeting")
    """The variable that takes it."""

    def is_effect(self) -> bool:
        """It changes nothing, so it needs no ledger and may be done again."""
        return False

    def saves_to(self) -> str | None:
        """The author's variable."""
        return self.save_to

    def sets(self) -> Iterator[str]:
        """For the compiler: who reads the variable later reads something."""
        yield self.save_to

    async def execute(self, tools: Tools) -> Outcome:
        """Whatever lies outside is reached by `tools` alone: here nothing does."""
        if not self.who.strip():
            return Outcome(exit="stranger")
        return Outcome(value=f"{GREETINGS[self.language]}, {self.who.strip()}!")
