"""`tembea play`: a conversation with a flow in the terminal, under a clock of its own."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC
from pathlib import Path

from pydantic import ValidationError

from dsl.channels import Channel
from dsl.durations import parse_duration
from dsl.filters import moment_of
from dsl.model import Json
from simulator.flows import Flows
from simulator.lines import Dial, Mock, Reported
from simulator.person import OffLine
from simulator.played import standing
from simulator.setting import MONDAY, Setting
from simulator.simulation import Simulation
from simulator.talks import TalkError
from simulator.trace import Utterance
from wiring.catalog import catalogue
from wiring.talk import Talk

HELP = """Write, and the flow answers. The first words open the conversation. And:
  /click TITLE      pick a choice
  /advance 3d       let time pass
  /mock NODE JSON   what a node comes to from now on: {"exit", "value", "error"}, or a value
  /dial *384*1#     a new session or call
  /hangup           leave it
  /report NODE paid what became of a payment, a delivery, a call or a recording that a node waits for
  /vars             the variables now
  /why              what it waits for, and what happens next by itself
  /quit             leave"""


def play(flow: Path, at: str | None, variables: str | None, channel: Channel | None = None) -> None:
    """Talk until the input ends, `/quit` or Ctrl-C; the loop runs while a line is answered, not while one is
    awaited: it would keep Ctrl-C to itself until Enter is pressed."""
    found = Flows(catalogue()).compiled(flow)
    setting = _setting(at, variables).of(found.result.spec)
    setting = setting if channel is None else setting.but(channel=channel, service=None)
    Talk().say(f"{found.plan.name}. /help tells what you can do.")
    with asyncio.Runner() as runner:
        simulation = Simulation(found.plan, catalogue(), setting, plans=found.plans)
        simulation.await_world()
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
            "/dial": self._dial,
            "/hangup": self._hang_up,
            "/report": self._report,
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
        except ValidationError as error:
            _write("", error.errors(include_url=False)[0]["msg"])
        except (TalkError, OffLine, ValueError) as error:
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

    async def _dial(self, code: str) -> None:
        await self.simulation.dial(Dial(dial=code).dial if code else None)

    async def _hang_up(self, _: str) -> None:
        await self.simulation.hang_up()

    async def _report(self, written: str) -> None:
        node, _, status = written.partition(" ")
        try:
            await self.simulation.report(Reported(node=node, status=status.strip()))
        except LookupError:
            raise TalkError(f"the node {node!r} waits for nothing of the kind") from None

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
    """Choices stand in the text where they are numbered."""
    choices = [f"[{choice['title']}]" for choice in said.choices] if said.open is None else []
    return "  ".join([said.text, *choices])


def _write(who: str, text: Json) -> None:
    first, *more = str(text).split("\n")
    sys.stdout.writelines([f"{who:>8}  {first}\n", *(f"{'':>8}  {line}\n" for line in more)])
    sys.stdout.flush()
