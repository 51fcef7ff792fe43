"""`tembea demo`: conversations on real parts, from nothing to their end."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.talks import ENDING
from tests.servers import scratch_state_dir
from tests.system.local import processes_of, run_demo
from torture.raw import always, answer, serving
from wiring.files import ROOT

pytestmark = pytest.mark.real

EXAMPLES = ROOT / "examples"


def one_talk(into: Path, name: str, scenario: str) -> Path:
    """A copy of an example, of the flows beside it, and of one of its conversations."""
    for file in (EXAMPLES / name).glob("*.json"):
        if not file.name.endswith(ENDING) or file.name == f"{name}.{scenario}{ENDING}":
            shutil.copy(file, into / file.name)
    return into / f"{name}.json"


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A state folder that all demos of this module use, one after the other."""
    with scratch_state_dir() as made:
        yield made


async def test_a_first_demo_prints_the_conversation_and_its_result_and_leaves_no_process(
    folder: Path,
) -> None:
    demo = await run_demo(folder)
    assert demo.code == 0, demo
    assert demo.transcript[:2] == ["contact  Hi there", "bot  What is your name?"]
    assert demo.transcript[-1] == "bot  Thank you, John! We will contact you at john@example.com."
    variables = {"user_name": "John", "user_email": "john@example.com"}
    assert demo.result.items() >= {"ok": True, "status": "completed", "variables": variables}.items()
    assert set(demo.result) == {"ok", "executionId", "status", "variables", "seconds"}
    assert processes_of(folder) == []


async def test_another_flow_on_the_same_folder_takes_its_own_branch(folder: Path) -> None:
    demo = await run_demo(folder, "--flow", str(EXAMPLES / "support_ticket" / "support_ticket.json"))
    assert demo.code == 0, demo
    assert demo.transcript[-1] == "bot  Thank you. Your ticket is about invoice INV-2042."
    assert demo.result["variables"]["ticket"] == {"kind": "invoice", "reference": "INV-2042"}


async def test_a_flow_drawn_on_a_canvas_is_played_like_the_others(folder: Path, tmp_path: Path) -> None:
    flow = one_talk(tmp_path, "support_ticket", "invoice")
    shutil.copy(EXAMPLES / "support_ticket" / "support_ticket.ui.json", flow)
    demo = await run_demo(folder, "--flow", str(flow))
    assert demo.code == 0, demo
    assert demo.result["variables"]["ticket"] == {"kind": "invoice", "reference": "INV-2042"}


@pytest.mark.parametrize(
    ("name", "scenario", "variables"),
    [
        ("simple_welcome", "hello", {}),
        (
            "every_kind",
            "repair",
            {"wanted": "repair", "repair": {"device": "phone", "email": "asha@example.org"}},
        ),
    ],
)
async def test_an_example_is_played_to_its_end(
    folder: Path, tmp_path: Path, name: str, scenario: str, variables: dict[str, object]
) -> None:
    demo = await run_demo(folder, "--flow", str(one_talk(tmp_path, name, scenario)))
    assert demo.code == 0, demo
    assert demo.result["variables"].items() >= variables.items()


async def test_a_flow_on_a_service_code_is_played_on_a_phone(folder: Path, tmp_path: Path) -> None:
    demo = await run_demo(folder, "--flow", str(one_talk(tmp_path, "ussd_menu", "airtime")))
    assert demo.code == 0, demo
    assert demo.transcript[:3] == [
        "contact  (dials *384*1#)",
        "bot  Duka. What do you want?",
        "1. My balance",
    ]
    assert demo.transcript[-1] == "bot  KES 50 of airtime is on its way."
    assert demo.result.items() >= {"ok": True, "status": "completed", "variables": {"amount": 50}}.items()


async def test_a_flow_says_what_the_api_it_calls_has_answered(folder: Path, tmp_path: Path) -> None:
    flow = one_talk(tmp_path, "api_integration", "found")
    found = answer(200, b'{"status": "on its way"}', content_type="application/json")
    async with serving(always(found)) as shop:
        document = json.loads(flow.read_text())
        document["variables"]["shop_url"]["default"] = shop.url("")
        flow.write_text(json.dumps(document))
        demo = await run_demo(folder, "--flow", str(flow), TEMBEA_SAFE_HTTP_ALLOW=shop.here)
    assert demo.code == 0, demo
    assert demo.transcript[-1] == "bot  Order A-17 is on its way."
    assert [asked.split(b"\r\n")[0] for asked in shop.seen] == [b"GET /orders/A-17 HTTP/1.1"]


async def test_a_conversation_that_goes_another_way_is_a_failure_and_the_same_flow_runs_again(
    folder: Path, tmp_path: Path
) -> None:
    flow = shutil.copy(EXAMPLES / "lead_capture" / "lead_capture.json", tmp_path / "wrong.json")
    talk = [{"say": "Hi"}, {"expect": "What is your name?"}, {"say": "John"}, {"expect": "Goodbye."}]
    (tmp_path / "wrong.one.talk.json").write_text(json.dumps(talk))
    demo = await run_demo(folder, "--flow", str(flow))
    assert demo.code == 1
    assert demo.transcript[-1] == "bot  What is your email address?"
    assert demo.result["ok"] is False
    assert demo.result["error"] == "expected 'Goodbye.', the bot said 'What is your email address?'"
    assert processes_of(folder) == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("{}", r"there is no flow\.<scenario>\.talk\.json"), ("{", "is not JSON"), ("[]", "is not a flow")],
)
async def test_a_file_that_cannot_be_played_is_one_line_and_1(
    tmp_path: Path, text: str, complaint: str
) -> None:
    flow = tmp_path / "flow.json"
    flow.write_text(text)
    demo = await run_demo(tmp_path / "state", "--flow", str(flow))
    assert (demo.code, demo.out, demo.talk.count("\n")) == (1, "", 1)
    assert demo.talk.startswith("tembea: ")
    assert complaint.replace("\\", "") in demo.talk
