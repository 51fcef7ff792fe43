"""A run's folder is read as it was written, and judged from the command line."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.faults.checker.planted import at, good, history
from torture.checker import __main__ as command
from torture.checker import folder as names
from torture.checker.desk import calls as chatwoot_calls
from torture.checker.desk import webhooks
from torture.checker.folder import load, plain_calls
from torture.checker.verdict import judged, red

HERE = "/api/v1/accounts/{account_id}/conversations/{conversation_id}/messages"
OUTSIDE = "/public/api/v1/inboxes/{inbox}/contacts/{source_id}/conversations/{conversation_id}/messages"


def posted(route: str, seconds: float, status: int = 200, **more: Any) -> dict[str, Any]:
    return {
        "kind": "api",
        "method": "POST",
        "route": route,
        "at": at(seconds).isoformat(),
        "status": status,
        **more,
    }


def delivered(id: str, message: int, outcome: str, seconds: float = 10) -> dict[str, Any]:
    told = {"delivery": id, "message": message, "conversation": 77, "event": "message_created"}
    return {"kind": "delivery", "at": at(seconds).isoformat(), "outcome": outcome, **told}


JOURNAL = [
    posted(OUTSIDE, 9, response_id=101, body={"content": "Hello"}),
    delivered("a", 101, "retry"),
    delivered("a", 101, "delivered", 13),
    posted(HERE, 11, body={"content": "Name?", "source_id": "run:ask:1:1"}),
    posted(OUTSIDE, 19, response_id=103, body={"content": "Asha"}),
    delivered("b", 103, "delivered", 20),
    posted(HERE, 22, body={"content": "Thank you, Asha", "source_id": "run:thank:1:1"}),
]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The folder of a run in which all went well."""
    facts = good()
    for name in (names.HISTORIES, names.LOGS, names.TEMPORAL):
        (tmp_path / name).mkdir()
    _write(tmp_path / names.SOURCE, JOURNAL)
    _write(tmp_path / names.SINK, JOURNAL)
    _write(
        tmp_path / names.FAULTS,
        [
            {
                "what": "kill api",
                "proof": "1 became 2",
                "begun": at(50).isoformat(),
                "ended": at(60).isoformat(),
            }
        ],
    )
    _write(
        tmp_path / names.SAMPLES,
        [{"part": "api", "pid": 1, "at": at(1).isoformat(), "memory": 1, "descriptors": 2, "connections": 3}],
    )
    (tmp_path / names.TABLES).write_text(facts.tables.model_dump_json())
    (tmp_path / names.PLANS).write_text(json.dumps(facts.plans))
    (tmp_path / names.HISTORIES / "run.01.json").write_text(history().json)
    (tmp_path / names.LOGS / "worker.log").write_text("fine\n")
    about = {"seed": 7, "at": at(200).isoformat(), "quietSince": at(60).isoformat()}
    (tmp_path / names.ABOUT).write_text(json.dumps({**about, "secrets": ["a-token"], "private": ["Asha"]}))
    return tmp_path


def _write(path: Path, told: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(line) + "\n" for line in told))


def verdict(
    run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, Any]:
    """What the command says about a folder, and its code."""
    monkeypatch.setattr(sys, "argv", ["checker", str(run)])
    code = command.main()
    return code, json.loads(capsys.readouterr().out)


def test_a_good_run_is_0(
    run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = verdict(run, monkeypatch, capsys)
    assert (code, told["valid"], told["violations"]) == (0, True, {})
    assert (told["seed"], told["report"]["acknowledged"], told["report"]["calls"]) == (7, 2, 2)


@pytest.mark.parametrize(
    ("file", "more", "figure"),
    [
        (names.SOURCE, json.dumps(delivered("c", 105, "delivered")) + "\n", "lost"),
        (names.SINK, json.dumps(JOURNAL[3]) + "\n", "silent_duplicates"),
        ("logs/worker.log", "said Asha\n", "leaks"),
        ("temporal/temporal.db", "\x00a-token", "leaks"),
        ("logs/api.log", "thread panicked\n", "log_problems"),
    ],
)
async def test_what_is_planted_in_a_file_is_found(run: Path, file: str, more: str, figure: str) -> None:
    if figure == "lost":
        _write(run / names.SINK, [*JOURNAL, posted(OUTSIDE, 30, response_id=105, body={"content": "So?"})])
    with (run / file).open("a") as open_file:
        open_file.write(more)
    told = await judged(load(run), seeds=())
    assert (red(told), told["figures"][figure]) == ([figure], 1)


def test_a_history_that_is_walked_another_way_is_1_in_every_order_of_sets(
    run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = run / names.HISTORIES / "run.01.json"
    path.write_text(path.read_text().replace('"name": "send_message"', '"name": "add_label"'))
    code, told = verdict(run, monkeypatch, capsys)
    assert (code, told["figures"]["replay_failures"]) == (1, 2)
    assert "hash seed 2" in told["violations"]["replay_failures"][1]


def test_a_line_that_a_crash_cut_is_left_out(run: Path) -> None:
    with (run / names.SINK).open("a") as sink:
        sink.write('{"kind": "api", "met')
    assert len(load(run).calls) == 2


def test_a_delivery_counts_as_it_ended() -> None:
    tries = [delivered("a", 1, "retry"), delivered("a", 1, "failed"), delivered("b", 2, "dropped")]
    spoilt = {"kind": "fault", "delivery": "b", "action": "drop"}
    told = {one.message: (one.acknowledged, one.faulty) for one in webhooks([*tries, spoilt])}
    assert told == {1: (False, False), 2: (False, True)}
    repeated = [delivered("a", 1, "delivered"), delivered("a", 1, "failed")]
    assert [one.acknowledged for one in webhooks(repeated)] == [True]


def test_a_call_is_done_where_the_sink_did_it_whatever_it_answered() -> None:
    body = {"source_id": "run:ask:1:1"}
    lines = [posted("unknown", 1, 0, body=body), posted(HERE, 2, 200, body=body, fault="error_after")]
    assert [call.done for call in chatwoot_calls(lines)] == [False, True]
    keyed = {"kind": "http", "at": at(1).isoformat(), "done": True}
    assert [call.key for call in plain_calls([{**keyed, "key": None}, {**keyed, "key": "k"}])] == ["k"]
