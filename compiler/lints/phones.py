"""What does not fit a screen of USSD or a text, and what nobody can show or write there."""

from collections.abc import Iterator, Mapping, Sequence

from compiler.answering import Answered
from compiler.drawing import Drawing
from compiler.interrupting import Interruptible
from compiler.kinds import under
from compiler.nodes.form import Form
from dsl.issues import Issue, issue
from dsl.kind import Kind
from dsl.plan import Say, Step
from providers.africastalking.fitting import screen_issues, text_issues, written
from providers.africastalking.screens import BACK, MORE

UNWRITABLE = ("file", "location")
LINES, TEXTS = ("ussd", "voice"), ("ussd", "sms")

Lowered = Mapping[str, Sequence[Step]]


def phone_issues(drawing: Drawing, lowered: Lowered) -> Iterator[Issue]:
    """Of nodes that are walked, in a flow that is started from a phone."""
    trigger = drawing.spec.trigger
    channel = trigger.channel if trigger else ""
    if channel not in (*LINES, *TEXTS):
        return
    for id in (id for id in drawing.nodes if id in drawing.reachable and id in drawing.kinds):
        said = [step for step in lowered[id] if isinstance(step, Say)]
        for found in _issues(drawing.kinds[id], said, channel):
            pointer = drawing.pointer(id)
            yield under(f"{pointer}/config" if found.pointer else pointer, found, id)


def _issues(kind: Kind, said: Sequence[Say], channel: str) -> Iterator[Issue]:
    yield from _fitting(kind, said, channel)
    if channel in LINES and any(step.attachments or step.cards for step in said):
        pointer = "/cards" if said[0].cards else "/attachments"
        text = f"The channel `{channel}` shows neither files nor cards."
        yield issue("NOT_SHOWN_THERE", text, pointer=pointer)
    if channel in TEXTS:
        yield from _unwritable(kind)
    if channel == "ussd" and isinstance(kind, Interruptible):
        yield from _taken(kind)


def _fitting(kind: Kind, said: Sequence[Say], channel: str) -> Iterator[Issue]:
    """Of what the node says first, which is its author's text; each thing once."""
    if channel not in TEXTS or not said:
        return
    titles = [f"{number}. {written(pick.title)}" for number, pick in enumerate(said[0].choices, 1)]
    text = "\n".join([written(said[0].text), *titles]).strip()
    pointer = "/text" if "text" in type(kind).model_fields else ""
    yield from (screen_issues if channel == "ussd" else text_issues)(text, pointer)


def _unwritable(kind: Kind) -> Iterator[Issue]:
    for pointer, asked in _asked(kind):
        if asked.expects in UNWRITABLE:
            yield issue("NOT_BY_TEXT", f"Nobody can write a {asked.expects}.", pointer=f"{pointer}/expects")


def _asked(kind: Kind) -> Iterator[tuple[str, Answered]]:
    if isinstance(kind, Answered):
        yield "", kind
    elif isinstance(kind, Form):
        yield from ((f"/fields/{index}", field) for index, field in enumerate(kind.fields))


def _taken(kind: Interruptible) -> Iterator[Issue]:
    """A choice that is picked by a key of ours is never picked on a screen of several pages."""
    for pointer, pick in kind.picked():
        names = {f"{pointer}/value": pick.value}
        names |= {f"{pointer}/synonyms/{index}": name for index, name in enumerate(pick.synonyms)}
        for at, name in names.items():
            if name.strip() in (MORE, BACK):
                yield issue("KEY_TAKEN", f"`{name.strip()}` is a key of ours on USSD.", pointer=at)
