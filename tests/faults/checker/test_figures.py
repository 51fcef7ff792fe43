"""Each invariant turns red where it is violated, and only there."""

import json
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.faults.checker.planted import (
    LINES,
    at,
    call,
    effect,
    execution,
    good,
    history,
    line,
    row,
    tables,
    told,
    told_live,
)
from torture.checker import words
from torture.checker.facts import Facts, Figure
from torture.checker.recorded import Recorded
from torture.checker.resources import resources
from torture.checker.told import Fault, Run, Sample
from torture.checker.verdict import judged as judged_anywhere
from torture.checker.verdict import red, violated

judged = partial(judged_anywhere, seeds=())
"""Replayed in this process."""
ANSWER = row(2, "msg:103", "answer", "Asha")
OPENING = row(1, "msg:101", "start", "Hello")


async def test_where_all_went_well_every_figure_is_nought() -> None:
    verdict = await judged(good())
    assert verdict["valid"], verdict
    assert red(verdict) == [], verdict
    assert set(verdict["figures"]) == set(Figure.__args__)  # type: ignore[attr-defined]


def _lines(*more: tuple[str, str, str, str | None]) -> list[object]:
    return [line(seq, *one) for seq, one in enumerate((*LINES[:3], *more, *LINES[3:]), start=1)]


def _failed(cause: str, type: str = "KeyError", seconds: float = 0, why: str = "why") -> Run:
    """The history with a task that failed."""
    run = history()
    failure = {"message": why, "applicationFailureInfo": {"type": type}}
    told = {"cause": f"WORKFLOW_TASK_FAILED_CAUSE_{cause}", "failure": failure}
    return run._replace(events=[*run.events, _event("99", "WORKFLOW_TASK_FAILED", seconds, told)])


def _timer(late: float) -> Run:
    """A timer of a second that fired so many seconds after it was due."""
    started = _event("1", "TIMER_STARTED", 100, {"startToFireTimeout": "1s"})
    return history()._replace(
        events=[started, _event("2", "TIMER_FIRED", 101 + late, {"startedEventId": "1"})]
    )


def _event(id: str, kind: str, seconds: float, told: dict[str, Any]) -> dict[str, Any]:
    first, *others = kind.split("_")
    name = first.lower() + "".join(word.capitalize() for word in others)
    time = f"{at(seconds):%Y-%m-%dT%H:%M:%S}Z"
    return {
        "eventId": id,
        "eventType": f"EVENT_TYPE_{kind}",
        "eventTime": time,
        f"{name}EventAttributes": told,
    }


def _other_way() -> Run:
    """A history that the walk does not walk: a timer in it has another name."""
    run = history()
    return run._replace(json=run.json.replace('"EVENT_TYPE_TIMER_STARTED"', '"EVENT_TYPE_MARKER_RECORDED"'))


