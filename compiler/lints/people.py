"""What people never see, or answer to nobody: words after a hand-over, buttons that nothing waits for."""

from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence

from compiler.drawing import Drawing
from compiler.nodes.message import Message
from dsl.issues import Issue, issue
from dsl.kind import ALWAYS
from dsl.plan import Call, Say, Sleep, Step, Subflow, Wait

Lowered = Mapping[str, Sequence[Step]]


def people_issues(drawing: Drawing, lowered: Lowered) -> Iterator[Issue]:
    """Of nodes that are walked."""
    yield from _silenced(drawing, lowered)
    yield from _unanswered(drawing, lowered)


def _silenced(drawing: Drawing, lowered: Lowered) -> Iterator[Issue]:
    """While a human has the word the bot says nothing: what follows a hand-over at once is never said."""
    hands_over = {id for id, steps in lowered.items() if any(_hands_over(step) for step in steps)}
    speak = [id for id, steps in lowered.items() if id not in hands_over and has(steps, Say)]
    passed = {id for id in lowered if id not in hands_over and not has(lowered[id], Wait, Sleep, Subflow)}
    speakers = reaching(drawing, speak, passed - {*speak})
    for id in hands_over & drawing.reachable:
        if has(lowered[id], Wait):
            continue
        said = sorted({speakers[to] for to in successors(drawing, id) if to in speakers})
        if said:
            text = f"After '{id}' a human has the word, so '{said[0]}' says nothing."
            yield issue("HANDOFF_WITHOUT_RETURN", text, node=id, pointer=drawing.pointer(id))


def _unanswered(drawing: Drawing, lowered: Lowered) -> Iterator[Issue]:
    """A click is an answer: where nothing ever waits for one, it goes nowhere."""
    asking = [id for id, steps in lowered.items() if any(_hears(step) for step in steps)]
    heard = reaching(drawing, asking, drawing.nodes)
    for id, kind in drawing.kinds.items():
        if isinstance(kind, Message) and kind.buttons and id in drawing.reachable and id not in heard:
            text = f"Nothing after '{id}' waits for a click on its buttons."
            pointer = f"{drawing.pointer(id)}/config/buttons"
            yield issue("BUTTONS_UNANSWERED", text, node=id, pointer=pointer)


def reaching(drawing: Drawing, goals: Sequence[str], through: Collection[str]) -> dict[str, str]:
    """By node the goal it comes to, over nodes of `through`; one look at each edge, however many goals."""
    before: dict[str, list[str]] = {}
    for node in drawing.nodes:
        for to in successors(drawing, node):
            before.setdefault(to, []).append(node)
    found, rest = {goal: goal for goal in goals}, deque(goals)
    while rest:
        node = rest.popleft()
        for source in before.get(node, ()):
            if source in through and source not in found:
                found[source] = found[node]
                rest.append(source)
    return found


def successors(drawing: Drawing, node: str) -> Iterator[str]:
    """Nodes that follow when all goes well."""
    drawn = drawing.arrows[node].items()
    return (arrow.edge.to for exit, arrows in drawn if exit not in ALWAYS for arrow in arrows)


def _hears(step: Step) -> bool:
    return isinstance(step, Subflow) or (isinstance(step, Wait) and step.expects != "handback")


def _hands_over(step: Step) -> bool:
    return isinstance(step, Call) and step.hands_over


def has(steps: Sequence[Step], *kinds: type[object]) -> bool:
    """Whether one of the steps is of one of the kinds."""
    return any(isinstance(step, kinds) for step in steps)
