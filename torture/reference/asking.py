"""Questions of every form, and the words that lead away from them."""

from math import inf
from typing import Any

from dsl.spec import Node
from torture.reference.answers import SORRY, expects, left_out, read
from torture.reference.case import Json
from torture.reference.processes import Way
from torture.reference.waiting import Waiting

TRIES = 3
Next = str | Way
Loops = dict[str, dict[str, Json]]


def copied(loops: Loops) -> Loops:
    """Open loops, as they are now."""
    return {id: {**loop, "names": {**loop["names"]}} for id, loop in loops.items()}


class Asking(Waiting):
    """A branch that asks."""

    answer: Json = None
    field, resumed = 0, 0
    """The one of a form that is asked, and the one that is to be asked again; from 1."""

    async def question(self, node: Node) -> Next:
        """One answer."""
        if left := await self._ask(node, node.config, node.config["text"]):
            return left
        self.frame.variables[node.config["saveTo"]] = self.answer
        own = expects(node.config) == "choice" and self.frame.edges(node.id, self.answer)
        return self.leave(node, str(self.answer) if own else "answer")

    async def menu(self, node: Node) -> Next:
        """A way for each choice."""
        if left := await self._ask(node, {**node.config, "expects": "choice"}, node.config["text"]):
            return left
        if "saveTo" in node.config:
            self.frame.variables[node.config["saveTo"]] = self.answer
        return self.leave(node, self.answer)

    async def form(self, node: Node) -> Next:
        """One answer after another; what was asked before a word led away is not asked again."""
        into, fields, begun = node.config.get("saveTo"), node.config["fields"], self.field
        if not begun:
            nothing: dict[str, Json] = {into: {}} if into else {field["name"]: None for field in fields}
            self.frame.variables |= nothing
        if "text" in node.config and not begun:
            said = await self.say(node, node.config["text"])
            if left := self.broken(node, said, spoke=True):
                return left
        for place, field in enumerate(fields[max(begun - 1, 0) :], start=max(begun, 1)):
            self.field = place
            if failed := await self._field(node, field):
                return failed
            if self.answer is not None:
                self.set(f"{into}.{field['name']}" if into else field["name"], self.answer)
        return self.leave(node, "answer")

    async def _field(self, node: Node, field: dict[str, Any]) -> Next | None:
        label = field.get("label", field["name"])
        text = label if field.get("required", True) else f"{label}\n(Write - to leave it out.)"
        return await self._ask(node, field, text)

    async def _ask(self, node: Node, asked: dict[str, Any], text: str) -> Next | None:
        """Ask until there is an `answer` (None: left out); else where the walk goes instead."""
        fate = await self.say(node, text)
        while not (left := self.broken(node, fate, spoke=True)):
            exit = await self.wait(node, node.config.get("timeout"), lambda event: self.hear(node, event))
            if exit in ("timeout", "expired"):
                return self.leave(node, exit)
            if exit == "interrupt":
                return self._interrupted(node)
            skipped = left_out(asked, self.heard)
            self.answer = None if skipped else read(asked, self.heard)
            if skipped or self.answer is not None:
                return None
            self.misses += 1
            if self.misses >= self._most_tries(node):
                return self.leave(node, "invalid")
            again = f"{SORRY[expects(asked)]}\n\n{text}"
            fate = await self.say(node, node.config.get("invalidText", again))
        return left

    def _interrupted(self, node: Node) -> Next:
        """By the node's own exit where it is drawn, else to the flow's node, out of all that is around."""
        word, drawn = self.word, self.frame.edges(node.id, "interrupt")
        assert word is not None
        if not word.return_:
            self.back, self.kept = None, {}
        elif self.back is None:
            self.back, self.kept = (node.id, self.field), copied(self.loops)
        if drawn:
            return self.leave(node, "interrupt")
        self.loops.clear()
        self.line(node.id, "done", "interrupt")
        self.cause = None
        return word.to if self.home is None or word.return_ else Way("led", to=word.to)

    def _most_tries(self, node: Node) -> float:
        given = node.config.get("maxTries", TRIES if self.frame.edges(node.id, "invalid") else inf)
        return float(given)

    def set(self, path: str, value: Json) -> None:
        """A variable, or what is inside of one."""
        *heads, last = path.split(".")
        here = self.frame.variables
        for head in heads:
            inner = here.get(head)
            here[head] = dict(inner) if isinstance(inner, dict) else {}
            here = here[head]
        here[last] = value
