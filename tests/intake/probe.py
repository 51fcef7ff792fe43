"""A workflow that keeps what it is handed, in the place of the walk."""

from datetime import timedelta

from temporalio import activity, workflow

from dsl.inputs import Input
from dsl.messages import CONTROL, DELIVER, TURN, WORKFLOW, Control
from dsl.state import RunInput
from dsl.turns import Said, Screen, Shown
from store.database import Database
from store.turns import Row, put_screen

DATABASES: dict[str, Database] = {}
"""Of the tests under way, by workspace: what a flush would write the screens to."""


@activity.defn
async def show(workspace: str, id: str, screen: Screen) -> Screen:
    """Write a turn's screen, as a flush does; the one that stands."""
    return await put_screen(DATABASES[workspace], Row(workspace, id, 0, ""), screen)


SLOW = timedelta(seconds=2)


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
        await workflow.wait_condition(lambda: self.stop and workflow.all_handlers_finished())
        return self.seen

    @workflow.signal(name=DELIVER)
    def deliver(self, inputs: list[Input]) -> None:
        """Take inputs in; late and doubled ones are told apart by their seq."""
        self.handed += [input.seq for input in inputs]
        self.seen += [input.seq for input in inputs if input.seq > max(self.seen, default=0)]
        self.stop = self.stop or any(_says_stop(input) for input in inputs)

    @workflow.update(name=TURN)
    async def turn(self, inputs: list[Input]) -> Shown:
        """Say what was seen so far; "slow" is answered late, "anew" ends a run that it did not start."""
        last = inputs[-1]
        text = last.event.text if last.event else None
        if text == "anew" and last.seq != self.given.opening_rows[0].seq:
            self.stop = True
            return Shown()
        self.deliver(inputs)
        if text == "slow":
            await workflow.sleep(SLOW)
        screen = Screen(said=(Said(text=f"{self.seen}"),), open=not _says_stop(last))
        args = [self.given.scene.workspace, last.id, screen]
        await workflow.execute_activity(show, args=args, start_to_close_timeout=timedelta(seconds=10))
        return Shown(screen=screen)

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