PLANTED: dict[str, tuple[Figure, Facts]] = {
    "an acknowledged webhook has no row": ("lost", good(webhooks=[told(105, 20)], words={105})),
    "a row never came to its end": (
        "lost", good(db=tables(inbound_events=[OPENING, ANSWER, row(3, "msg:105", "", state="handed")])),
    ),
    "a place of the lane is nobody's": (
        "lost", good(db=tables(inbound_events=[OPENING, ANSWER, row(4, "msg:105", "to_human")])),
    ),
    "one message was consumed as two": (
        "double_transitions",
        good(db=tables(inbound_events=[OPENING, ANSWER, ANSWER.model_copy(update={"seq": 3, "id": "x"})])),
    ),
    "one answer ended two waits": (
        "double_transitions",
        good(db=tables(execution_history=_lines(("ask", "question", "waiting", None)))),
    ),
    "the later row was consumed first": (
        "inversions",
        good(db=tables(inbound_events=[row(1, "msg:101", "start", "Hello", consumed_at=at(30)), ANSWER])),
    ),
    "the later row has the earlier clock": (
        "inversions",
        good(db=tables(inbound_events=[row(1, "msg:101", "start", "Hello", accepted_at=at(20.5)), ANSWER])),
    ),
    "a message was sent twice": (
        "silent_duplicates", good(calls=[*good().calls, call("ask", "Name?")]),
    ),
    "a variable is another": (
        "divergent", good(db=tables(executions=[execution(context={"variables": {"name": "Juma"}})])),
    ),
    "another text was sent": (
        "divergent", good(calls=[call("ask", "Name?"), call("thank", "Thank you, Juma")]),
    ),
    "a node was left another way": (
        "divergent", good(db=tables(execution_history=_lines(("thank", "message", "done", "next")))),
    ),
    "an execution runs and does not move": (
        "stuck", good(db=tables(executions=[execution(status="running")])),
    ),
    "a row waits for its execution": (
        "stuck", good(db=tables(inbound_events=[OPENING, ANSWER.model_copy(update={"state": "handed"})])),
    ),
    "a task failed of a bug": ("wft_failures", good(runs=[_failed("WORKFLOW_WORKER_UNHANDLED_FAILURE")])),
    "a walk went another way": ("nondeterminism", good(runs=[_failed("NON_DETERMINISTIC_ERROR")])),
    "a history is not walked any more": ("replay_failures", good(runs=[_other_way()])),
    "a timer fired too early": ("late_timers", good(runs=[_timer(-1)])),
    "a timer fired too late": ("late_timers", good(runs=[_timer(11)])),
    "an effect of no execution": (
        "orphans", good(db=tables(effects=[*tables().effects, effect("ask", 11, 9, execution_id="gone")])),
    ),
    "a live event that is missing": (
        "gaps", good(db=tables(execution_events=[told_live(1, "started"), told_live(3, "completed")])),
    ),
    "an effect is open though its execution ended": (
        "orphans",
        good(db=tables(effects=[effect("ask", 11, 102), effect("thank", 22, 104, state="attempting")])),
    ),
    "a lane belongs to an execution that has ended": (
        "orphans", good(db=tables(lanes=[{"id": "lane", "address": "77", "execution_id": "run"}])),
    ),
    "what the ledger calls sent was sent by nobody": ("orphans", good(calls=good().calls[:1])),
    "the sink did what no ledger knows of": (
        "orphans", good(calls=[*good().calls, call("hello", "Hi")]),
    ),
    "a log holds a secret": ("leaks", good(found=[("worker.log", "a-token")])),
    "a log holds a traceback": (
        "log_problems", good(logs={"worker.log": ["Traceback (most recent call last):"]}),
    ),
    "an executor raised what no provider's error is": (
        "log_problems", good(logs={"worker.log": ['{"error":"KeyError","event":"executor_raised"}']}),
    ),
    "a coroutine was never awaited": (
        "log_problems", good(logs={"api.log": ["RuntimeWarning: coroutine 'x' was never awaited"]}),
    ),
}  # fmt: skip


@pytest.mark.parametrize("planted", PLANTED)
async def test_what_is_planted_is_found(planted: str) -> None:
    figure, facts = PLANTED[planted]
    assert (await violated(facts))[figure], planted


async def test_a_message_sent_twice_that_the_ledger_calls_unknown_is_counted_and_no_silent_one() -> None:
    effects = [effect("ask", 11, 102, state="unknown"), effect("thank", 22, 104)]
    verdict = await judged(good(db=tables(effects=effects), calls=[*good().calls, call("ask", "Name?")]))
    assert verdict["figures"]["silent_duplicates"] == 0
    assert (verdict["report"]["unknown"], verdict["report"]["unknown_rate"]) == (1, 0.5)


