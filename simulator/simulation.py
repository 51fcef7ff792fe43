"""One conversation under a virtual clock, driven from outside: by what people do, and by time that passes."""

from collections.abc import Collection, Mapping
from typing import Any, Literal

from dsl.channels import Channel
from dsl.consent import starts, stops
from dsl.durations import after
from dsl.filters import text_of
from simulator.lines import Reported
from simulator.mocks import strangers
from simulator.person import OffLine, Person
from simulator.reports import awaited, told
from simulator.running import Running


class Simulation(Running):
    """Use it as a context, or close it. After each call everything has happened that happens by itself."""

    def on(self, channel: Channel) -> None:
        """The conversation takes place there; ValueError where it has begun."""
        if self.begun:
            raise ValueError("the conversation has begun")
        self.person = Person(channel, None, self.setting.contact)

    async def begin(self, text: str | None = None) -> None:
        """The walk begins; with words, these have opened the conversation. On the line somebody dials."""
        if self.person.surface is not None:
            await self.dial()
        else:
            await self._run([] if text is None else [self._take(self._written(text))])

    async def say(self, text: str) -> None:
        """The person writes, types or presses; the first words open the conversation, unless a trigger has.

        OffLine where that takes a session, and there is none.
        """
        if not self.begun and (self.setting.trigger is not None or self.person.surface is not None):
            await self.begin()
        shown = self.person.shown if self.person.session else None
        if shown is not None and shown.turns(text):
            self._note(text)
            self._show(shown, self.said[-1].choices)
            return
        event = self._written(text)
        self._note(text)
        if event.event == "sms_received" and self._consents(text):
            return
        if self.begun:
            await self._do(event)
        else:
            await self._run([self._take(event)])

    def _consents(self, text: str) -> bool:
        """Whether that was a word about our texts, of which no flow hears."""
        said = starts(text) if self.world.opted_out else stops(text)
        self.world.opted_out ^= said
        return said or (self.world.opted_out and stops(text))

    async def dial(self, dialled: str | None = None) -> None:
        """A new session or call; it starts a run where none goes on. OffLine on channels without a line."""
        events = self.person.dials(dialled)
        self._note(
            f"({'calls' if self.person.channel == 'voice' else 'dials'} {dialled or self.person.service})"
        )
        if self.begun and not self.over:
            await self._do(*events)
        else:
            await self._run([self._take(event) for event in events])

    async def hang_up(self) -> None:
        """The person leaves the line; OffLine where they are not on it."""
        if self.person.session is None:
            raise OffLine("nobody is on the line")
        self._note("(hangs up)")
        await self._do(self.person.hangs_up())

    async def report(self, report: Reported) -> None:
        """The world tells what became of something; LookupError where the node does not wait for it."""
        if self._walk is None or self.over:
            raise LookupError(report.node)
        event = told(self.plans, self._walk.state, self.person, report)
        self._note(f"({report.node}: {report.status})", "note")
        await self._do(event)

    async def click(self, choice: str) -> None:
        """The person picks a choice of the newest message that offers it; LookupError where none does."""
        for said in reversed(self.said):
            for number, one in enumerate(said.choices, 1):
                if choice in (one["title"], text_of(one["value"])):
                    await self._pick(number, one)
                    return
        raise LookupError(choice)

    async def _pick(self, number: int, picked: Any) -> None:
        """Clicked in a chat; elsewhere the number is typed."""
        if not self.person.chats:
            await self.say(str(number))
            return
        self._note(f"[{picked['title']}]")
        await self._do(self.person.picks(str(picked["title"]), picked["value"]))

    async def back_from_desk(self, how: Literal["resolved", "returned"]) -> None:
        """People at the desk are done with the conversation, or give it back."""
        self._note(f"({how} by the desk)", "note")
        await self._do(self.person.desk(how))

    async def advance(self, seconds: float) -> None:
        """Time passes, and with it all that is due."""
        if not self.begun:
            await self.begin()
        await self._pass_to(after(self.world.now, seconds))

    async def until_said(self, count: int, seconds: float) -> bool:
        """Whether the bot has said so much, or does within so many seconds; time passes as far as needed."""
        until = after(self.world.now, seconds)
        while len(self.said) < count and not self.over:
            due = self.world.due
            if due is None or due > until:
                break
            await self._pass_to(due)
        return len(self.said) >= count

    def await_world(self, nodes: Collection[str] | None = None) -> None:
        """These nodes (None: all that do) wait for what `report` tells, in place of their kind's mock."""
        self.answers.awaited = awaited(self.plans, nodes)

    def order(self, mocks: Mapping[str, Any]) -> None:
        """What nodes come to from now on; LookupError where there is no such node."""
        if unknown := strangers(mocks, self.plans.values()):
            raise LookupError(unknown[0])
        self.answers.mocks.update(mocks)
