"""Effects of a simulation: nothing is called; the test's mocks answer, else those of the kinds."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from activities.arguments import read
from activities.base import Action
from activities.messages import SendMessage
from dsl.kind import Kind
from dsl.messages import SEND_MESSAGE, Effect, Outcome, Report
from providers.errors import Failed
from simulator.mocks import Mocked, Nothing, mocked


class Answer(NamedTuple):
    """How an effect ends, after so many seconds; `ordered`: as a mock says."""

    report: Report
    seconds: int = 0
    ordered: bool = False


class Answers:
    """The executors of a catalogue, none of which is executed."""

    def __init__(self, catalogue: Mapping[str, type[Kind]], mocks: Mapping[str, Any]) -> None:
        drawn = {name: kind for name, kind in catalogue.items() if issubclass(kind, Action)}
        self._actions: dict[str, type[Action]] = {**drawn, SEND_MESSAGE: SendMessage}
        self.mocks = dict(mocks)

    def of(self, effect: Effect, id: int) -> Answer:
        """The end of one effect; its arguments are read as the executor would. `id`: of a message sent."""
        try:
            action = read(self._actions[effect.activity], effect.args)
        except Failed as error:
            return Answer(Report(state="failed", outcome=Outcome(exit="error", error=error.info())))
        usual = Outcome(value={"id": id}) if isinstance(action, SendMessage) else action.mock()
        found = mocked(self.mocks, effect.node)
        if found is Nothing:
            return Answer(Report(state="done", outcome=usual))
        if not isinstance(found, Mocked):
            return Answer(Report(state="done", outcome=usual.but(value=found)), ordered=True)
        outcome = found.outcome()
        if isinstance(action, SendMessage) and outcome.error is None and outcome.value is None:
            outcome = outcome.but(value=usual.value)
        return Answer(_report(outcome), found.takes, ordered=True)


def _report(outcome: Outcome) -> Report:
    """A failure that a mock orders is final, whatever `retry` says: what is tested is what comes after it."""
    if outcome.exit == "unknown":
        return Report(state="unknown", outcome=outcome)
    return Report(state="failed" if outcome.error is not None else "done", outcome=outcome)
