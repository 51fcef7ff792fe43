"""What nobody hears, and what no caller can answer: calls have a beginning, an end, and twelve keys."""

from collections.abc import Iterator, Mapping, Sequence

from compiler.answering import Answered
from compiler.calling import Calling
from compiler.drawing import Drawing
from compiler.lints.people import has, reaching, successors
from compiler.nodes.form import Form
from dsl.issues import Issue, issue
from dsl.plan import Say, Sleep, Step, Subflow, Wait

CALLS, ANSWERED, VOICE = "initiate_call", "answered", "voice"
NO_KEYS = ("email", "url", "file", "location")
"""What twelve keys cannot spell."""

Lowered = Mapping[str, Sequence[Step]]


def call_issues(drawing: Drawing, lowered: Lowered) -> Iterator[Issue]:
    """Of nodes that are walked."""
    yield from _outside(drawing)
    yield from _unheard(drawing, lowered)
    yield from _unspelled(drawing)


def _outside(drawing: Drawing) -> Iterator[Issue]:
    """Where no call begins the flow, one must be made before a call is told what to do."""
    trigger = drawing.spec.trigger
    if trigger is None or trigger.channel == VOICE:
        return
    called = {id for id, kind in drawing.kinds.items() if kind.kind() == CALLS}
    for id in _before(drawing, called):
        if isinstance(drawing.kinds.get(id), Calling):
            text = f"No call goes on where '{id}' tells one what to do."
            yield issue("VOICE_OUTSIDE_CALL", text, node=id, pointer=drawing.pointer(id))


def _before(drawing: Drawing, called: set[str]) -> Iterator[str]:
    """The nodes that are come to without a call having been answered."""
    rest, seen = [*drawing.roots], set[str]()
    while rest:
        id = rest.pop()
        if id not in seen:
            seen.add(id)
            drawn = drawing.arrows[id].items()
            led = (
                arrow for exit, arrows in drawn if not (id in called and exit == ANSWERED) for arrow in arrows
            )
            rest += [arrow.edge.to for arrow in led]
    return (id for id in drawing.nodes if id in seen)


def _unheard(drawing: Drawing, lowered: Lowered) -> Iterator[Issue]:
    """A call that is connected, queued or handed on hears nothing more of us."""
    last = [id for id, kind in drawing.kinds.items() if isinstance(kind, Calling) and not kind.hears_after]
    speak = [id for id, steps in lowered.items() if has(steps, Say) and drawing.kinds[id].kind() != CALLS]
    passed = {id for id in lowered if id not in speak and not has(lowered[id], Wait, Sleep, Subflow)}
    speakers = reaching(drawing, speak, passed)
    for id in last:
        said = sorted({speakers[to] for to in successors(drawing, id) if to in speakers})
        if said and id in drawing.reachable:
            text = f"After '{id}' the call hears nothing more, so '{said[0]}' says nothing."
            yield issue("NOTHING_HEARD_AFTER", text, node=id, pointer=drawing.pointer(id))


def _unspelled(drawing: Drawing) -> Iterator[Issue]:
    """A caller answers by keys."""
    if drawing.spec.trigger is None or drawing.spec.trigger.channel != VOICE:
        return
    for id, kind in drawing.kinds.items():
        for pointer, asked in _asked(kind):
            if asked.expects in NO_KEYS and id in drawing.reachable:
                text = f"A caller answers by keys, which spell no {asked.expects}."
                at = f"{drawing.pointer(id)}/config{pointer}/expects"
                yield issue("NOT_BY_KEYS", text, node=id, pointer=at)


def _asked(kind: object) -> Iterator[tuple[str, Answered]]:
    if isinstance(kind, Answered):
        yield "", kind
    elif isinstance(kind, Form):
        yield from ((f"/fields/{index}", field) for index, field in enumerate(kind.fields))
