"""A flow walked under a virtual clock, where mocks answer for the world."""

from datetime import UTC, datetime
from typing import Any

import pytest

from activities.evaluation import sandbox
from simulator.bounds import Bounds
from simulator.trace import Ended, Heard, Rested, Stepped, Stopped
from tests.simulator.flows import ASK, END, flow, node, played, simulated

AGE = flow(
    [ASK, node("told", "message", text="{{age}} it is."), node("late", "message", text="Never mind."), END],
    [("ask", "answer", "told"), ("ask", "timeout", "late"), ("told", "end"), ("late", "end")],
)
CALL = node("call", "api", url="https://shop.example/{{what}}", saveTo="got")
CALLING = flow(
    [
        CALL,
        *(node(id, "message", text=f"{id} {{{{got.body}}}}") for id in ("found", "missing", "broken")),
        END,
    ],
    [
        ("call", "success", "found"),
        ("call", "failure", "missing"),
        ("call", "error", "broken"),
        *((id, "end") for id in ("found", "missing", "broken")),
    ],
    variables={"what": {"type": "string", "default": "hat"}, "got": {"type": "object"}},
)


async def test_the_first_words_open_the_conversation_and_the_next_are_the_answer() -> None:
    seen = flow(
        [node("hi", "message", text="{{contact.name}}: {{trigger.message.text}}"), END], [("hi", "end")]
    )
    done = await played(seen, {"say": "Hello"}, {"expect": "John: Hello"})
    assert (done.passed, done.status, done.reason) == (True, "completed", "completed")
    done = await played(
        AGE, {"say": "12"}, {"expect": "How old are you?"}, {"say": "13"}, {"expect": "13 it is."}
    )
    assert (done.failure, done.variables) == (None, {"age": 13})


async def test_a_trigger_that_is_given_has_started_it_so_the_first_words_are_an_answer() -> None:
    given = flow([ASK, node("told", "message", text="{{age}} {{trigger.event}}"), END], [*AGE_EDGES])
    done = await played(given, {"say": "12"}, {"expect": "How old are you?"}, trigger={"event": "api"})
    assert done.transcript[-1].text == "12 api"


AGE_EDGES = [("ask", "answer", "told"), ("ask", "timeout", "end"), ("told", "end")]


async def test_reminders_and_deadlines_come_when_time_passes() -> None:
    ask = {**ASK, "config": {**ASK["config"], "reminders": [{"after": "10m", "text": "Still there?"}]}}
    reminded = flow(
        [ask, *AGE["nodes"][2:]], [("ask", "answer", "told"), ("ask", "timeout", "late"), *AGE_END]
    )
    done = await played(
        reminded,
        {"say": "Hi"},
        {"expect": "How old are you?"},
        {"advance": "599s"},
        {"advance": "1s"},
        {"expect": "Still there?"},
        {"advance": "49m"},
        {"advance": "1m"},
        {"expect": "Never mind."},
        {"expectExit": {"ask": "timeout"}},
    )
    assert done.failure is None
    assert [f"{one.at:%H:%M:%S}" for one in done.transcript] == ["09:00:00"] * 2 + ["09:10:00", "10:00:00"]


AGE_END = [("told", "end"), ("late", "end")]


@pytest.mark.parametrize(("wait", "comes"), [("20s", True), ("21s", False)])
async def test_an_expected_message_is_waited_for_as_people_would(wait: str, comes: bool) -> None:
    slow = flow(
        [node("pause", "delay", **{"for": wait}), node("hi", "message", text="Hi."), END],
        [("pause", "hi"), ("hi", "end")],
    )
    done = await played(slow, {"say": "Hi"}, {"expect": "Hi."})
    assert done.passed is comes
    assert (done.at.second, len(done.transcript)) == ((20, 2) if comes else (0, 1)), "no more time passes"


