"""A workflow that keeps what it is handed, in the place of the walk."""

from temporalio import workflow

from dsl.messages import CONTROL, DELIVER, WORKFLOW, Control, Input
from dsl.state import RunInput


@workflow.defn(name=WORKFLOW)
class Probe:
    """Ends when somebody says "stop"; tells the seqs it was handed, each once."""

    @workflow.init
    def __init__(self, run: RunInput) -> None:
        self.given = run
        self.seen = [input.seq for input in run.opening_rows]
        self.handed: list[int] = list(self.seen)
        self.stop = any(_says_stop(input) for input in run.opening_rows)
        self.commands: list[str] = []

    @workflow.run
    async def run(self, run: RunInput) -> list[int]:
        """The seqs, in the order they came."""
        await workflow.wait_condition(lambda: self.stop)
        return self.seen

    @workflow.signal(name=DELIVER)
    def deliver(self, inputs: list[Input]) -> None:
        """Take inputs in; late and doubled ones are told apart by their seq."""
        self.handed += [input.seq for input in inputs]
        self.seen += [input.seq for input in inputs if input.seq > max(self.seen, default=0)]
        self.stop = self.stop or any(_says_stop(input) for input in inputs)

    @workflow.update(name=CONTROL)
    def control(self, control: Control) -> None:
        """Take a command."""
        self.commands.append(control.command)

    @workflow.query
    def commanded(self) -> list[str]:
        """The commands so far."""
        return self.commands

    @workflow.query
    def told(self) -> list[int]:
        """The seqs so far, each once."""
        return self.seen

    @workflow.query
    def argument(self) -> RunInput:
        """What the run was started with."""
        return self.given


def _says_stop(input: Input) -> bool:
    return input.event is not None and input.event.text == "stop"
