"""`tembea play` and `tembea test-flow`, as people type them."""

import asyncio
import json
from contextlib import suppress
from pathlib import Path
from threading import current_thread, main_thread
from typing import Any
from xml.etree.ElementTree import parse

import pytest
from typer.testing import CliRunner, Result

from tests.simulator.flows import END, flow, node
from wiring.cli.app import app
from wiring.cli.play import play
from wiring.files import ROOT

LEAD = ROOT / "examples" / "lead_capture" / "lead_capture.json"
DESK = ROOT / "examples" / "support_ticket" / "support_ticket.json"


def played(*typed: str, flow: Path = LEAD, options: tuple[str, ...] = ()) -> Result:
    return CliRunner().invoke(app, ["play", str(flow), *options], input="".join(f"{one}\n" for one in typed))


def lines(result: Result) -> list[str]:
    return [line.strip() for line in result.stdout.splitlines()]


def test_a_conversation_is_typed_and_time_passes_as_one_says() -> None:
    done = played("Hi", "John", "/advance 10m", "/why", "/advance 20m", "/vars")
    assert (done.exit_code, "Lead Capture" in done.stderr) == (0, True)
    assert lines(done) == [
        "contact  Hi",
        "bot  What is your name?",
        "contact  John",
        "bot  What is your email address?",
        "bot  Still there?",
        "why  it waits at question-email (waiting_input), timeout at 2026-01-05T09:30:00+00:00;"
        " it is 2026-01-05T09:10:00+00:00",
        "bot  No problem, John. Write to us whenever you like.",
        "(the execution has ended: completed)",
        'vars  {"user_name": "John"}',
        "(the execution has ended: completed)",
    ]


def test_choices_are_shown_and_picked_and_nodes_mocked() -> None:
    done = played("Hi", "/click An invoice", "/click A pear", flow=DESK)
    shown = lines(done)
    assert "bot  What can we help you with?  [An invoice]  [A technical problem]  [Talk to a person]" in shown
    assert shown[-3:] == [
        "contact  [An invoice]",
        "bot  Which invoice? Its number begins with INV-.",
        "no message offers a choice 'A pear'",
    ]
    mock = '/mock api-order {"exit": "failure", "value": {"status": 404}}'
    shop = ROOT / "examples" / "api_integration" / "api_integration.json"
    done = played(mock, "Hi", "B-99", flow=shop)
    assert "bot  We know no order B-99." in lines(done)


def test_a_phone_is_dialled_and_what_the_world_does_is_told() -> None:
    pays = ROOT / "examples" / "pay_then_confirm" / "pay_then_confirm.json"
    done = played("/report pay paid", "/dial *384*2*500#", "/report pay paid", "/hangup", flow=pays)
    assert lines(done) == [
        "the node 'pay' waits for nothing of the kind",
        "contact  (dials *384*2*500#)",
        "bot  Your phone asks for your PIN now. The receipt for KES 500 comes by SMS.",
        "note  (pay: paid)",
        "bot  We received KES 500. Thank you!",
        "(the execution has ended: completed)",
        "nobody is on the line",
        "(the execution has ended: completed)",
    ]


def test_another_channel_than_the_flows_own_may_be_tried() -> None:
    done = played("Hi", "2", flow=DESK, options=("--channel", "ussd"))
    shown = lines(done)
    assert shown[:2] == ["contact  (dials *384*1#)", "bot  Hello there, this is support."]
    assert "3. Talk to a person" in shown
    assert played("Hi", "/dial", options=("--channel", "pigeon")).exit_code == 2


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("/fly", "there is no /fly; /help tells what there is"),
        ("/advance soon", "a duration is written like"),
        ("/mock nobody 1", "there is no node 'nobody'"),
        ("/mock question-name {", "Expecting property name"),
        ("/dial", "nothing can be dialled on chatwoot"),
        ("/dial nobody", "String should match pattern"),
        ("/help", "/advance 3d"),
    ],
)
def test_what_is_typed_wrong_is_told_and_it_goes_on(typed: str, told: str) -> None:
    done = played(typed, "Hi")
    assert done.exit_code == 0
    assert told in done.stdout
    assert lines(done)[-1] == "bot  What is your name?"