@pytest.mark.parametrize(
    ("mock", "said"),
    [
        ({"exit": "success", "value": {"body": "a hat"}}, "found a hat"),
        ({"body": "a hat"}, "found a hat"),
        ({"exit": "failure"}, "missing "),
        ({"exit": "error", "error": "no line"}, "broken "),
        ({"exit": "unknown"}, "broken "),
        (None, "found "),
    ],
)
async def test_mocks_answer_for_the_world(mock: Any, said: str) -> None:
    done = await played(CALLING, {"mock": {"call": mock}}, {"say": "Hi"}, {"expect": said})
    assert done.failure is None
    called = next(one for one in done.trace if isinstance(one, Stepped) and one.node == "call")
    assert (called.answered[0].mocked, called.answered[0].args["url"]) == (True, "https://shop.example/hat")


async def test_without_a_mock_a_kind_answers_as_it_does_in_tests() -> None:
    done = await played(CALLING, {"say": "Hi"}, {"expect": "found "})
    assert done.failure is None


async def test_arguments_that_no_executor_could_read_fail_as_they_would() -> None:
    asked = flow(
        [node("set", "set_variables", set={"what": [1]}), *CALLING["nodes"][1:]],
        [
            ("set", "call"),
            *[(e["from"], *([e["exit"]] if "exit" in e else []), e["to"]) for e in CALLING["edges"][1:]],
        ],
        variables={**CALLING["variables"], "what": {"type": "any"}},
    )
    asked["nodes"][2]["config"]["url"] = "{{what}}"
    done = await played(asked, {"say": "Hi"}, {"expect": "broken "})
    assert done.failure is None
    called = next(one for one in done.trace if isinstance(one, Stepped) and one.node == "call")
    assert called.answered[0].error
    assert called.answered[0].error.code == "INVALID_ARGUMENTS"


async def test_a_message_that_cannot_be_sent_is_not_said() -> None:
    speaks = flow(
        [node("hi", "message", text="Hi."), node("sorry", "message", text="Sorry."), END],
        [("hi", "next", "end"), ("hi", "error", "sorry"), ("sorry", "end")],
    )
    done = await played(speaks, {"mock": {"hi": {"exit": "error"}}}, {"say": "Hi"}, {"expect": "Sorry."})
    assert done.failure is None


async def test_branches_run_side_by_side_and_each_takes_its_own_time() -> None:
    both = flow(
        [
            node("both", "parallel", branches=["a", "b"]),
            node("slow", "api", url="https://a.example", saveTo="first"),
            node("quick", "api", url="https://b.example", saveTo="second"),
            node("told", "message", text="{{first}} {{second}}"),
            END,
        ],
        [
            *(("both", "a", "slow"), ("both", "b", "quick"), ("both", "joined", "told")),
            *((id, exit, "both") for id in ("slow", "quick") for exit in ("success", "failure")),
            ("told", "end"),
        ],
        variables={"first": {"type": "any"}, "second": {"type": "any"}},
    )
    mocks = {
        "slow": {"exit": "success", "value": 1, "takes": "5s"},
        "quick": {"exit": "success", "value": 2, "takes": "3s"},
    }
    done = await played(both, {"mock": mocks}, {"say": "Hi"}, {"expect": "1 2"})
    assert done.failure is None
    ends = [(one.node, one.at.second) for one in done.trace if isinstance(one, Stepped) and one.op == "call"]
    assert ends == [("quick", 3), ("slow", 5)]
    assert done.exits["both"] == ["a", "b", "joined"]
    forked = next(one for one in done.trace if isinstance(one, Stepped) and one.op == "fork")
    assert forked.exit is None, "it is left by several"


