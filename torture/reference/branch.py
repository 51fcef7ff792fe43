"""A branch of the walk: a handler for each kind of node gives what comes next."""

from collections.abc import Awaitable, Callable

from dsl.spec import Node
from torture.reference.asking import Next, copied
from torture.reference.case import Json
from torture.reference.deciding import Deciding
from torture.reference.frames import EXPIRED, FAIL, HANDOFF, Frame
from torture.reference.processes import JOINED, Fork, Process, Way
from torture.reference.words import fill, true

LOST = ("failed", "expired")
TURNS = {"for_each": 100_000, "while": 1_000, "until": 1_000}


class Branch(Deciding):
    """One branch in one frame."""

    outer: "Branch | None" = None
    """The one that went several ways."""

    async def walk(self, at: str) -> Way:
        """From a node until it is left."""
        while True:
            self.world.check()
            found = await self._visit(at)
            if isinstance(found, Way):
                return found
            if self.home is not None and self.back is None and found == self.home:
                return Way(JOINED)
            at = found

    async def _visit(self, id: str) -> Next:
        self.frame.visits[id] = self.frame.visits.get(id, 0) + 1
        self.number, self.misses, self.process.where = 0, 0, self.frame.path + id
        self.field, self.resumed = self.resumed, 0
        if self.back is not None and self.back[0] == id:
            self.back, self.kept = None, {}  # it found its way by an edge of its own
        if id in (FAIL, EXPIRED):
            self.line(id, "done")
            return self._lost({FAIL: "failed", EXPIRED: "expired"}[id])
        if id == HANDOFF:
            return await self.handoff()
        node = self.nodes[id]
        handlers: dict[str, Callable[[Node], Awaitable[Next]]] = {
            "start": self._pass,
            "message": self.message,
            "question": self.question,
            "menu": self.menu,
            "form": self.form,
            "condition": self.condition,
            "switch": self.switch,
            "split": self.split,
            "set_variables": self.set_variables,
            "delay": self.delay,
            "api": self.api,
            "update_contact": self.update_contact,
            "transfer_agent": self.transfer,
            "add_label": self.label,
            "remove_label": self.label,
            "assign_agent": lambda node: self.act(node, node.config),
            "close_conversation": self.close,
            "loop": self._loop,
            "parallel": self._parallel,
            "subflow": self._subflow,
            "end": self._end,
        }
        return await handlers[node.type](node)

    async def _pass(self, node: Node) -> Next:
        return self.leave(node, "next")

    # Insides

    async def _loop(self, node: Node) -> Next:
        """Opened when it is come to from outside; a turn has a number, and what `for_each` goes through."""
        turning, self.turning = self.turning, False
        if not turning:
            items = fill(node.config.get("items"), self.names())
            self.loops[node.id] = {"items": items, "turn": -1, "names": {}}
        here = self.loops[node.id]
        here["turn"] += 1
        if "index" in node.config:
            here["names"][node.config["index"]] = here["turn"]
        exit = self._turn(node, here["turn"], here["items"])
        if exit != "body":
            del self.loops[node.id]
        elif node.config["mode"] == "for_each":
            here["names"][node.config.get("as", "item")] = here["items"][here["turn"]]
        return self.leave(node, exit, "LOOP_LIMIT" if exit == "limit" else None)

    def _turn(self, node: Node, turn: int, items: Json) -> str:
        mode = node.config["mode"]
        if mode == "for_each":
            over = not isinstance(items, list) or turn >= len(items)
        else:
            met = true(node.config["condition"], self.names())
            over = not met if mode == "while" else turn >= 1 and met
        if over:
            return "done"
        return "limit" if turn >= node.config.get("maxIterations", TURNS[mode]) else "body"

    async def _parallel(self, node: Node) -> Next:
        """A process for each branch; they know the loops around them and no more."""
        exits, join = node.config["branches"], node.config.get("join", "all")
        tolerant = node.config.get("onFailure") == "continue"
        need = {"all": len(exits), "any": 1}[join] if isinstance(join, str) else join
        enough = 0 if join == "all" and tolerant else need
        fork = Fork(exits, need, enough, tolerant, self.process)
        way = await self.world.fork(self.process, [self._begun_at(node, fork, exit) for exit in exits])
        self.process.where = self.frame.path + node.id
        if way.how == "led":
            self.loops, self.kept, self.back = {}, {}, None
            return way.to if self.home is None else way
        if way.how == "back":
            return self._asked_again()
        return way if way.how == "end" else self.leave(node, way.how, way.cause)

    def _begun_at(self, node: Node, fork: Fork, exit: str) -> Process:
        at = self.leave(node, exit)
        process = Process(self.frame.path + at, fork, exit)
        branch = Branch(self.world, process, self.frame, node.id)
        branch.loops, branch.outer = copied(self.loops), self
        process.walk = branch.walk(at)
        return process

    async def _subflow(self, node: Node) -> Next:
        """Another flow, which sees its inputs and no other variable."""
        config, path = node.config, f"{self.frame.path}{node.id}#{self.frame.visits[node.id]}/"
        frame = Frame(self.world.below[config["flow"]], path, fill(config.get("inputs", {}), self.names()))
        way = await Branch(self.world, self.process, frame).walk(frame.start)
        self.process.where = self.frame.path + node.id
        outputs, lost = config.get("outputs", {}), way.outcome in LOST
        if lost and (self.frame.edges(node.id, "failed") or node.on_error is None):
            return self.leave(node, "failed", way.cause or "SUBFLOW_FAILED")
        given = (node.on_error.default if node.on_error else None) if lost else way.results
        for name, of in sorted(outputs.items()):
            self.frame.variables[name] = given.get(of) if isinstance(given, dict) else None
        return self.leave(node, "done")

    # Ends

    async def _end(self, node: Node) -> Next:
        """Of the flow; of no more than a side path, a branch or a subflow, where it is inside of one."""
        results = fill(node.config.get("outputs", {}), self.names())
        outcome = node.config.get("outcome", "completed")
        self.line(node.id, "done")
        if outcome in LOST:
            return self._lost(outcome, results)
        if self._on_side_path():
            return self._asked_again()
        return self._ended(Way("end", outcome=outcome, results=results))

    def _on_side_path(self) -> bool:
        """Whether a question waits to be asked again, of this branch or of one that it was begun by."""
        return self.back is not None or (self.outer is not None and self.outer._on_side_path())

    def _asked_again(self) -> Next:
        """Back at the question, with the loops around it; branches begun on the side path are given up."""
        if self.back is None:
            return Way("back")
        (to, self.resumed), self.loops = self.back, self.kept
        self.back, self.kept, self.cause = None, {}, None
        return to

    def _lost(self, outcome: str, results: dict[str, Json] | None = None) -> Next:
        cause = self.cause if outcome == "failed" else None
        if outcome == "failed" and self.home is not None:
            return Way("failed", cause=cause)
        return self._ended(Way("end", outcome=outcome, cause=cause, results=results))

    def _ended(self, way: Way) -> Way:
        """The end of the frame: that of the first is the end of all."""
        if self.frame.path:
            return way
        self.world.over = True
        told, status = self.told, way.outcome if way.outcome in LOST else "completed"
        told.status, told.reason, told.cause = status, way.outcome, way.cause
        told.results = {} if way.outcome in LOST else way.results or {}
        return way
