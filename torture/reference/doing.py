"""What a branch says and does at a node."""

from dsl.spec import Node
from torture.reference.asking import Asking, Next
from torture.reference.case import Json
from torture.reference.frames import FAIL, HANDOFF
from torture.reference.speaking import code
from torture.reference.words import fill


class Doing(Asking):
    """A branch that acts."""

    async def message(self, node: Node) -> Next:
        """Said, and on."""
        fate = await self.say(node, node.config["text"])
        return self.broken(node, fate, spoke=True) or self.leave(node, "next")

    async def act(self, node: Node, content: Json) -> Next:
        """Done, and on."""
        fate = await self.effect(node.id, node.type, content)
        return self.broken(node, fate) or self.leave(node, "next")

    async def label(self, node: Node) -> Next:
        """Labels, filled in."""
        return await self.act(node, fill(node.config["labels"], self.names()))

    async def _spoken(self, node: Node) -> str | None:
        """Say the node's text, where it has one; where it leads if that fails."""
        if "text" not in node.config:
            return None
        return self.broken(node, await self.say(node, node.config["text"]), spoke=True)

    async def close(self, node: Node) -> Next:
        """A last word, and the conversation is closed."""
        return await self._spoken(node) or await self.act(node, None)

    async def api(self, node: Node) -> Next:
        """A call, and which way its answer leads."""
        asked = {part: fill(node.config[part], self.names()) for part in ("url", "body")}
        fate = await self.effect(node.id, "api", asked)
        if left := self.broken(node, fate):
            return left
        if fate.exit == "failure" and not self.frame.edges(node.id, "failure") and node.on_error:
            return self.default(node)
        self.keep(node, fate.value)
        return self.leave(node, fate.exit)

    async def update_contact(self, node: Node) -> Next:
        """What is known of the contact."""
        attributes = fill(node.config["attributes"], self.names())
        fate = await self.effect(node.id, "update_contact", attributes)
        if left := self.broken(node, fate):
            return left
        self.told.contact |= attributes
        self.frame.values[node.id] = attributes
        return self.leave(node, "next")

    async def transfer(self, node: Node) -> Next:
        """To people, and perhaps back."""
        waits = self.frame.edges(node.id, "resolved") or self.frame.edges(node.id, "returned")
        if left := await self._spoken(node):
            return left
        fate = await self.effect(node.id, "transfer_agent", None)
        if left := self.broken(node, fate):
            return left
        self.told.owner, self.frame.values[node.id] = "human", {"status": "open"}
        if not waits or node.config.get("resumeOn") == "never":
            return self.leave(node, "next")
        exit = await self.wait(node, node.config.get("returnAfter"), self.hand_back)
        return self.leave(node, "returned" if exit == "timeout" else exit)

    async def handoff(self) -> Next:
        """The same without a node, where an error leads to."""
        fate = await self.effect(HANDOFF, "transfer_agent", None)
        done = fate.state == "done"
        self.line(HANDOFF, "done", "next" if done else "error")
        self.told.owner, self.cause = ("human", None) if done else (self.told.owner, code(fate))
        return FAIL
