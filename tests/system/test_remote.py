"""`push`, `publish` and `tail` against a running `dev`, as somebody types them."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.system.local import Dev, environment
from tests.system.office import LEAD, read_flow
from wiring.files import ROOT

pytestmark = pytest.mark.real

OWN = ("TEMBEA_URL", "TEMBEA_API_KEY")


def place(dev: Dev, **env: str) -> dict[str, str]:
    """An environment that names the folder of `dev` and nothing else of it."""
    kept = {name: value for name, value in environment().items() if name not in OWN}
    return {**kept, "TEMBEA_STATE_DIR": str(dev.folder), **env}


def heard() -> None:
    """Ctrl-C is heard, though a shell that runs the tests in the background has it ignored by all below."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@asynccontextmanager
async def started(dev: Dev, *words: str, **env: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "wiring.cli", *words),
        cwd=ROOT,
        env=place(dev, **env),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        preexec_fn=heard,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def tembea(dev: Dev, *words: str, **env: str) -> tuple[int | None, str, str]:
    """(exit code, data, talk) of a command."""
    async with started(dev, *words, **env) as process, asyncio.timeout(60):
        out, talk = await process.communicate()
        assert "Traceback" not in talk.decode()
        assert dev.first_key not in (out + talk).decode()
        return process.returncode, out.decode(), talk.decode()


@pytest.fixture
def flow(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """The lead capture in a file, under an id of the test's own and started by API alone."""
    document = {
        **read_flow(LEAD),
        "id": f"remote-{abs(hash(request.node.name))}",
        "trigger": {"event": "api"},
    }
    path = tmp_path / "flow.json"
    path.write_text(json.dumps(document))
    return path


def change(flow: Path, **changes: Any) -> str:
    """Write something else into the file; the flow's id."""
    document = {**json.loads(flow.read_text()), **changes}
    flow.write_text(json.dumps(document, indent=1))
    return str(document["id"])


def line_of(flow: Path, words: str) -> int:
    """The line of the file on which the words stand."""
    return next(at for at, line in enumerate(flow.read_text().splitlines(), start=1) if words in line)


@asynccontextmanager
async def api_of(dev: Dev) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"X-API-Key": dev.first_key}
    async with httpx.AsyncClient(base_url=f"{dev.url('api')}/api/v1", headers=headers, timeout=20) as client:
        yield client


async def published(api: httpx.AsyncClient, flow: Path) -> str:
    """The id of the flow, which runs now."""
    document = json.loads(flow.read_bytes())  # noqa: ASYNC240  a few bytes
    await api.post("/flows", json={"flow": document})
    answer = await api.post(f"/flows/{document['id']}/publish")
    assert answer.status_code == 200, answer.text
    return str(document["id"])


async def executing(api: httpx.AsyncClient, id: str) -> str:
    """The id of a new execution, which waits for a name."""
    begun = await api.post(f"/flows/{id}/execute", json={"testMode": True})
    assert begun.status_code == 202, begun.text
    return str(begun.json()["executionId"])


async def say(api: httpx.AsyncClient, execution: str, *texts: str) -> None:
    for text in texts:
        answer = await api.post(f"/executions/{execution}/input", json={"text": text})
        assert answer.status_code in (200, 202), answer.text


async def test_a_flow_is_pushed_published_and_rolled_back_without_naming_the_service(
    dev: Dev, flow: Path
) -> None:
    id = change(flow)
    code, out, talk = await tembea(dev, "push", str(flow))
    assert (code, out.startswith(f"{id} version 1 ("), "a new flow" in talk) == (0, True, True)
    code, out, talk = await tembea(dev, "push", str(flow))
    assert (out.startswith(f"{id} version 1 ("), "nothing has changed" in talk) == (True, True)
    assert (await tembea(dev, "publish", id))[1].startswith(f"{id} version 1 runs (")
    change(flow, name="Another name")
    code, out, talk = await tembea(dev, "push", str(flow))
    assert out.startswith(f"{id} version 2 (")
    assert [line.strip() for line in talk.splitlines()] == ["was version 1", "changed: name"]
    _, out, _ = await tembea(dev, "publish", id, "--json")
    assert json.loads(out)["version"] == 2
    assert (await tembea(dev, "publish", id, "--rollback"))[1].startswith(f"{id} version 1 runs (")
    assert (await tembea(dev, "publish", id, "--version", "2"))[1].startswith(f"{id} version 2 runs (")


async def test_what_somebody_else_has_pushed_is_not_replaced_where_that_was_asked(
    dev: Dev, flow: Path
) -> None:
    id = change(flow)
    await tembea(dev, "push", str(flow))
    change(flow, name="Theirs")
    await tembea(dev, "push", str(flow), "--base", "1")
    change(flow, name="Mine")
    code, out, talk = await tembea(dev, "push", str(flow), "--base", "1")
    assert (code, out) == (1, "")
    assert "the latest version is 2, not 1" in talk
    async with api_of(dev) as api:
        assert (await api.get(f"/flows/{id}")).json()["name"] == "Theirs"


async def test_what_an_editor_keeps_is_pushed_along_and_stays_without_being_named(
    dev: Dev, flow: Path, tmp_path: Path
) -> None:
    id, ui = change(flow), tmp_path / "ui.json"
    ui.write_text('{"zoom": 3}')
    await tembea(dev, "push", str(flow), "--ui", str(ui))
    change(flow, name="Renamed")
    await tembea(dev, "push", str(flow))
    async with api_of(dev) as api:
        found = (await api.get(f"/flows/{id}")).json()
    assert (found["version"], found["name"], found["ui"]) == (2, "Renamed", {"zoom": 3})


