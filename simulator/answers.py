"""Effects of a simulation: nothing is called; the test's mocks answer, else those of the kinds."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from activities.arguments import read
from activities.base import Action
from activities.messages import SendMessage
from activities.moving import ContinueOn
from dsl.kind import Kind
from dsl.messages import CONTINUE_ON, SEND_MESSAGE, Effect, ErrorInfo, Outcome, Report
from providers.errors import Failed
from simulator.mocks import Mocked, Nothing, bare, mocked


class Answer(NamedTuple):
    """How an effect ends, after so many seconds; `ordered`: as a mock says."""

    report: Report
    seconds: int = 0
    ordered: bool = False


def _refused(code: str, message: str) -> Answer:
    outcome = Outcome(exit="error", error=ErrorInfo(code=code, message=message))
    return Answer(Report(state="failed", outcome=outcome))


NOBODY_THERE = _refused("SCREEN_CLOSED", "Nobody waits on the line.")
"""Of what is said to somebody who is not on the line."""
OPTED_OUT = _refused("OPTED_OUT", "This person wants no texts.")
"""Of what is texted to somebody who has said so."""


class Answers:
    """The executors of a catalogue, none of which is executed."""

    def __init__(self, catalogue: Mapping[str, type[Kind]], mocks: Mapping[str, Any]) -> None:
        drawn = {name: kind for name, kind in catalogue.items() if issubclass(kind, Action)}
        self._actions: dict[str, type[Action]] = {**drawn, SEND_MESSAGE: SendMessage, CONTINUE_ON: ContinueOn}
        self.mocks = dict(mocks)
        self.awaited: Mapping[str, str] = {}
        """By node that waits for the world: the exit by which its first call leaves until then."""

    def of(self, effect: Effect, id: int) -> Answer:
        """The end of one effect; its arguments are read as the executor would. `id`: of a message sent."""
        try:
            action = read(self._actions[effect.activity], effect.args)
        except Failed as error:
            return Answer(Report(state="failed", outcome=Outcome(exit="error", error=error.info())))
        usual = Outcome(value={"id": id}) if isinstance(action, SendMessage) else action.mock()
        if isinstance(action, ContinueOn):
            return Answer(Report(state="done", outcome=usual))
        found = mocked(self.mocks, effect.node)
        if found is Nothing:
            return Answer(Report(state="done", outcome=self._until_told(effect, usual)))
        if not isinstance(found, Mocked):
            return Answer(Report(state="done", outcome=usual.but(value=found)), ordered=True)
        outcome = found.outcome()
        if isinstance(action, SendMessage) and outcome.error is None and outcome.value is None:
            outcome = outcome.but(value=usual.value)
        return Answer(_report(outcome), found.takes, ordered=True)

    def _until_told(self, effect: Effect, usual: Outcome) -> Outcome:
        """Of what the world will tell the end of, not its end."""
        exit = self.awaited.get(bare(effect.node).rpartition("/")[2])
        return usual if exit is None or effect.number > 1 else Outcome(exit=exit)


def _report(outcome: Outcome) -> Report:
    """A failure that a mock orders is final, whatever `retry` says: what is tested is what comes after it."""
    if outcome.exit == "unknown":
        return Report(state="unknown", outcome=outcome)
    return Report(state="failed" if outcome.error is not None else "done", outcome=outcome)
