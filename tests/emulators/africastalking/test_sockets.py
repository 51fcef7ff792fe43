"""The official SDK against the emulator behind real sockets, and the emulator as a process of its own."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import africastalking  # type: ignore[import-untyped]
import httpx
import pytest
from africastalking.Service import AfricasTalkingException  # type: ignore[import-untyped]

from emulators.africastalking.config import Config
from emulators.africastalking.server import Running, running
from tests.emulators.process import process

pytestmark = pytest.mark.real
ASHA, JUMA, LINE = "+254700000111", "+254700000112", "+254711000000"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(Config(state_dir=tmp_path)) as emulator:
        yield emulator


@pytest.fixture
def sdk(server: Running) -> Any:
    """The SDK as its users start it; only its addresses are others."""
    return sdk_of(server.url, "sandbox-key")


def sdk_of(url: str, key: str) -> Any:
    with pytest.warns(UserWarning, match="Sandbox is currently not available for the Whatsapp service"):
        africastalking.initialize("sandbox", key)
    api = f"{url}/api/version1"
    for service in (africastalking.SMS, africastalking.Application):
        service._baseUrl = service._contentUrl = api
    africastalking.Airtime._baseUrl = f"{api}/airtime"
    africastalking.Voice._baseUrl = f"{url}/voice"
    return africastalking


async def call(method: Callable[..., Any], *args: Any, **fields: Any) -> Any:
    """The SDK blocks: not in the emulator's loop."""
    return await asyncio.to_thread(method, *args, **fields)


async def customer(server: Running, action: str, **fields: Any) -> Any:
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        answer = await http.post("/_control/customer", json={"action": action, **fields})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_official_sdk_sends_and_fetches_messages(server: Running, sdk: Any) -> None:
    told = (await call(sdk.SMS.send, "Habari", [ASHA, JUMA], "DUKA"))["SMSMessageData"]
    assert told["Message"] == "Sent to 2/2 Total Cost: KES 1.6000 Message parts: 1"
    assert [row["statusCode"] for row in told["Recipients"]] == [101, 101]
    queued = await call(sdk.SMS.send, "Habari", [ASHA], enqueue=True)
    assert queued["SMSMessageData"]["Recipients"][0]["statusCode"] == 102
    refused = await call(sdk.SMS.send, "Habari", [ASHA], "NOBODY")
    assert refused["SMSMessageData"] == {"Message": "InvalidSenderId", "Recipients": []}
    link = (await customer(server, "sms", phone=ASHA, to="28901", text="JOIN", on_demand=True))["linkId"]
    inbox = (await call(sdk.SMS.fetch_messages, last_received_id=0))["SMSMessageData"]["Messages"]
    assert [(row["text"], row["linkId"]) for row in inbox] == [("JOIN", link)]
    premium = await call(sdk.SMS.send_premium, "Karibu", "28901", [ASHA], "JOIN", link, 2)
    assert premium["SMSMessageData"]["Recipients"][0]["statusCode"] == 102


async def test_the_official_sdk_tops_up_once(server: Running, sdk: Any) -> None:
    first = await call(sdk.Airtime.send, ASHA, "50", "KES", idempotency_key="a", max_num_retry=2)
    again = await call(sdk.Airtime.send, ASHA, "50", "KES", idempotency_key="a")
    assert first == again
    assert (first["numSent"], first["responses"][0]["status"]) == (1, "Sent")
    assert len(server.emulator.state.airtime) == 1


async def test_the_official_sdk_calls_and_reads_queues(server: Running, sdk: Any) -> None:
    told = await call(sdk.Voice.call, LINE, [ASHA])
    assert (told["errorMessage"], told["entries"][0]["status"]) == ("None", "Queued")
    queues = await call(sdk.Voice.fetch_queued_calls, LINE)
    assert queues["entries"] == [{"phoneNumber": LINE, "queueName": "", "numCalls": 0}]
    assert isinstance(await call(sdk.Voice.media_upload, LINE, "https://x/a.mp3"), str)


async def test_the_official_sdk_reads_the_application_and_is_refused_with_a_wrong_key(
    server: Running, sdk: Any
) -> None:
    assert await call(sdk.Application.fetch_application_data) == {"UserData": {"balance": "KES 1000.00"}}
    wrong = sdk_of(server.url, "other-key")
    with pytest.raises(AfricasTalkingException, match=r"^The supplied authentication is invalid$"):
        await call(wrong.Application.fetch_application_data)


@pytest.mark.parametrize(("action", "sent"), [("drop_before", 0), ("drop_after", 1), ("truncate", 1)])
async def test_a_broken_connection_is_one(server: Running, action: str, sent: int) -> None:
    headers = {"apiKey": "sandbox-key", "Accept": "application/json"}
    fields = {"username": "sandbox", "to": ASHA, "message": "x"}
    async with httpx.AsyncClient(base_url=server.url, trust_env=False, headers=headers) as http:
        await http.post("/_control/faults", json={"action": action, "match": {"path": "/messaging$"}})
        with pytest.raises(httpx.TransportError):
            await http.post("/api/version1/messaging", data=fields)
        assert (await http.post("/api/version1/messaging", data=fields)).status_code == 201
    assert len(server.emulator.state.sms) == sent + 1


async def test_a_phone_reaches_a_service_on_another_socket(server: Running) -> None:
    async def screen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\n"
        writer.write(head + b"END Asante")
        await writer.drain()
        writer.close()

    service = await asyncio.start_server(screen, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{service.sockets[0].getsockname()[1]}/ussd"
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        await http.post("/_control/seed", json={"settings": {"callbacks": {"ussd": url}}})
    told = await customer(server, "dial", phone=ASHA, code="*384*1#")
    service.close()
    assert (told["screen"], told["status"]) == ("Asante", "Success")


def test_the_process_announces_itself_on_loopback_and_its_numbers_go_on(tmp_path: Path) -> None:
    inbox = []
    sms = {"action": "sms", "phone": ASHA, "to": "28901", "text": "x"}
    with process("africastalking", tmp_path, "--set", "api_key=k", "--set", "clock_scale=100") as url:
        assert url.startswith("http://127.0.0.1:")
        headers = {"apiKey": "k", "Accept": "application/json"}
        answer = httpx.get(f"{url}/api/version1/user?username=sandbox", headers=headers, trust_env=False)
        assert answer.json() == {"UserData": {"balance": "KES 1000.00"}}
        line = json.loads((tmp_path / "journal.jsonl").read_text())
        assert (line["n"], line["route"], line["status"]) == (1, "/api/version1/user", 200)
        inbox.append(httpx.post(f"{url}/_control/customer", json=sms, trust_env=False).json()["number"])
    with process("africastalking", tmp_path) as url:
        inbox.append(httpx.post(f"{url}/_control/customer", json=sms, trust_env=False).json()["number"])
    assert inbox[1] > inbox[0] + 900_000
    lines = [json.loads(line) for line in (tmp_path / "journal.jsonl").read_text().splitlines()]
    assert [line["n"] for line in lines] == list(range(1, len(lines) + 1))
