"""How a branch waits, and what an event means to it."""

from collections.abc import Callable
from typing import Literal

from dsl.spec import Interruption, Node
from torture.reference.case import Event
from torture.reference.rests import Said, Wait
from torture.reference.speaking import Speaking

Meaning = Literal["unreadable", "status", "opening", "to_human", "interrupt", "answer"]


class Waiting(Speaking):
    """A branch that hears."""

    heard = Said("")
    word: Interruption | None = None

    async def wait(self, node: Node, longest: str | None, hear: Callable[[Event], str | None]) -> str:
        """The exit a wait ends by; `expired` where only `sessionTtl` gave it a deadline."""
        self.world.check()
        self.line(node.id, "waiting")
        return await self.world.rest(self.process, Wait(self, node, longest, hear))

    def words(self, node: Node) -> dict[str, Interruption]:
        """The words that lead away from a node, as they are compared: small letters, single spaces."""
        every = {_plain(word): told for word, told in self.frame.spec.settings.interrupts.items()}
        wanted = node.config.get("interrupts", True)
        if isinstance(wanted, bool):
            return every if wanted else {}
        return {word: every[word] for word in map(_plain, wanted) if word in every}

    def meaning(self, node: Node, event: Event) -> Meaning:
        """What an event is to a question."""
        if event.kind == "unreadable" or event.kind == "status":
            return event.kind
        if self.world.opens(event):
            return "opening"
        if self.told.owner == "human":
            return "to_human"
        return "interrupt" if _plain(event.text) in self.words(node) else "answer"

    def hear(self, node: Node, event: Event) -> str | None:
        """Take an event in at a question; the exit by which it ends the wait."""
        meaning = self.meaning(node, event)
        if self.world.aside(event):
            return None
        self.world.consumed(event, meaning)
        self.heard, self.word = Said(event.text, event.value), self.words(node).get(_plain(event.text))
        return None if meaning == "to_human" else meaning

    def hand_back(self, event: Event) -> str | None:
        """What an event means while a human has the conversation."""
        status = event.value if event.kind == "status" and event.value["owner"] else {}
        exit = {"resolved": "resolved", "pending": "returned"}.get(status.get("status", ""))
        if exit is not None:
            self.told.owner = "bot"
            self.world.consumed(event, "interrupt")
            return exit
        if not self.world.aside(event):
            self.world.consumed(event, "to_human")
        return None


def _plain(word: str) -> str:
    return " ".join(word.lower().split())
