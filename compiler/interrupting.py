"""Words of the flow that are never an answer: which a node hears, and what is wrong with them."""

from collections.abc import Iterable, Iterator

from compiler.bounds import part
from compiler.choosing import Pick
from compiler.drawing import INTERRUPT, Drawing
from compiler.structure import near
from dsl.issues import Issue, issue
from dsl.kind import Place
from dsl.model import Authored
from dsl.plan import Interrupt
from dsl.words import folded

END = "end"


class Interruptible(Authored):
    """Which of the flow's words lead away from a node that asks."""

    interrupts: bool | tuple[str, ...] = True
    """All words of `settings.interrupts` (`true`), none of them (`false`), or a list of some."""

    def interrupted_by(self, words: Iterable[str]) -> Iterator[str]:
        """Those of the flow's words that lead away from this node."""
        if not isinstance(self.interrupts, tuple):
            yield from words if self.interrupts else ()
            return
        wanted = {folded(word) for word in self.interrupts}
        yield from (word for word in words if folded(word) in wanted)

    def interrupting(self, place: Place) -> dict[str, Interrupt]:
        """As the walk reads them: the node's own exit goes before the flow's target."""
        out = "!interrupt" if place.connected(INTERRUPT) else None
        told = ((word, place.interrupts[word]) for word in self.interrupted_by(place.interrupts))
        return {folded(word): Interrupt(to=out or one.to, returns=one.return_) for word, one in told}

    def picked(self) -> Iterator[tuple[str, Pick]]:
        """What people may pick, with its pointer."""
        yield from ()

    def interrupt_issues(self, place: Place) -> Iterator[Issue]:
        """Words that the flow does not have, an exit that no word leads to, choices that cannot be picked."""
        named = self.interrupts if isinstance(self.interrupts, tuple) else ()
        known = {folded(word) for word in place.interrupts}
        for index, word in enumerate(named):
            if folded(word) not in known:
                text = f"The flow has no interrupt '{word}'{near(word, list(place.interrupts))}"
                yield issue("UNKNOWN_INTERRUPT", text, pointer=f"/interrupts/{index}")
        heard = {folded(word) for word in self.interrupted_by(place.interrupts)}
        if not heard and place.connected(INTERRUPT):
            yield issue("INTERRUPT_NEVER_TAKEN")
        for pointer, pick in self.picked() if heard else ():
            words = (pick.value, pick.title or "", *pick.synonyms)
            if taken := next((word for word in words if folded(word) in heard), None):
                text = f"Whoever picks '{taken}' is led away: it is an interrupt of the flow."
                yield issue("CHOICE_IS_INTERRUPT", text, pointer=pointer)


def word_issues(drawing: Drawing) -> Iterator[Issue]:
    """What is wrong with the flow's words themselves: where they lead, and two that are one."""
    seen, words = dict[str, str](), drawing.spec.settings.interrupts
    for word, told in words.items():
        pointer = f"/settings/interrupts{part(word)}"
        if (first := seen.setdefault(folded(word), word)) != word:
            text = f"'{word}' and '{first}' are one word to people."
            yield issue("DUPLICATE_INTERRUPT", text, pointer=pointer)
        if told.to not in drawing.nodes:
            text = f"There is no node '{told.to}'{near(told.to, list(drawing.nodes))}"
            yield issue("UNKNOWN_INTERRUPT_TARGET", text, pointer=f"{pointer}/to")
        elif told.return_ and not _ends(drawing, told.to):
            text = f"No `end` is reached from '{told.to}': nothing leads back to what was asked."
            yield issue("INTERRUPT_NEVER_RETURNS", text, pointer=f"{pointer}/return")


def _ends(drawing: Drawing, node: str) -> bool:
    return any(drawing.nodes[id].type == END for id in drawing.reached([node]))