async def test_a_flow_with_errors_is_saved_and_not_published_and_both_say_where_they_are(
    dev: Dev, flow: Path
) -> None:
    nodes = read_flow(LEAD)["nodes"]
    nodes[3]["config"]["text"] = "{{nobody}}"
    id = change(flow, nodes=nodes)
    code, _, talk = await tembea(dev, "push", str(flow))
    assert code == 0
    assert f"{flow}:{line_of(flow, '{{nobody}}')}: error: UNKNOWN_VARIABLE" in talk
    assert "cannot be published" in talk
    code, out, talk = await tembea(dev, "publish", id)
    assert (code, out) == (1, "")
    assert "/nodes/3/config/text: UNKNOWN_VARIABLE: " in talk


async def test_each_refusal_is_said_in_words_with_exit_code_1(dev: Dev, flow: Path, tmp_path: Path) -> None:
    wrong = "tmb_0123456789ab_not-the-key-of-this-service"
    change(flow, id="not an id")
    (tmp_path / "half.json").write_text('{"id":\n')
    refusals = {
        "there is no such flow": ("publish", "nobody"),
        "there is no such execution": ("tail", "--execution", "nobody"),
        "does not take this api key": ("publish", "nobody", "--api-key", wrong),
        "does not answer": ("publish", "nobody", "--url", "http://127.0.0.1:1", "--api-key", wrong),
        "an api key is needed": ("publish", "nobody", "--url", "http://127.0.0.1:1"),
        "/id: invalid_value": ("push", str(flow)),
        "half.json:2: error: invalid_json": ("push", str(tmp_path / "half.json")),
        "no tembea dev runs here": ("publish", "nobody", "--state-dir", str(tmp_path)),
    }
    told = await asyncio.gather(*(tembea(dev, *command) for command in refusals.values()))
    for words, (code, out, talk) in zip(refusals, told, strict=True):
        assert (code, out) == (1, ""), words
        assert words in talk.lower(), talk
        assert wrong not in talk


async def test_a_second_flow_for_one_trigger_is_told_of(dev: Dev, flow: Path) -> None:
    trigger = {"channel": "chatwoot", "event": "message_created", "keyword": "remote-conflict"}
    first = change(flow, trigger=trigger)
    async with api_of(dev) as api:
        await published(api, flow)
    second = change(flow, id=f"{first}-again")
    await tembea(dev, "push", str(flow))
    code, _, talk = await tembea(dev, "publish", second)
    assert code == 1
    assert "TRIGGER_CONFLICT" in talk
    assert first in talk


async def lines(process: asyncio.subprocess.Process) -> AsyncIterator[str]:
    assert process.stdout
    while True:
        async with asyncio.timeout(60):  # not around the yield: it would cancel whoever reads us
            line = await process.stdout.readline()
        if not line:
            return
        yield line.decode().rstrip("\n")


async def test_a_tail_tells_each_event_once_and_ends_with_the_execution_though_the_service_was_away(
    dev: Dev, flow: Path
) -> None:
    async with api_of(dev) as api:
        id = await published(api, flow)
        execution = await executing(api, id)
        async with started(dev, "tail", "--execution", execution, "--json") as process:
            told = lines(process)
            first = [json.loads(await anext(told)) for _ in range(4)]
            await dev.killed_and_back("api")
            await say(api, execution, "John", "john@example.com")
            rest = [json.loads(line) async for line in told]
            assert await process.wait() == 0
    events = first + rest
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert (events[0]["type"], events[-1]["type"]) == ("started", "completed")
    assert {event["executionId"] for event in events} == {execution}
    code, out, _ = await tembea(dev, "tail", "--execution", execution)
    assert (code, len(out.splitlines())) == (0, len(events))
    assert "question-email  → answer" in out


async def test_a_tail_of_a_flow_follows_those_under_way_and_those_to_come_until_it_is_stopped(
    dev: Dev, flow: Path
) -> None:
    async with api_of(dev) as api:
        id = await published(api, flow)
        over, there = await executing(api, id), await executing(api, id)
        await say(api, over, "John", "john@example.com")
        await tembea(dev, "tail", "--execution", over)
        async with started(dev, "tail", "--flow", id) as process:
            told = lines(process)
            seen = [await anext(told)]
            later = await executing(api, id)
            await say(api, there, "John", "john@example.com")
            async for line in told:
                seen.append(line)
                starts = {line.split()[0] for line in seen}
                if later in starts and any("completed" in line for line in seen):
                    break
            process.send_signal(signal.SIGINT)
            assert process.stderr
            talk = (await process.stderr.read()).decode()
            assert await process.wait() == 0
    assert starts == {there, later}, "what was over before is not told"
    assert talk.splitlines()[-1] == "Stopped."
    assert "Traceback" not in talk


async def test_a_reader_who_has_seen_enough_is_no_failure(dev: Dev, flow: Path) -> None:
    async with api_of(dev) as api:
        id = await published(api, flow)
        execution = await executing(api, id)
        await say(api, execution, "John", "john@example.com")
    reading, writing = os.pipe()
    os.close(reading)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "wiring.cli", "tail", "--execution", execution),
        cwd=ROOT,
        env=place(dev),
        stdout=writing,
        stderr=asyncio.subprocess.PIPE,
    )
    os.close(writing)
    _, talk = await process.communicate()
    assert (process.returncode, talk.decode()) == (0, "")
