"""A branch of the walk: a handler for each kind of node gives what comes next."""

from collections.abc import Awaitable, Callable
from hashlib import sha256

from dsl.spec import Node
from torture.reference.asking import Asking, Next, copied
from torture.reference.case import Json
from torture.reference.frames import EXPIRED, FAIL, HANDOFF, Frame
from torture.reference.schedule import JOINED, Fork, Process, Way
from torture.reference.speaking import code
from torture.reference.timeline import later
from torture.reference.waiting import Nap, seconds
from torture.reference.words import fill, true

LABELS = ("add_label", "remove_label")
LOST = ("failed", "expired")
TURNS = {"for_each": 100_000, "while": 1_000, "until": 1_000}


class Branch(Asking):
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
            return await self._handoff()
        node = self.nodes[id]
        handlers: dict[str, Callable[[Node], Awaitable[Next]]] = {
            "start": self._pass,
            "message": self._message,
            "question": self.question,
            "menu": self.menu,
            "form": self.form,
            "condition": self._condition,
            "switch": self._switch,
            "split": self._split,
            "set_variables": self._set_variables,
            "delay": self._delay,
            "api": self._api,
            "update_contact": self._update_contact,
            "transfer_agent": self._transfer,
            "add_label": self._label,
            "remove_label": self._label,
            "assign_agent": lambda node: self._act(node, node.config),
            "close_conversation": self._close,
            "loop": self._loop,
            "parallel": self._parallel,
            "subflow": self._subflow,
            "end": self._end,
        }
        return await handlers[node.type](node)

    @property
    def nodes(self) -> dict[str, Node]:
        """Those of the flow that is walked."""
        return self.frame.nodes

    # What is said and done

    async def _pass(self, node: Node) -> Next:
        return self.leave(node, "next")

    async def _message(self, node: Node) -> Next:
        fate = await self.say(node, node.config["text"])
        return self.broken(node, fate, spoke=True) or self.leave(node, "next")

    async def _act(self, node: Node, content: Json) -> Next:
        fate = await self.effect(node.id, node.type, content)
        return self.broken(node, fate) or self.leave(node, "next")

    async def _label(self, node: Node) -> Next:
        return await self._act(node, fill(node.config["labels"], self.names()))

    async def _spoken(self, node: Node) -> str | None:
        """Say the node's text, where it has one; where it leads if that fails."""
        if "text" not in node.config:
            return None
        return self.broken(node, await self.say(node, node.config["text"]), spoke=True)

    async def _close(self, node: Node) -> Next:
        return await self._spoken(node) or await self._act(node, None)

    async def _api(self, node: Node) -> Next:
        asked = {part: fill(node.config[part], self.names()) for part in ("url", "body")}
        fate = await self.effect(node.id, "api", asked)
        if left := self.broken(node, fate):
            return left
        if fate.exit == "failure" and not self.frame.edges(node.id, "failure") and node.on_error:
            return self.default(node)
        self.keep(node, fate.value)
        return self.leave(node, fate.exit)

    async def _update_contact(self, node: Node) -> Next:
        attributes = fill(node.config["attributes"], self.names())
        fate = await self.effect(node.id, "update_contact", attributes)
        if left := self.broken(node, fate):
            return left
        self.told.contact |= attributes
        self.frame.values[node.id] = attributes
        return self.leave(node, "next")

    async def _transfer(self, node: Node) -> Next:
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

    async def _handoff(self) -> Next:
        fate = await self.effect(HANDOFF, "transfer_agent", None)
        done = fate.state == "done"
        self.line(HANDOFF, "done", "next" if done else "error")
        self.told.owner, self.cause = ("human", None) if done else (self.told.owner, code(fate))
        return FAIL

    # What is decided, kept and waited for

    async def _condition(self, node: Node) -> Next:
        return self.leave(node, "true" if true(node.config["condition"], self.names()) else "false")

    async def _switch(self, node: Node) -> Next:
        cases = node.config["cases"]
        if isinstance(cases, dict):
            cases = [{"exit": cases[value], "condition": _is(node, value)} for value in sorted(cases)]
        found = (case["exit"] for case in cases if true(case["condition"], self.names()))
        return self.leave(node, next(found, "default"))

    async def _split(self, node: Node) -> Next:
        """sha256 of execution, node and visit, as a number below one, over the weights by name."""
        weights = node.config["weights"]
        named = f"{self.world.case.execution}:{self.frame.path}{node.id}:{self.frame.visits[node.id]}"
        rest = int(sha256(named.encode()).hexdigest()[:12], 16) / 16**12 * sum(weights.values())
        for exit, weight in sorted(weights.items()):
            if rest < weight:
                return self.leave(node, exit)
            rest -= weight
        raise AssertionError("the draw is below one")

    async def _set_variables(self, node: Node) -> Next:
        before = self.names()
        for path in sorted(node.config["set"]):
            self.set(path, fill(node.config["set"][path], before))
        return self.leave(node, "next")

    async def _delay(self, node: Node) -> Next:
        self.world.check()
        self.line(node.id, "waiting")
        due = later(self.time.walked, seconds(node.config["for"]))
        await self.world.rest(self.process, Nap(self, due))
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


def _is(node: Node, value: str) -> Json:
    """Whether what a switch looks at is that value: text, a number or a truth that it spells."""
    plain = {"left": node.config["on"], "operator": "eq", "right": value}
    truth = {"true": "is_true", "false": "is_false"}.get(value)
    return {"any": [plain, {"left": node.config["on"], "operator": truth}]} if truth else plain
