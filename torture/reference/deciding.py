"""What a branch decides, keeps and waits for at a node."""

from hashlib import sha256

from dsl.spec import Node
from torture.reference.asking import Next
from torture.reference.case import Json
from torture.reference.doing import Doing
from torture.reference.rests import Nap, seconds
from torture.reference.timeline import later
from torture.reference.words import fill, true


class Deciding(Doing):
    """A branch that decides."""

    async def condition(self, node: Node) -> Next:
        """Yes or no."""
        return self.leave(node, "true" if true(node.config["condition"], self.names()) else "false")

    async def switch(self, node: Node) -> Next:
        """The first case that holds."""
        cases = node.config["cases"]
        if isinstance(cases, dict):
            cases = [{"exit": cases[value], "condition": _is(node, value)} for value in sorted(cases)]
        found = (case["exit"] for case in cases if true(case["condition"], self.names()))
        return self.leave(node, next(found, "default"))

    async def split(self, node: Node) -> Next:
        """sha256 of execution, node and visit, as a number below one, over the weights by name."""
        weights = node.config["weights"]
        named = f"{self.world.case.execution}:{self.frame.path}{node.id}:{self.frame.visits[node.id]}"
        rest = int(sha256(named.encode()).hexdigest()[:12], 16) / 16**12 * sum(weights.values())
        for exit, weight in sorted(weights.items()):
            if rest < weight:
                return self.leave(node, exit)
            rest -= weight
        raise AssertionError("the draw is below one")

    async def set_variables(self, node: Node) -> Next:
        """All at once: none sees another."""
        before = self.names()
        for path in sorted(node.config["set"]):
            self.set(path, fill(node.config["set"][path], before))
        return self.leave(node, "next")

    async def delay(self, node: Node) -> Next:
        """A rest of its own."""
        self.world.check()
        self.line(node.id, "waiting")
        due = later(self.time.walked, seconds(node.config["for"]))
        await self.world.rest(self.process, Nap(self, due))
        return self.leave(node, "next")


def _is(node: Node, value: str) -> Json:
    """Whether what a switch looks at is that value: text, a number or a truth that it spells."""
    plain = {"left": node.config["on"], "operator": "eq", "right": value}
    truth = {"true": "is_true", "false": "is_false"}.get(value)
    return {"any": [plain, {"left": node.config["on"], "operator": truth}]} if truth else plain