async def test_time_that_an_effect_takes_passes_for_the_others_too() -> None:
    both = flow(
        [
            node("both", "parallel", branches=["a", "b"]),
            node("slow", "api", url="https://a.example"),
            node("pause", "delay", **{"for": "3s"}),
            END,
        ],
        [
            *(("both", "a", "slow"), ("both", "b", "pause"), ("both", "joined", "end"), ("pause", "both")),
            *(("slow", exit, "both") for exit in ("success", "failure")),
        ],
    )
    slow = {"mock": {"slow": {"exit": "success", "takes": "3s"}}}
    done = await played(both, slow, {"say": "Hi"}, {"expectExit": "completed"})
    assert (done.failure, done.at.second) == (None, 3)


async def test_a_mock_may_take_time_alone_as_well() -> None:
    mock = {"call": {"exit": "failure", "takes": "15s"}}
    done = await played(CALLING, {"mock": mock}, {"say": "Hi"}, {"expect": "missing "})
    assert (done.failure, done.at.second) == (None, 15)


async def test_what_is_said_after_the_end_is_heard_by_nobody() -> None:
    done = await played(CALLING, {"say": "Hi"}, {"expect": "found "}, {"say": "Thanks"})
    assert done.passed
    assert [one.how for one in done.trace if isinstance(one, Heard)] == ["start", "after_end"]


@pytest.mark.parametrize("how", ["resolved", "returned"])
async def test_the_desk_resolves_or_returns_what_was_handed_over(how: str) -> None:
    handed = flow(
        [
            node("person", "transfer_agent", text="One moment.", resumeOn="resolved"),
            *(node(id, "message", text=f"It is {id}.") for id in ("resolved", "returned")),
            END,
        ],
        [
            *(("person", id, id) for id in ("resolved", "returned")),
            *((id, "end") for id in ("resolved", "returned")),
        ],
    )
    done = await played(
        handed,
        *({"say": "Hi"}, {"expect": "One moment."}, {"say": "Hello?"}),
        *({"desk": how}, {"expect": f"It is {how}."}),
    )
    assert done.failure is None
    assert [one.how for one in done.trace if isinstance(one, Heard)] == ["start", "to_human", "interrupt"]


async def test_at_rest_it_tells_why_and_what_comes_next() -> None:
    ask = {**ASK, "config": {**ASK["config"], "reminders": [{"after": "10m", "text": "Still there?"}]}}
    document = flow(
        [ask, node("agent", "message", text="An agent."), END],
        [("ask", "answer", "end"), ("ask", "timeout", "end"), ("agent", "end")],
        settings={"interrupts": {"agent": {"to": "agent", "return": True}}},
    )
    done = await played(document, {"say": "Hi"}, variables={"seen": 1})
    assert done.waiting
    waits, timer = done.waiting.waiting[0], done.waiting.timer
    assert (done.status, waits.node, waits.expects, waits.interrupts) == (
        "waiting_input",
        "ask",
        "integer",
        ["agent"],
    )
    assert timer
    assert (timer.what, f"{timer.at:%H:%M}", waits.deadline and f"{waits.deadline:%H:%M}") == (
        "reminder",
        "09:10",
        "10:00",
    )
    assert done.waiting.variables == {"seen": 1}
    done = await played(document, {"say": "Hi"}, {"advance": "10m"})
    assert done.waiting
    assert done.waiting.timer
    assert done.waiting.timer.what == "timeout"
    done = await played(
        document, *({"say": text} for text in ("Hi", "AGENT")), {"expect": "How old are you?"}
    )
    assert [one.text for one in done.transcript][2:] == ["AGENT", "An agent.", "How old are you?"]


async def test_code_of_the_flow_runs_for_real() -> None:
    document = flow(
        [
            node("twice", "script", javascript="return vars.age * 2", saveTo="double"),
            node("odd", "condition", condition={"javascript": "vars.double > 20"}),
            node("yes", "message", text="{{double}}"),
            END,
        ],
        [("twice", "odd"), ("odd", "true", "yes"), ("odd", "false", "end"), ("yes", "end")],
        variables={"age": {"type": "integer", "default": 11}, "double": {"type": "any"}},
    )
    done = await played(document, {"say": "Hi"}, {"expect": "22"})
    assert done.failure is None


