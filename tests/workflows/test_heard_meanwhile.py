"""What comes while the record is being written is heard as soon as it is written."""

from dsl.messages import Perform, Performed
from tests.workflows.world import World, flow, message, plan_of, run_input, status, walk_on


class Slow(World):
    """The next input is there before a record without effects is written, as when PostgreSQL was away."""

    async def perform(self, request: Perform) -> Performed:
        if not request.effects and self.script and self.inbox.last_seq:
            self.inbox = self.inbox.taking([self.script.pop(0)], self.limits)
        return await super().perform(request)


async def test_an_answer_that_comes_while_what_moved_nothing_is_recorded_is_heard() -> None:
    question = {"id": "q", "type": "question", "config": {"text": "Name?", "saveTo": "x"}}
    asked = flow([question, {"id": "e", "type": "end"}], [("q", "e")])
    world = Slow(script=[status(1, "pending", "bot"), message(2, "John")])
    state = await walk_on(run_input(plan_of(asked)), world)
    assert state.frame.vars == {"x": "John"}
