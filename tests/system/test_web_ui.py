"""Temporal's Web UI: readable for whoever was given the codec, and for nobody else (W16, SEC-25, SEC-28)."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.system.canaries import Canaries
from tests.system.local import Dev
from tests.system.office import EMAIL, NAME, Office, talk
from tests.system.web_ui import METADATA, OURS, Page, WebUi, in_the_clear, opened_web_ui, payloads_in
from tests.workflows.world import flow
from wiring.embedded.temporal_binary import find_binary
from wiring.talk import QUIET
from wiring.visitor import Visitor

pytestmark = pytest.mark.real

ANSWER, ADDRESS, CONTACT = "Asha Wanjiku", "asha@example.org", "Achieng Otieno"
PEOPLE = Canaries({"answer": ANSWER.encode(), "address": ADDRESS.encode(), "contact": CONTACT.encode()})
AUTHORED = Canaries({"name": b"Lead Capture", "label": b"Ask the name", "question": NAME.encode()})


@dataclass
class Waiting:
    """An execution that waits for an e-mail address."""

    execution: dict[str, Any]
    flow_id: str
    page: Page

    @property
    def workflow(self) -> str:
        name: str = self.execution["workflow"]["workflowId"]
        return name


@pytest.fixture(scope="module")
async def ui(dev: Dev) -> AsyncIterator[WebUi]:
    async with opened_web_ui(dev) as ui:
        yield ui


async def page_of(ui: WebUi, office: Office, visitor: Visitor, node: str) -> tuple[dict[str, Any], Page]:
    """The person's execution when it is on record as being at the node, and its page."""
    id = await _execution_at(office, visitor, node)
    execution = (await office.api.get(f"/api/v1/executions/{id}")).json()
    found = execution["workflow"]
    return execution, await ui.page(found["workflowId"], found["runId"])


async def _execution_at(office: Office, visitor: Visitor, node: str) -> str:
    async with asyncio.timeout(20):
        while True:
            for listed in await office.executions(visitor):
                if listed["currentNodeId"] == node:
                    return str(listed["id"])
            await asyncio.sleep(0.05)


async def a_visitor(office: Office) -> Visitor:
    person = {"name": CONTACT, "email": "achieng@example.org"}
    return Visitor(office.chatwoot, office.inbox["identifier"], person=person)


@pytest.fixture(scope="module")
async def waiting(office: Office, ui: WebUi) -> Waiting:
    visitor = await a_visitor(office)
    await talk(visitor, ("Hi", NAME), (ANSWER, EMAIL))
    execution, page = await page_of(ui, office, visitor, "question-email")
    return Waiting(execution, execution["flowId"], page)


async def test_the_link_of_the_api_leads_to_the_page(ui: WebUi, waiting: Waiting) -> None:
    url = waiting.execution["workflow"]["url"]
    assert url.startswith(f"{ui.origin}/namespaces/default/workflows/")
    assert (await ui.http.get(url, follow_redirects=True)).status_code == 200


async def test_the_input_and_what_was_heard_are_readable_without_any_setting_by_the_user(
    ui: WebUi, waiting: Waiting
) -> None:
    [begun] = waiting.page.events("WORKFLOW_EXECUTION_STARTED")
    [given] = await ui.decoded(begun["workflowExecutionStartedEventAttributes"]["input"])
    assert given["scene"]["executionId"] == waiting.execution["id"]
    assert given["contact"]["name"] == CONTACT
    heard = await ui.decoded(waiting.page.events("WORKFLOW_EXECUTION_SIGNALED"))
    assert ANSWER in [message["event"]["text"] for batch in heard for message in batch]


async def test_what_was_done_is_readable(ui: WebUi, waiting: Waiting) -> None:
    done = await ui.decoded(waiting.page.events("MARKER_RECORDED"))
    assert {report["state"] for performed in done for report in performed["reports"]} == {"done"}
    assert done[-1]["recorded"] > 0