async def test_a_machine_that_cannot_run_code_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "CHILD", "no_such_module_at_all")
    document = flow([node("one", "script", javascript="return 1"), END], [("one", "end")])
    done = await played(document, {"say": "Hi"})
    assert done.failure
    assert done.failure.message.startswith("NO_SANDBOX: Code of the flow cannot be run on this machine")
    assert isinstance(done.trace[-1], Stopped)


LOOP = flow(
    [node("wait", "delay", **{"for": "1s"}), node("hi", "message", text="Hi."), END],
    [("wait", "hi"), ("hi", "wait")],
)
LOOP["nodes"] = [one for one in LOOP["nodes"] if one["id"] != "end"]


async def test_time_ends_before_the_calendar_does() -> None:
    """Effects may be told to take five years each, and a loop has many of them."""
    endless = {"left": 1, "operator": "eq", "right": 1}
    document = flow(
        [
            node("loop", "loop", mode="while", condition=endless, maxIterations=9_999),
            node("look", "api", url="https://api.example/x"),
            END,
        ],
        [("loop", "body", "look"), ("look", "loop"), ("loop", "end")],
    )
    slow = {"look": {"exit": "success", "takes": "1825d"}}
    async with simulated(document, mocks=slow, at=datetime(8990, 1, 1, tzinfo=UTC)) as simulation:
        await simulation.say("Hi")
        assert simulation.halted
        assert simulation.halted.code == "TOO_LATE"


@pytest.mark.parametrize(
    ("bounds", "code"),
    [
        ({"steps": 50}, "TOO_MANY_STEPS"),
        ({"bytes": 2_000}, "TRACE_TOO_LARGE"),
        ({"seconds": 0.0}, "TOO_SLOW"),
    ],
)
async def test_it_goes_no_further_than_its_bounds(bounds: dict[str, Any], code: str) -> None:
    async with simulated(LOOP, Bounds(**bounds)) as simulation:
        await simulation.say("Hi")
        await simulation.advance(3_600)
        assert simulation.halted
        assert simulation.halted.code == code
        assert simulation.over
        entries = len(simulation.trace)
        assert entries < 60
        await simulation.say("Hello?")
        await simulation.advance(1)
        assert len(simulation.trace) <= entries + 1


async def test_the_same_conversation_is_the_same_to_the_byte() -> None:
    lines = [{"say": "Hi"}, {"say": "12"}, {"advance": "1d"}]
    one, two = [(await played(AGE, *lines)).model_dump_json() for _ in range(2)]
    assert one == two
    assert isinstance((await played(AGE, *lines)).trace[-1], Ended)


async def test_it_begins_when_and_with_what_it_is_told() -> None:
    document = flow(
        [node("hi", "message", text="{{now}} {{name}} {{contact.name}}"), END],
        [("hi", "end")],
        variables={"name": {"type": "string", "default": "none"}},
    )
    done = await played(
        document,
        {"say": "Hi"},
        {"expect": "2030-05-01T07:00:00+00:00 Asha Juma"},
        at="2030-05-01T07:00:00Z",
        variables={"name": "Asha"},
        contact={"name": "Juma"},
    )
    assert done.failure is None


async def test_a_rest_is_told_once_for_each_time_it_comes_to_one() -> None:
    done = await played(AGE, {"say": "Hi"}, {"advance": "10m"}, {"say": "12"})
    assert [type(one) for one in done.trace if isinstance(one, Rested | Ended)] == [Rested, Rested, Ended]


async def test_what_a_flow_changes_of_the_contact_it_sees() -> None:
    document = flow(
        [
            node("know", "update_contact", attributes={"email": "asha@example.org"}),
            node("hi", "message", text="{{contact.name}} {{contact.email}}"),
            END,
        ],
        [("know", "hi"), ("hi", "end")],
    )
    done = await played(document, {"say": "Hi"}, {"expect": "John asha@example.org"})
    assert done.failure is None
