"""A flow while it is being drawn: what a maker of nodes draws with."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from tests.model.dice import Dice

Json = Any

VARIABLES = ("a", "b", "c")
CHOICES: tuple[dict[str, Json], ...] = (
    {"value": "red", "title": "Red", "synonyms": ["crimson"]},
    {"value": "blue"},
    {"value": "very green", "title": "Green"},
)
KINDS = (
    *("question",) * 6,
    *("message",) * 4,
    *("condition", "set_variables", "delay", "api", "menu", "form") * 2,
    *("transfer_agent", "update_contact", "switch", "split"),
    *("add_label", "remove_label", "assign_agent", "close_conversation"),
)
ASKING = ("question", "menu", "form")
NESTS = ("loop",) * 3 + ("parallel",) * 4 + ("subflow",) * 6
"""What has nodes inside of it."""
WORDS = ("agent", "Help  me", "yes")
"""What may lead away from a question."""
BRANCHES = ("x", "y", "z")
DEEPEST = 2
TEMPLATES = (
    "{{a}}",
    "{{b}}",
    "{{c.k}}",
    "{{a | upper}}",
    "{{b | default:'none'}}",
    "{{contact.name | default:'you'}}",
    "{{trigger.message.text}}",
)
PATTERNS = ("^[a-z]+$", "[0-9]", "(?i)^RED$", "e.?s?$", "^$")
LITERALS: tuple[Json, ...] = (0, 7, 2.5, True, False, "yes", "", ["x", "y"], {"k": 1})


class Pace(NamedTuple):
    """How long things take, in seconds; with `ends` every wait ends by itself and no timer leads back."""

    timeouts: tuple[int, ...] = (20, 30, 60)
    reminders: tuple[int, ...] = (5, 10, 40)
    delays: tuple[int, ...] = (15, 40)
    ttls: tuple[int | None, ...] = (None, 45, 100)
    quiet: tuple[int, ...] = (1, 3, 6)
    ends: bool = False
    nests: tuple[str, ...] = NESTS


VIRTUAL = Pace()
PLAIN = Pace(nests=())


class Below(NamedTuple):
    """A flow that may be walked as a subflow, and whether it waits for people."""

    id: str
    waits: bool


class Drawing:
    """A flow that is being drawn, or the inside of one of its nodes: `kinds` by id in order, ends last.

    Inside, what stands last is the node that is led back to.
    """

    around: "Drawing | None" = None
    asks, branch = True, False
    """Whether it may wait for people; whether it is walked beside others."""

    def __init__(self, dice: Dice, pace: Pace, kinds: dict[str, str], makers: "Makers") -> None:
        self.makers, self.dice, self.one, self.maybe, self.some = (
            makers,
            dice,
            dice.one,
            dice.maybe,
            dice.some,
        )
        self.pace, self.kinds = pace, kinds
        self.templates: tuple[str, ...] = TEMPLATES
        self.edges: list[dict[str, Json]] = []
        self.nodes: list[dict[str, Json]] = []
        self.on_errors: dict[str, dict[str, Json]] = {}
        self.ends = [id for id, kind in kinds.items() if kind == "end"]
        self.words: dict[str, dict[str, Json]] = {}
        self.below: tuple[Below, ...] = ()

    def inside(self, id: str, kinds: dict[str, str], *, asks: bool, branch: bool) -> "Drawing":
        """The inside of a node."""
        inner = Drawing(self.dice, self.pace, {"": "", **kinds, id: ""}, self.makers)
        inner.around, inner.asks, inner.branch = self, asks, branch
        inner.edges, inner.nodes, inner.on_errors = self.edges, self.nodes, self.on_errors
        inner.ends, inner.words, inner.below = self.ends, self.words, self.below
        inner.templates = self.templates
        return inner

    @property
    def depth(self) -> int:
        """How many nodes it is inside of."""
        return 1 + self.around.depth if self.around else 0

    @property
    def forked(self) -> bool:
        """Whether it is walked beside anything."""
        return self.branch or bool(self.around and self.around.forked)

    def text(self, stem: str) -> str:
        """A text that mostly shows a variable."""
        return f"{stem} {self.one(*self.templates, '')}".strip()

    def onward(self, id: str) -> str:
        """A node behind this one, most often the next; now and then out of what it is inside of."""
        if self.around is not None and self.maybe(12):
            return self.one(*self.ends) if self.branch else self.around.onward(list(self.kinds)[-1])
        behind = list(self.kinds)[list(self.kinds).index(id) + 1 :]
        return self.one(*behind[:1] * 3 * len(behind), *behind)

    def anywhere(self, id: str) -> str:
        """Any node but the start: only out of what waited."""
        free = self.around is None and not self.maybe()
        return self.one(*list(self.kinds)[1:]) if free else self.onward(id)

    def back(self, id: str) -> str:
        """Where an exit leads that no person chose."""
        return self.onward(id) if self.pace.ends else self.anywhere(id)

    def made(self) -> None:
        """Draw its nodes."""
        for id, kind in self.kinds.items():
            if kind in self.makers:
                config = self.makers[kind](self, id)
                self.nodes.append({"id": id, "type": kind, "config": config, **self.on_errors.get(id, {})})

    def drawable(self) -> tuple[str, ...]:
        """The kinds that may stand in it."""
        kinds = [kind for kind in KINDS if self.asks or kind not in ASKING]
        walked = any(self.asks or not one.waits for one in self.below)
        fit = {"loop": self.depth < DEEPEST, "parallel": self.depth < DEEPEST, "subflow": walked}
        return (*kinds, *(kind for kind in self.pace.nests if fit[kind]))

    def edge(self, id: str, exit: str | None, to: str, **more: Json) -> None:
        """An edge."""
        self.edges.append({"from": id, "to": to, **({"exit": exit} if exit else {}), **more})

    def exit(self, id: str, exit: str | None, target: Callable[[str], str]) -> None:
        """An exit, now and then with conditions on edges that are tried first."""
        for priority in self.one((), (), (), (1,), (2, 1)):
            self.edge(id, exit, target(id), condition=self.condition(), priority=priority)
        self.edge(id, exit, target(id))

    def condition(self, depth: int = 1) -> dict[str, Json]:
        """A condition on saved answers."""
        form = self.one("is", "is", "is", "all", "any", "not") if depth else "is"
        if form == "not":
            return {"not": self.condition(depth - 1)}
        if form != "is":
            return {form: [self.condition(depth - 1) for _ in range(self.one(1, 2))]}
        operator = self.one(
            "eq", "neq", "gt", "contains", "is_set", "is_empty", "is_true", "length_gt", "matches"
        )
        right = self.one(*PATTERNS) if operator == "matches" else self.one(2, 7, "yes", "red", "{{b}}", True)
        return {"left": self.one(*self.templates), "operator": operator, "right": right}

    def errors(self, id: str, *exits: str) -> None:
        """Sometimes where errors lead."""
        for exit in exits:
            if self.maybe(4):
                self.exit(id, exit, self.onward)


Makers = Mapping[str, Callable[[Drawing, str], dict[str, Json]]]
"""By kind: draws what leads out of a node, and gives its config."""
