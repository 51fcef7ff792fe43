"""A loop with branches in its body, on a real Temporal server and PostgreSQL."""

from collections import Counter

import pytest

from dsl.limits import Limits
from tests.workflows.stage import Stage
from tests.workflows.test_loops import END, ask, both, delay, loop, say
from tests.workflows.world import flow

pytestmark = pytest.mark.real

NODES = [
    loop("each", mode="for_each", items=["tea", "milk"], **{"as": "drink"}),
    both(),
    ask("how-many", "count", expects="integer", timeout="1h"),
    say("noted", "{{drink}}: {{count}}"),
    delay("moment", 1),
    say("beside", "We have {{drink}}."),
    say("bye"),
    END,
]
EDGES = [
    ("each", "body", "both"),
    ("both", "left", "how-many"),
    ("how-many", "noted"),
    ("noted", "both"),
    ("both", "right", "moment"),
    ("moment", "beside"),
    ("beside", "both"),
    ("both", "joined", "each"),
    ("each", "done", "bye"),
    ("bye", "end"),
]


@pytest.mark.parametrize(
    "limits", [Limits(), Limits(every_steps=1)], ids=["as it is", "continued all the time"]
)
async def test_in_each_turn_one_branch_asks_while_the_other_waits_for_the_clock(
    stage: Stage, limits: Limits
) -> None:
    async with stage.worker():
        handle = await stage.start(flow(NODES, EDGES), limits=limits)
        for turn, (drink, count) in enumerate([("tea", "2"), ("milk", "3")]):
            await stage.until_said(3 * turn + 1)
            await stage.say(handle, count)
            said = await stage.until_said(3 * turn + 3)
            assert Counter(said[3 * turn + 1 : 3 * turn + 3]) == Counter(
                [f"{drink}: {count}", f"We have {drink}."]
            )
        await handle.result()
    assert Counter(stage.chatwoot.said("77")) == Counter(
        [*2 * ["how-many"], "tea: 2", "milk: 3", "We have tea.", "We have milk.", "bye"]
    )
    assert (await stage.execution())["status"] == "completed"