@pytest.mark.parametrize(
    ("faults", "late"),
    [
        ([], 31),
        ([(95, 111)], 21),
        ([(103, 133)], 2),  # its end is noted a little after it
        ([(96, 99), (140, 150)], 31),
        ([(104, 111), (116, 131)], 5),
        ([(104, 120), (106, 110), (121, 125)], 7),
    ],
)
async def test_a_timer_is_late_by_the_longest_time_in_which_no_fault_kept_it(
    faults: list[tuple[float, float]], late: float
) -> None:
    """Due at 101, it fired at 132."""
    kept = [Fault("stop temporal", at(begun), at(ended), "stood") for begun, ended in faults]
    verdict = await judged(good(runs=[_timer(31)], faults=kept))
    assert verdict["report"]["max_timer_lateness"] == late
    assert verdict["figures"]["late_timers"] == (late > 10)


async def test_an_expected_failure_of_a_task_is_told_and_no_fault() -> None:
    verdict = await judged(good(runs=[_failed("UNHANDLED_COMMAND")]))
    assert verdict["figures"]["wft_failures"] == 0
    assert verdict["report"]["expected_task_failures"] == {"UNHANDLED_COMMAND": 1}


@pytest.mark.parametrize(("seconds", "failures"), [(55, 0), (69, 0), (75, 1)])
async def test_a_task_may_be_slow_only_while_something_is_broken_and_soon_after(
    seconds: float, failures: int
) -> None:
    slow = _failed(
        "WORKFLOW_WORKER_UNHANDLED_FAILURE", "", seconds, "[TMPRL1101] Potential deadlock detected"
    )
    verdict = await judged(good(runs=[slow]))
    assert verdict["figures"]["wft_failures"] == failures
    assert verdict["report"]["expected_task_failures"].get("DEADLOCK", 0) == 1 - failures


async def test_a_task_whose_worker_was_gone_is_told_and_no_fault() -> None:
    run = history()
    late = run._replace(events=[*run.events, _event("99", "WORKFLOW_TASK_TIMED_OUT", 55, {})])
    verdict = await judged(good(runs=[late]))
    assert verdict["figures"]["wft_failures"] == 0
    assert verdict["report"]["expected_task_failures"] == {"TIMED_OUT": 1}


@pytest.mark.parametrize(("fault", "problems"), [("disk full", 0), ("kill postgres", 1)])
@pytest.mark.parametrize(
    "said",
    [
        "PANIC:  could not write to file: No space left on device",
        '{"error":"DiskFullError","event":"delivery_raised","level":"error"}',
    ],
)
async def test_want_of_space_may_be_complained_of_only_where_a_disk_was_filled(
    fault: str, problems: int, said: str
) -> None:
    logs = {"postgres.log": [said]}
    faults = [Fault(fault, at(50), at(60), "proof")]
    assert len((await violated(good(logs=logs, faults=faults)))["log_problems"]) == problems


@pytest.mark.parametrize(
    "said",
    [
        '{"error":"ConnectionRefusedError","event":"delivery_raised","level":"error"}',
        '{"event":"Task exception was never retrieved","exception":["_InterruptDeadlockError","x.py:1 y"]}',
    ],
)
async def test_what_is_said_where_a_server_is_away_or_a_task_too_slow_is_no_problem(said: str) -> None:
    assert not (await violated(good(logs={"worker.log": [said]})))["log_problems"]


@pytest.mark.parametrize(("seconds", "failures"), [(55, 0), (80, 1)])
@pytest.mark.parametrize("error", ["ConnectionRefusedError", "PlanNotLoadedError"])
async def test_a_task_may_fail_for_want_of_the_database_only_while_that_is_away(
    seconds: float, failures: int, error: str
) -> None:
    away = _failed("WORKFLOW_WORKER_UNHANDLED_FAILURE", error, seconds)
    verdict = await judged(good(runs=[away]))
    assert verdict["figures"]["wft_failures"] == failures
    assert verdict["report"]["expected_task_failures"].get("DATABASE_AWAY", 0) == 1 - failures


