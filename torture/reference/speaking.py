"""What a branch does to the world, and how it leaves a node."""

from dsl.spec import Node
from torture.reference.case import FIRST_ID, Done, Fate, Json, Line
from torture.reference.frames import EXITS, Frame
from torture.reference.processes import Flight, Process
from torture.reference.shared import World
from torture.reference.words import fill_text


class Speaking:
    """A branch inside of one frame."""

    def __init__(self, world: World, process: Process, frame: Frame, home: str | None = None) -> None:
        self.world, self.process, self.frame, self.home = world, process, frame, home
        self.time, self.told = world.time, world.told
        self.loops = dict[str, dict[str, Json]]()
        """What open loops are at, by node, the outermost first."""
        self.turning = False
        """Whether it comes to a loop from inside its body."""
        self.back: tuple[str, int] | None = None
        """The question, and its field, that a word led away from."""
        self.kept = dict[str, dict[str, Json]]()
        """The loops that were open there."""
        self.number, self.misses = 0, 0
        self.cause: str | None = None

    @property
    def nodes(self) -> dict[str, Node]:
        """Those of the flow that is walked."""
        return self.frame.nodes

    async def say(self, node: Node, text: str) -> Fate:
        """Speak, unless a human has the word."""
        if self.told.owner == "human":
            return Fate()
        done = await self._done(node.id, "send_message", fill_text(text, self.names()))
        return self._sent(done)

    def interject(self, node: Node, text: str) -> None:
        """Speak during a wait: nothing else goes on meanwhile."""
        if self.told.owner == "bot":
            done = self._begun(node.id, "send_message", fill_text(text, self.names()))
            self._spend(done)
            self._sent(done)

    async def effect(self, node: str, activity: str, content: Json) -> Fate:
        """Something is done."""
        return self._fate(await self._done(node, activity, content))

    async def _done(self, node: str, activity: str, content: Json) -> Done:
        """An effect, beside what other branches do where there are any."""
        self.world.check()
        done = self._begun(node, activity, content)
        if len(self.world.live) > 1:
            await self.world.fly(Flight(self.world.ends_at(done), self.process, done))
        else:
            self._spend(done)
        return done

    def _begun(self, node: str, activity: str, content: Json) -> Done:
        self.number += 1
        key = self.frame.path + node, self.frame.visits[node], self.number
        return Done(*key, activity, content, self.world.case.fate(*key).state)

    def _spend(self, done: Done) -> None:
        self.time.spend(self.world.ends_at(done))
        self.world.landed(done)

    def _fate(self, done: Done) -> Fate:
        return self.world.case.fate(*done[:3])

    def _sent(self, done: Done) -> Fate:
        """What is older than our first message answers nothing."""
        if done.state == "done" and not self.world.first_sent:
            seen = self.world.case.seen.get(done[:3])
            self.world.first_sent = (seen and seen.id) or FIRST_ID + self.world.sent - 1
        return self._fate(done)

    # Exits

    def broken(self, node: Node, fate: Fate, *, spoke: bool = False) -> str | None:
        """Where an effect leads that was not done; a message whose end is unknown is taken as sent."""
        if fate.state == "unknown" and self.frame.edges(node.id, "unknown"):
            return self.leave(node, "unknown", code(fate))
        if fate.state == "done" or (fate.state == "unknown" and spoke):
            return None
        if node.on_error is not None and not self.frame.edges(node.id, "error"):
            return self.default(node)
        return self.leave(node, "error", code(fate))

    def default(self, node: Node) -> str:
        """`onError: {"default": value}`: out by the default exit with this value."""
        self.keep(node, node.on_error.default if node.on_error else None)
        return self.leave(node, EXITS[node.type][0])

    def keep(self, node: Node, value: Json) -> None:
        """The node's value, and where it is saved."""
        self.frame.values[node.id] = value
        if "saveTo" in node.config:
            self.frame.variables[node.config["saveTo"]] = value

    def leave(self, node: Node, exit: str, cause: str | None = None) -> str:
        """By an exit; the node that comes next. Loops are left with their bodies."""
        self.line(node.id, "done", exit)
        self.cause = cause
        branch = self.home is not None and self.back is None
        to = self.frame.target(node.id, exit, self.names(), branch)
        for loop in reversed([*self.loops]):
            body = self.frame.body(loop)
            if node.id in body or (node.id == loop and exit == "body"):
                self.turning = self.turning or to == loop
                if to != loop and to not in body:
                    del self.loops[loop]
        return to

    def names(self) -> dict[str, Json]:
        """What templates see."""
        fixed = {"contact": self.told.contact, "trigger": self.world.trigger, "nodes": self.frame.values}
        named = {name: value for loop in self.loops.values() for name, value in loop["names"].items()}
        return {**self.frame.variables, **fixed, **named}

    def line(self, node: str, phase: str, exit: str | None = None) -> None:
        """A line of the record."""
        self.told.path.append(Line(self.frame.path + node, phase, exit))


def code(fate: Fate) -> str:
    """Of an effect that was not done."""
    return "OUTCOME_UNKNOWN" if fate.state == "unknown" else fate.code
