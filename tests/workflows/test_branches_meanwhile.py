"""What happens while branches fly: cancellations, takeovers, ends elsewhere, ways back over the fork."""

from datetime import timedelta
from typing import Any

import pytest

from dsl.limits import Limits
from dsl.messages import Effect, Outcome, Perform, Performed, Report
from dsl.plan import Call, Gather, Join, Plan, Sleep, Subflow, Wait
from dsl.state import Loaded, RunInput
from tests.workflows.plans import FAIL, call, end, on, plan, say, sets, walked
from tests.workflows.test_branches import ANY, TWO, failing, fork, forked
from tests.workflows.test_rules_bounds import Breathing
from tests.workflows.world import SCENE, START, World, message, status, walk_on
from workflows.walk import Walk


def run_of(main: Plan, world: World) -> RunInput:
    return RunInput(scene=SCENE, plan=Loaded("main", main), limits=world.limits, started_at=START)


async def test_a_cancellation_that_comes_while_effects_land_is_not_lost_to_the_next_run() -> None:
    """Continue-as-new leaves it behind: the server does not tell the next run of it."""
    drawn = forked([call("a1", "a2"), call("a2", "P/join")], [call("b1", "P/join")])
    world = World(
        seconds={"a1": 10, "b1": 10},
        stop_at=START + timedelta(seconds=5),
        noticed=True,
        limits=Limits(every_steps=4),
    )
    run = run_of(drawn, world)
    state = await Walk({"main": drawn}, run, world, "first-run").run()
    while state.ending is None:
        assert not world.cancelled(), "it is carried to nobody"
        world.looks = 0
        state = await Walk({"main": drawn}, run.but(state=state), world, "first-run").run()
    assert (state.ending.status, world.said) == ("cancelled", ["a1", "b1"])


async def test_a_cancellation_is_honoured_after_what_is_said_between() -> None:
    ask = Wait(id="w", node="w", gather=Gather(policy="reject", seconds=5, text="sorry"), to={"answer": "m"})

    class Stopped(World):
        async def attempt(self, attempt: Any) -> Report:
            self.stop_at, self.noticed = self.now, True
            return await super().attempt(attempt)

    world = Stopped(script=[message(1, "x"), message(2, "y")])
    state = await walk_on(run_of(plan([ask, say("m", "end"), end()]), world), world)
    assert state.ending is not None
    assert (state.ending.status, world.said) == ("cancelled", ["sorry"])


async def test_a_human_who_takes_over_while_all_branches_fly_is_not_spoken_over() -> None:
    drawn = forked([call("a1", "a2"), say("a2", "P/join")], [call("b1", "b2"), say("b2", "P/join")])
    state, world = await walked(drawn, [status(2, "open", "human")], seconds={"a1": 5, "b1": 9})
    assert (state.owner, world.said) == ("human", ["a1", "b1"])


@pytest.mark.parametrize("policy", ["latest", "merge", "reject"])
async def test_a_human_who_ends_a_quiet_period_is_not_spoken_over(policy: Any) -> None:
    ask = Wait(id="w", node="w", gather=Gather(policy=policy, seconds=9, text="sorry"), to={"answer": "m"})
    script = [message(1, "x"), message(2, "y"), status(3, "open", "human")]
    state, world = await walked(plan([ask, say("m", "end"), end(got="{{nodes.w}}")]), script)
    assert state.ending is not None
    assert state.ending.results == {"got": {"latest": "y", "merge": "x\ny", "reject": "x"}[policy]}
    assert (state.owner, world.said) == ("human", [])
    assert [fate.seq for flush in world.flushes for fate in flush.consumed] == [1, 2, 3]