async def test_the_result_of_one_that_ended_is_readable(ui: WebUi, office: Office) -> None:
    visitor = await a_visitor(office)
    await talk(visitor, ("Hi", NAME), (ANSWER, EMAIL))
    await visitor.say(ADDRESS)
    await office.execution(visitor)
    _, page = await page_of(ui, office, visitor, "end-1")
    [ended] = page.events("WORKFLOW_EXECUTION_COMPLETED")
    assert await ui.decoded(ended) == [None]


async def test_what_is_awaited_and_which_nodes_were_left_stands_on_the_page(
    ui: WebUi, waiting: Waiting
) -> None:
    [metadata] = await ui.decoded(waiting.page.metadata)
    assert metadata["definition"]["type"] == "FlowWorkflow"
    first, _, *nodes = metadata["currentDetails"].splitlines()
    deadline = waiting.execution["waiting"]["deadline"].partition(".")[0]
    assert first.startswith(f"**waiting_input** at `question-email` for email until {deadline}")
    assert nodes[-1] == "- Ask the name → answer"
    assert not PEOPLE.names_in({"details": metadata["currentDetails"].encode()})


async def test_summary_and_memo_tell_the_flow_and_the_execution(ui: WebUi, waiting: Waiting) -> None:
    assert await ui.decoded(waiting.page.description["executionConfig"]) == ["Lead Capture"]
    info = waiting.page.description["workflowExecutionInfo"]
    assert await ui.decoded(info["memo"]) == [waiting.execution["id"]]


async def test_an_activity_is_told_by_its_nodes_label(ui: WebUi, office: Office) -> None:
    label = "Look up the order"
    call = {"url": "http://127.0.0.1:1/", "timeout": 20}
    nodes: list[dict[str, Any]] = [
        {"id": "look", "type": "api", "label": label, "config": call},
        {"id": "tell", "type": "message", "config": {"text": "That takes a while."}},
        {"id": "wait", "type": "delay", "config": {"for": "1h"}},
        {"id": "end", "type": "end"},
    ]
    way = [("look", "tell"), ("look", "error", "tell"), ("tell", "wait"), ("wait", "end")]
    drawn = flow(nodes, way, name="Orders")
    trigger = {"channel": "chatwoot", "event": "conversation_created"}
    beside = await office.beside({**drawn, "id": "orders", "trigger": trigger})
    visitor = await a_visitor(beside)
    await talk(visitor, ("Hi", "That takes a while."))
    _, page = await page_of(ui, beside, visitor, "wait")
    [scheduled] = page.events("ACTIVITY_TASK_SCHEDULED")
    told = scheduled["activityTaskScheduledEventAttributes"]
    assert (told["activityType"]["name"], told["activityId"]) == ("api", "look#1.1")
    assert await ui.decoded(scheduled["userMetadata"]) == [label]


async def test_without_the_codec_there_is_nothing_but_ciphertext(ui: WebUi, waiting: Waiting) -> None:
    shown = {"page": json.dumps(waiting.page.whole).encode(), "list": json.dumps(await ui.front()).encode()}
    assert PEOPLE.leaks(shown) == []
    assert AUTHORED.leaks(shown) == []
    sealed = [found for found in payloads_in(waiting.page.whole) if found["metadata"]["encoding"] == OURS]
    assert len(sealed) > 6
    values = json.dumps(await ui.decoded(waiting.page.whole), ensure_ascii=False).encode()
    assert PEOPLE.names_in({"values": values}) == {"answer", "contact"}
    assert AUTHORED.names_in({"values": values}) == {"name", "label"}


async def test_only_the_designed_fields_are_in_the_clear(ui: WebUi, waiting: Waiting) -> None:
    info = waiting.page.description["workflowExecutionInfo"]
    scene = {"workspace": "default", "lane": waiting.workflow.split("/", 1)[1]}
    assert waiting.workflow == f"default/{scene['lane']}"
    assert scene["lane"].rpartition("/")[2] == waiting.execution["conversationId"]
    attributes = info["searchAttributes"]["indexedFields"]
    told = dict(zip(attributes, in_the_clear(attributes), strict=True))
    assert told.pop("BuildIds")
    assert told == {
        "Channel": "chatwoot",
        "FlowId": waiting.flow_id,
        "FlowVersion": waiting.execution["flowVersion"],
        "IsTest": False,
        "WorkspaceId": "default",
    }
    assert (
        in_the_clear([info["memo"], waiting.page.metadata, waiting.page.description["executionConfig"]]) == []
    )


