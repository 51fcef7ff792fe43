"""Playing the lines of a conversation against a simulation, to the first that goes another way."""

from collections.abc import Sequence

from dsl.filters import text_of
from dsl.model import Json
from dsl.templates import resolve
from simulator.lines import (
    Advance,
    Channel,
    Click,
    Desk,
    Dial,
    Expect,
    ExpectExit,
    ExpectVariables,
    HangUp,
    Line,
    Mock,
    Press,
    Report,
    Say,
)
from simulator.person import OffLine
from simulator.played import Failure, Played, exits_of, played_of, reason_of, standing
from simulator.simulation import Simulation

PATIENCE = 20.0
"""Virtual seconds until an expected message counts as missing, as people would wait for it."""


class Unmet(Exception):
    """A line did not go as it says."""

    def __init__(self, message: str, expected: Json = None, actual: Json = None) -> None:
        super().__init__(message)
        self.message, self.expected, self.actual = message, expected, actual

    def at(self, line: int) -> Failure:
        """With the place of the line."""
        return Failure(line=line, message=self.message, expected=self.expected, actual=self.actual)


async def play(lines: Sequence[Line], simulation: Simulation) -> Played:
    """Play them all; a conversation whose bot says more than is expected has not gone as it says."""
    player, index = Player(simulation), -1
    simulation.await_world({line.report.node for line in lines if isinstance(line, Report)})
    try:
        for line in lines:
            index += 1
            await player.play(line)
        await player.finish()
    except Unmet as unmet:
        return played_of(simulation, unmet.at(max(index, 0)))
    return played_of(simulation)


class Player:
    """Takes one line after the other; raises `Unmet`."""

    def __init__(self, simulation: Simulation) -> None:
        self.simulation = simulation
        self.heard = 0
        """Messages of the bot that lines have spoken of."""
        self.expects = False

    async def play(self, line: Line) -> None:
        """One line."""
        match line:
            case Say() | Press() | Dial() | HangUp() | Report() | Channel():
                await self._does(line)
            case Click():
                await self._click(line.click)
            case Desk():
                await self._begun()
                await self.simulation.back_from_desk(line.desk)
            case Advance():
                await self.simulation.advance(line.advance)
            case Mock():
                self._mock(line)
            case Expect():
                await self._expect(line.expect)
            case ExpectVariables():
                await self._begun()
                self._expect_variables(line.expect_variables)
            case ExpectExit():
                await self._begun()
                self._expect_exit(line.expect_exit)
        self._goes_on()

    async def _does(self, line: Say | Press | Dial | HangUp | Report | Channel) -> None:
        try:
            await self._done(line)
        except (OffLine, ValueError) as error:
            raise Unmet(str(error)) from None
        except LookupError as error:
            raise Unmet(f"the node {error} waits for nothing of the kind") from None

    async def _done(self, line: Say | Press | Dial | HangUp | Report | Channel) -> None:
        match line:
            case Say():
                await self.simulation.say(line.say)
            case Press():
                await self.simulation.say(line.press)
            case Dial():
                await self.simulation.dial(line.dial)
            case HangUp():
                await self.simulation.hang_up()
            case Report():
                await self.simulation.report(line.report)
            case Channel():
                self.simulation.on(line.channel)

    async def finish(self) -> None:
        """Where messages were expected, none may be left over."""
        await self._begun()
        self._goes_on()
        left = [one.text for one in self.simulation.said[self.heard :]]
        if self.expects and left:
            raise Unmet("the bot said more than was expected", None, left[0])

    def _goes_on(self) -> None:
        if (halted := self.simulation.halted) is not None:
            raise Unmet(f"{halted.code}: {halted.message}")

    async def _begun(self) -> None:
        if not self.simulation.begun:
            await self.simulation.begin()

    async def _click(self, choice: str) -> None:
        await self._begun()
        try:
            await self.simulation.click(choice)
        except LookupError:
            offered = [text_of(one["title"]) for said in self.simulation.said for one in said.choices]
            raise Unmet(f"no message offers a choice {choice!r}", choice, offered) from None

    def _mock(self, line: Mock) -> None:
        try:
            self.simulation.order(line.mock)
        except LookupError as error:
            raise Unmet(f"there is no node {error} to be mocked") from None

    async def _expect(self, text: str) -> None:
        await self._begun()
        self.expects = True
        if not await self.simulation.until_said(self.heard + 1, PATIENCE):
            raise Unmet(f"the bot said nothing more; {standing(self.simulation)}", text, None)
        said = self.simulation.said[self.heard].text
        self.heard += 1
        if said != text:
            raise Unmet("the bot said something else", text, said)

    def _expect_variables(self, expected: dict[str, Json]) -> None:
        found = {path: resolve(tuple(path.split(".")), self.simulation.variables) for path in expected}
        for path, value in expected.items():
            if not same(found[path], value):
                raise Unmet(f"the variable {path} has another value", value, found[path])

    def _expect_exit(self, expected: str | dict[str, str]) -> None:
        if isinstance(expected, str):
            reason = reason_of(self.simulation)
            if reason != expected:
                raise Unmet(f"the execution has not ended so; {standing(self.simulation)}", expected, reason)
            return
        exits = exits_of(self.simulation)
        for node, exit in expected.items():
            left = exits.get(node, [])
            if left[-1:] != [exit]:
                raise Unmet(f"the node {node} was not left so", exit, left[-1] if left else None)


def same(one: Json, other: Json) -> bool:
    """Equal as JSON: true is not 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other) and isinstance(one, bool) is isinstance(other, bool)