async def test_what_lands_of_a_branch_that_was_given_up_moves_nobody() -> None:
    drawn = forked([call("a1", "P/join")], [call("b1", "b2"), call("b2", "P/join")], **ANY)
    rest = Sleep(id="after", node="after", seconds=60, to="more")
    nodes = {**drawn.nodes, "more": drawn.nodes["after"].but(entry="more", label="more")}
    steps = {**drawn.steps, "after": rest, "more": say("more", "end")}
    state, world = await walked(drawn.but(steps=steps, nodes=nodes), seconds={"a1": 2, "b1": 9})
    assert state.ending is not None
    assert (world.said, state.ending.results) == (
        ["a1", "b1", "more"],
        {"how": {"a": "joined", "b": "abandoned"}},
    )


async def test_the_record_tells_the_end_and_not_the_question_of_another_branch() -> None:
    drawn = forked([Wait(id="a1", node="a1", to={"answer": "P/join"})], [call("b1", "end")])
    _, world = await walked(drawn)
    last = world.flushes[-1].standing
    assert (last.status, last.node, last.waiting) == ("completed", "end", None)


async def test_what_lands_after_the_end_is_on_record_and_does_not_change_how_it_ended() -> None:
    big = Call(
        id="b1", node="b1", activity="api", args={"text": "b1"}, to={"next": "!next"}, save_to="x", fast=True
    )
    drawn = forked([call("a1", "end")], [big])
    nodes = {**drawn.nodes, "b1": drawn.nodes["b1"].but(exits={"next": "P/join"})}
    lots = Report(state="done", outcome=Outcome(exit="next", value="x" * 900))

    def verdict(effect: Effect) -> Report | None:
        return lots if effect.node == "b1" else None

    limits = Limits(variables_bytes=800)
    state, world = await walked(drawn.but(nodes=nodes), seconds={"b1": 5}, verdict=verdict, limits=limits)
    assert state.ending is not None
    assert state.ending.status == "completed"
    assert ("b1", "done", "next") in [row[1:] for row in world.recorded()]
    assert world.flushes[-1].standing.node == "end"


async def test_a_paused_run_that_another_one_superseded_waits_for_nobody() -> None:
    class Superseded(World):
        async def perform(self, request: Perform) -> Performed:
            return (await super().perform(request)).model_copy(update={"superseded": True})

        async def released(self) -> None:
            raise AssertionError("nobody will release it")

    world = Superseded(pauses=[(0, 10)])
    state = await walk_on(run_of(plan([say("a", "end"), end()]), world), world)
    assert state.ending is not None
    assert state.ending.reason == "superseded"


@pytest.mark.parametrize("how", ["later", "skipped", "failed"])
@pytest.mark.parametrize("join", [TWO, ANY], ids=["all", "any"])
@pytest.mark.parametrize("last", ["wait", "sleep", "end", "call", "set"])
async def test_a_message_that_was_run_ahead_of_before_a_fork_calls_the_walk_back_over_it(
    how: Any, join: dict[str, Any], last: str
) -> None:
    steps: dict[str, Any] = {
        "wait": Wait(id="a1", node="a1", to={"answer": "P/join"}),
        "sleep": Sleep(id="a1", node="a1", seconds=5, to="P/join"),
        "end": on("a1", "end"),
        "call": call("a1", "P/join"),
        "set": sets("a1", "P/join", x=1),
    }
    drawn = forked([steps[last]], [sets("b1", "b2", y="{{y}}+"), on("b2", "P/join")], **join)
    drawn = drawn.but(steps={**drawn.steps, "begin": say("begin", "P")})
    lost = failing("begin")

    def verdict(effect: Effect) -> Report | None:
        if how == "failed" or effect.node != "begin":
            return lost(effect) if how == "failed" else None
        return Report(state=how)

    state, world = await walked(drawn, [message(1, "x", after=3)], verdict=verdict)
    assert state.ending is not None
    assert state.ending.status == ("failed" if how == "failed" else "completed")
    assert world.said.count("begin") == (how != "failed")
    assert state.frame.vars.get("y") in (None, "+"), "what was set ahead is set once"
    seqs = [row[0] for row in world.recorded()]
    assert seqs == list(range(1, state.record_seq + 1))


