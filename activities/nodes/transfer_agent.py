"""Hand the conversation over to a human."""

from collections.abc import Iterable, Iterator
from typing import ClassVar, Literal

from pydantic import Field

from activities.base import Action, Tools
from dsl.durations import Duration
from dsl.issues import Issue, issue
from dsl.kind import Place
from dsl.messages import SEND_MESSAGE, Outcome
from dsl.plan import Call, Say, Step, Wait
from dsl.templates import Expr, Text


class TransferAgent(Action):
    """Open the conversation for people: first text, note, labels and assignment, then the status.

    With `resolved` or `returned` connected the execution waits for the human (`handed_off`); with only `next`
    it goes on.
    """

    aliases: ClassVar[tuple[str, ...]] = ("handoff",)
    exits: ClassVar[tuple[str, ...]] = ("next", "resolved", "returned")
    recovery: ClassVar[Literal["list", "repeat", "none"]] = "repeat"

    text: Text | None = None
    team: Expr[int] | None = None
    assignee: Expr[int] | None = None
    note: Text | None = None
    labels: list[Text] = Field(default_factory=list, max_length=50)
    resume_on: Literal["resolved", "never"] = "resolved"
    return_after: Duration | None = None

    def check(self, place: Place) -> Iterator[Issue]:
        """A human who is not waited for brings nothing back."""
        if self.resume_on == "never" and (place.connected("resolved") or place.connected("returned")):
            text = "`resolved` and `returned` are never left by: the flow does not wait for the human."
            yield issue("DEAD_EXIT", text, pointer="/resumeOn")

    def lower(self, place: Place) -> Iterable[Step]:
        """[say the text] → [note] → hand over → [wait for the human]; every part is an effect of its own."""
        waits = self.resume_on != "never" and (place.connected("resolved") or place.connected("returned"))
        parts = [part for part, wanted in (("text", self.text), ("note", self.note)) if wanted]
        ids = dict(zip([*parts, "hand"], [place.id(), *map(place.id, [*parts[1:], "hand"])], strict=False))
        if self.text:
            yield Say(id=ids["text"], node=place.node, text=self.text, to=ids.get("note", ids["hand"]))
        if self.note:
            yield _note(ids["note"], place.node, self.note, ids["hand"])
        to = {"next": place.id("wait")} if waits else {}
        yield self.call(place, id=ids["hand"], hands_over=True, to=to)
        if waits:
            yield self._wait(place)

    def _wait(self, place: Place) -> Wait:
        late = "!returned" if self.return_after else "!expired"
        to = {"resolved": "!resolved", "returned": "!returned", "timeout": late}
        timeout = self.return_after or place.session_ttl
        return Wait(id=place.id("wait"), node=place.node, expects="handback", timeout=timeout, to=to)

    async def execute(self, tools: Tools) -> Outcome:
        """Labels, assignment, then status `open`: each is harmless twice."""
        client, conversation = tools.chatwoot(), tools.conversation()
        if self.labels:
            await client.add_labels(conversation, self.labels)
        if self.team is not None or self.assignee is not None:
            await client.assign(conversation, agent=self.assignee, team=self.team)
        await client.toggle_status(conversation, "open")
        return Outcome(value={"status": "open"})


def _note(id: str, node: str, note: str, to: str) -> Call:
    args = {"text": note, "private": True}
    return Call(id=id, node=node, activity=SEND_MESSAGE, args=args, to={"next": to}, fast=True)