def test_quit_leaves_and_nothing_after_it_is_read() -> None:
    assert lines(played("Hi", "/quit", "John"))[-1] == "bot  What is your name?"


class Keyboard:
    """Types some lines, then Ctrl-C; notes what would keep that from being seen at once."""

    def __init__(self, *typed: str) -> None:
        self._typed = iter(typed)
        self.hindered = False

    def readline(self) -> str:
        with suppress(RuntimeError):
            self.hindered |= asyncio.get_running_loop().is_running()
        self.hindered |= current_thread() is not main_thread()
        for line in self._typed:
            return f"{line}\n"
        raise KeyboardInterrupt


def test_ctrl_c_leaves_while_a_line_is_awaited(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A loop that runs, or a thread that reads, would wait for Enter first."""
    keyboard = Keyboard("Hi")
    monkeypatch.setattr("sys.stdin", keyboard)
    play(LEAD, None, None)
    shown = capsys.readouterr()
    assert ("What is your name?" in shown.out, shown.err.splitlines()[-1]) == (True, "Stopped.")
    assert not keyboard.hindered


def test_it_begins_when_and_with_what_it_is_told(tmp_path: Path) -> None:
    document = flow(
        [node("hi", "message", text="{{now}} {{name}}"), END],
        [("hi", "end")],
        variables={"name": {"type": "string", "default": "nobody"}},
    )
    (tmp_path / "flow.json").write_text(json.dumps(document))
    options = ("--at", "2030-05-01T10:00:00+03:00", "--variables", '{"name": "Asha"}')
    assert "bot  2030-05-01T10:00:00+03:00 Asha" in lines(
        played("Hi", flow=tmp_path / "flow.json", options=options)
    )


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--at", "noon"), "--at noon is no ISO 8601 time"),
        (("--variables", "{"), "--variables is not JSON"),
        (("--variables", "[]"), "--variables is a JSON object"),
    ],
)
def test_options_that_cannot_be_read_are_told(options: tuple[str, ...], told: str) -> None:
    done = played("Hi", options=options)
    assert (done.exit_code, told in str(done.exception)) == (1, True)


def folder(path: Path, last: str = "What is your name?") -> Path:
    """A folder with the lead capture and one conversation."""
    (path / "lead.json").write_text(LEAD.read_text())
    talk: list[Any] = [{"say": "Hi"}, {"expect": last}]
    (path / "lead.one.talk.json").write_text(json.dumps(talk))
    return path


def checked(path: Path, *options: str) -> Result:
    return CliRunner().invoke(app, ["test-flow", str(path), *options])


def test_conversations_that_go_as_they_say_are_0(tmp_path: Path) -> None:
    done = checked(folder(tmp_path))
    assert (done.exit_code, done.stdout.splitlines()[-1], done.stderr) == (0, "1 passed, 0 failed", "")
    assert "coverage" not in done.stdout


def test_one_that_does_not_is_1_and_the_difference_is_shown(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    done = checked(folder(tmp_path, "What is your game?"), "--junit", str(report))
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (1, "0 passed, 1 failed")
    shown = lines(done)
    assert shown[2:6] == [
        "lead.one.talk.json:1: the bot said something else",
        "- What is your game?",
        "?              ^",
        "+ What is your name?",
    ]
    [failure] = parse(report).getroot().iter("failure")
    assert failure.get("message") == shown[2]
    assert "+ What is your name?" in (failure.text or "")


@pytest.mark.parametrize(("percent", "code"), [("20", 0), ("40", 1)])
def test_too_little_coverage_is_1(tmp_path: Path, percent: str, code: int) -> None:
    done = checked(folder(tmp_path), "--min-coverage", percent)
    assert done.exit_code == code
    assert "coverage 23 %: 2 of 6 nodes, 1 of 7 exits" in lines(done)
    assert ("cover less than 40 %" in done.stderr) is bool(code)


def test_a_place_without_conversations_is_an_error_that_is_told(tmp_path: Path) -> None:
    done = checked(tmp_path)
    assert (done.exit_code, "there is no <flow>" in str(done.exception)) == (1, True)