@pytest.mark.parametrize("how", ["later", "skipped"])
@pytest.mark.parametrize("bad", ["m", "S#1/s1", "S#1/s2", "z"])
async def test_the_walk_goes_back_over_the_edge_of_a_subflow(how: Any, bad: str) -> None:
    into = Subflow(id="S", node="S", plan="sub", to={"done": "z", "failed": FAIL})
    main = plan([say("m", "S"), into, say("z", "end"), end()])
    sub = plan([say("s1", "s2"), say("s2", "end"), end()])

    def verdict(effect: Effect) -> Report | None:
        return Report(state=how) if effect.node == bad else None

    state, world = await walked(main, plans={"sub": sub}, verdict=verdict)
    assert (world.said, len(state.frames)) == (["m", "s1", "s2", "z"], 1)
    assert [effect.node for effect in world.ordinary] == [bad]
    assert [row[0] for row in world.recorded()] == list(range(1, state.record_seq + 1))


def wide(count: int, sub: str | None) -> Plan:
    """So many branches at once, each of a call, or of a subflow."""
    steps: list[Any] = [
        Subflow(id=f"S{n}", node=f"S{n}", plan=sub, to={"done": "P/join", "failed": FAIL})
        if sub
        else call(f"S{n}", "P/join")
        for n in range(count)
    ]
    ways = {f"x{n}": f"S{n}" for n in range(count)}
    parts = [fork(*ways, need=count, enough=count), Join(id="P/join", node="P"), *steps, end()]
    return plan([on("go", "P"), *parts], {"P": {**ways, "joined": "end"}})


async def test_no_more_effects_are_under_way_than_a_server_takes() -> None:
    class Counting(World):
        most = 0

        def start(self, token: int, attempt: Any) -> None:
            super().start(token, attempt)
            self.most = max(self.most, len(self.started))

    world = Counting(limits=Limits(flying=7))
    run = run_of(wide(5, "sub"), world).but(plans=[Loaded("sub", wide(5, None))])
    state = await walk_on(run, world)
    assert state.ending is not None
    assert (state.ending.status, len(world.done), world.most) == ("completed", 25, 7)


async def test_many_branches_use_up_a_task_s_fuel_as_many_steps_do() -> None:
    """Each step looks at all of them; a task that takes 2 s is killed."""
    world = Breathing(limits=Limits(fuel=400))
    await walk_on(run_of(wide(200, None), world), world)
    assert world.breaths > 2


async def test_deep_forks_in_subflows_are_given_up_at_once() -> None:
    """Sixteen flows inside one another, two forks in each: who began what is a line, not a tree of ways."""
    plans = {f"p{depth}": nested(depth) for depth in range(16)}
    state, world = await walked(plans["p0"], plans=plans)
    assert (len(state.tokens), len(state.frames), state.forks) == (1, 1, ())
    assert [row[3] for row in world.recorded()].count("abandoned") == 2 * 16


def nested(depth: int) -> Plan:
    """A fork in a branch of a fork, and the next flow in a branch of that; the innermost sleeps least."""
    ways = {"done": "Q/join", "failed": FAIL}
    inner: Any = Sleep(id="S", node="S", seconds=100, to="Q/join")
    if depth < 15:
        inner = Subflow(id="S", node="S", plan=f"p{depth + 1}", to=ways)
    outer = [
        fork("a", "b", **ANY),
        Join(id="P/join", node="P"),
        Sleep(id="z", node="z", seconds=900, to="P/join"),
    ]
    parts = [
        fork("c", "d", **ANY).but(id="Q", node="Q"),
        Join(id="Q/join", node="Q"),
        inner,
        on("a9", "P/join"),
    ]
    parts += [Sleep(id="y", node="y", seconds=900, to="Q/join"), end()]
    exits = {"P": {"a": "Q", "b": "z", "joined": "end"}, "Q": {"c": "S", "d": "y", "joined": "a9"}}
    return plan([on("go", "P"), *outer, *parts], exits)