async def test_a_history_tells_no_more_than_when_an_activity_of_which_type_was_performed(
    waiting: Waiting,
) -> None:
    begun, *rest = waiting.page.history
    begun = begun["workflowExecutionStartedEventAttributes"]
    assert len(in_the_clear(begun.pop("searchAttributes"))) == 5
    assert in_the_clear(begun) == []
    for told in in_the_clear(rest):
        assert told.keys() == {
            "seq", "attempt", "activity_id", "activity_type", "complete_time", "backoff",
            "original_schedule_time", "activation_index",
        }  # fmt: skip
        assert told["activity_type"] in {"perform", "flush", "parse_answer"}


async def test_without_the_token_the_codec_opens_nothing(dev: Dev, ui: WebUi, waiting: Waiting) -> None:
    [begun] = waiting.page.events("WORKFLOW_EXECUTION_STARTED")
    [sealed] = payloads_in(begun["workflowExecutionStartedEventAttributes"]["input"])
    codec, plain = await ui.codec(), f"{dev.url('api')}/codec"
    assert codec.startswith(f"{plain}/")
    for endpoint in (f"{plain}/wrong", codec[:-1], f"{codec}x"):
        assert (await ui.ask(endpoint, sealed)).status_code == 404
    assert (await ui.ask(plain, sealed)).status_code == 401
    assert (await ui.ask(codec, sealed, Origin="http://evil.example")).status_code == 403
    by_key = await ui.ask(plain, sealed, Authorization=f"Bearer {dev.first_key}")
    assert by_key.json() == (await ui.ask(codec, sealed)).json()


async def test_a_browser_on_the_web_ui_is_let_through(ui: WebUi) -> None:
    asked = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,x-namespace",
    }
    async with httpx.AsyncClient() as browser:
        for origin, status in ((ui.origin, 200), ("http://evil.example", 400)):
            headers = {"Origin": origin, **asked}
            answer = await browser.options(f"{await ui.codec()}/decode", headers=headers)
            assert answer.status_code == status


async def test_the_token_is_written_nowhere(dev: Dev, ui: WebUi, waiting: Waiting) -> None:
    token = (await ui.codec()).rpartition("/")[2]
    assert len(token) == 43
    await ui.decoded(waiting.page.history)
    logs = {file.name: file.read_text() for file in (dev.folder / "logs").glob("*.log")}
    assert '"route":"/codec/{token}/decode"' in logs["api.log"]
    kept = [*logs.values(), dev.said(), (dev.folder / "dev.json").read_text()]
    assert [text for text in kept if token in text] == []


async def command_line(dev: Dev, workflow: str, verb: str, *more: str) -> str:
    """What `temporal workflow` says about a workflow, as JSON."""
    binary = await find_binary(QUIET)
    argv = (
        str(binary.path),
        "workflow",
        verb,
        "--address",
        dev.url("temporal"),
        "-w",
        workflow,
        "-o",
        "json",
    )
    process = await asyncio.create_subprocess_exec(*argv, *more, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    assert process.returncode == 0
    return out.decode()


async def test_the_command_line_reads_by_token_or_key_and_not_without(
    dev: Dev, ui: WebUi, waiting: Waiting
) -> None:
    by_token = ("--codec-endpoint", await ui.codec())
    by_key = (
        *("--codec-endpoint", f"{dev.url('api')}/codec"),
        *("--codec-auth", f"Bearer {dev.first_key}"),
    )
    for way, read in ((by_token, {"answer", "contact"}), (by_key, {"answer", "contact"}), ((), set())):
        shown = await command_line(dev, waiting.workflow, "show", *way)
        assert PEOPLE.names_in({"history": shown.encode()}) == read
    queried = await command_line(dev, waiting.workflow, "query", "--type", METADATA, *by_token)
    assert "**waiting_input**" in queried