async def test_a_flow_may_have_an_expectation_of_its_own() -> None:
    def strict(one: Recorded) -> list[str]:
        return [f"{one.account.status} is not enough"]

    found = await violated(good(), expectations={"f": strict})
    assert found["divergent"] == ["execution run of f: completed is not enough"]


async def test_who_still_waits_as_the_reference_does_has_not_gone_another_way() -> None:
    waiting = execution(status="waiting_input", completion_reason=None, context={"variables": {}}, last_seq=1)
    db = tables(
        inbound_events=[OPENING],
        effects=[effect("ask", 11, 102)],
        executions=[waiting],
        execution_history=[line(seq, *one) for seq, one in enumerate(LINES[:2], start=1)],
        lanes=[{"id": "lane", "address": "77", "execution_id": "run"}],
    )
    found = await violated(good(db=db, webhooks=[told(101, 10)], calls=[call("ask", "Name?")]))
    assert not any(found.values()), found


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        (good(faults=[Fault("kill api", at(50), at(60), None)]), "kill api left no proof"),
        (good(webhooks=[]), "nothing happened outside fault windows"),
        (
            good(webhooks=[told(101, 10), told(103, 20, acknowledged=False)]),
            "only 50% of what people did outside fault windows was taken",
        ),
    ],
)
async def test_a_run_that_proves_nothing_is_invalid(facts: Facts, why: str) -> None:
    verdict = await judged(facts)
    assert (verdict["valid"], verdict["invalid"]) == (False, [why])


async def test_what_failed_in_a_fault_window_or_was_spoilt_on_purpose_does_not_count() -> None:
    spoilt = [
        told(101, 10),
        told(103, 55, acknowledged=False),
        told(103, 30, acknowledged=False, faulty=True),
    ]
    assert (await judged(good(webhooks=spoilt)))["report"]["progress"] == 1


def test_a_canary_is_found_in_any_file(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a.log", "b.db", "c.log")]
    for file, held in zip(files, (b"fine", b"\x00\xffa-token\x00", b""), strict=True):
        file.write_bytes(held)
    assert list(words.search(files, ["a-token", "other"])) == [("b.db", "a-token")]


def test_words_and_numbers_are_found_wherever_they_stand(tmp_path: Path) -> None:
    held = b"\xffa0123456789abcdef\x00 said+254700000001,not 0123456789abcdeg"
    (tmp_path / "t.db").write_bytes(held)
    wanted = ["0123456789abcdef", "a0123456789abcde", "254700000001", "fedcba9876543210", "said+", "nobody"]
    found = {canary for _, canary in words.search([tmp_path / "t.db"], wanted)}
    assert found == {"0123456789abcdef", "a0123456789abcde", "254700000001", "said+"}


def test_growth_is_told_per_hour_and_per_process() -> None:
    grown = [Sample("api", 7, at(minutes * 60), 100 + minutes, 9, 3) for minutes in range(4)]
    held = resources(good(samples=[Sample("api", 6, at(-60), 90, 8, 2), *grown]))["api"]
    assert held["before"] == {"memory": 90, "descriptors": 8, "connections": 2}
    assert held["after"] == {"memory": 103, "descriptors": 9, "connections": 3}
    assert held["per_hour"] == {"memory": 60, "descriptors": 0, "connections": 0}


async def test_sizes_are_told() -> None:
    sizes = (await judged(good()))["report"]["sizes"]
    events = len(json.loads(history().json)["events"])
    assert sizes["max_events"] == events
    assert sizes["events_per_visit"] == events / 4


async def test_patience_is_the_callers() -> None:
    db = tables(executions=[execution(status="running", updated_at=at(170))])
    assert not (await violated(good(db=db)))["stuck"]
    assert (await violated(good(db=db), patience=timedelta(seconds=20)))["stuck"]
    assert not (await violated(good(db=db, quiet_since=at(190)), patience=timedelta(seconds=20)))["stuck"]
