"""`tembea play`: a conversation with a flow in the terminal, under a clock of its own."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC
from pathlib import Path

from dsl.durations import parse_duration
from dsl.filters import moment_of
from dsl.model import Json
from simulator.flows import Flows
from simulator.lines import Mock
from simulator.played import standing
from simulator.simulation import MONDAY, Setting, Simulation
from simulator.talks import TalkError
from simulator.trace import Utterance
from wiring.catalog import catalogue
from wiring.talk import Talk

HELP = """Write, and the flow answers. The first words open the conversation. And:
  /click TITLE      pick a choice
  /advance 3d       let time pass
  /mock NODE JSON   what a node comes to from now on: {"exit", "value", "error"}, or a value
  /vars             the variables now
  /why              what it waits for, and what happens next by itself
  /quit             leave"""


def play(flow: Path, at: str | None, variables: str | None) -> None:
    """Talk until the input ends, `/quit` or Ctrl-C; the loop runs while a line is answered, not while one is
    awaited: it would keep Ctrl-C to itself until Enter is pressed."""
    found, setting = Flows(catalogue()).compiled(flow), _setting(at, variables)
    Talk().say(f"{found.plan.name}. /help tells what you can do.")
    with asyncio.Runner() as runner:
        simulation = Simulation(found.plan, catalogue(), setting, plans=found.plans)
        table = Table(simulation)
        try:
            while (line := sys.stdin.readline()) and runner.run(table.take(line)):
                continue
        except KeyboardInterrupt:
            Talk().say("Stopped.")
        finally:
            runner.run(simulation.aclose())


def _setting(at: str | None, variables: str | None) -> Setting:
    moment = MONDAY if at is None else moment_of(at)
    if moment is None:
        raise TalkError(f"--at {at} is no ISO 8601 time")
    try:
        given = json.loads(variables or "{}")
    except ValueError as error:
        raise TalkError(f"--variables is not JSON: {error}") from None
    if not isinstance(given, dict):
        raise TalkError('--variables is a JSON object: {"name": value}')
    return Setting(at=moment if moment.tzinfo else moment.replace(tzinfo=UTC), variables=given)


class Table:
    """Between a person at a terminal and a simulation."""

    def __init__(self, simulation: Simulation) -> None:
        self.simulation = simulation
        self._shown = 0
        self._commands: dict[str, Callable[[str], Awaitable[None]]] = {
            "/click": self._click,
            "/advance": self._advance,
            "/mock": self._mock,
            "/vars": self._vars,
            "/why": self._why,
            "/help": self._help,
        }

    async def take(self, line: str) -> bool:
        """One line that was typed; False when it is the last."""
        command, _, rest = line.strip().partition(" ")
        if command == "/quit":
            return False
        try:
            if command in self._commands:
                await self._commands[command](rest.strip())
            elif command.startswith("/"):
                raise TalkError(f"there is no {command}; /help tells what there is")
            elif command:
                await self.simulation.say(line.strip())
        except (TalkError, ValueError) as error:
            _write("", str(error))
        self._show()
        return self.simulation.halted is None

    async def _click(self, choice: str) -> None:
        try:
            await self.simulation.click(choice)
        except LookupError:
            raise TalkError(f"no message offers a choice {choice!r}") from None

    async def _advance(self, written: str) -> None:
        seconds = parse_duration(written)
        assert isinstance(seconds, int), "a text is a duration, or raises"
        await self.simulation.advance(seconds)

    async def _mock(self, written: str) -> None:
        node, _, outcome = written.partition(" ")
        try:
            self.simulation.order(Mock.model_validate({"mock": {node: json.loads(outcome)}}).mock)
        except LookupError:
            raise TalkError(f"there is no node {node!r}") from None

    async def _vars(self, _: str) -> None:
        _write("vars", json.dumps(self.simulation.variables, ensure_ascii=False))

    async def _why(self, _: str) -> None:
        _write("why", f"{standing(self.simulation)}; it is {self.simulation.world.now.isoformat()}")

    async def _help(self, _: str) -> None:
        _write("", HELP)

    def _show(self) -> None:
        """What was said since, and how it stands where it ended."""
        for said in self.simulation.world.transcript[self._shown :]:
            _write(said.who, _text(said))
        self._shown = len(self.simulation.world.transcript)
        if self.simulation.over:
            halted = self.simulation.halted
            _write("", f"({halted.message if halted else standing(self.simulation)})")


def _text(said: Utterance) -> str:
    choices = (f"[{choice['title']}]" for choice in said.choices)
    return "  ".join([said.text, *choices])


def _write(who: str, text: Json) -> None:
    sys.stdout.write(f"{who:>8}  {text}\n")
    sys.stdout.flush()
