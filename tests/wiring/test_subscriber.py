"""People with phones before the stand-in of Africa's Talking, and a service that answers them by a script."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable
from itertools import count
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs

import pytest
from pydantic import SecretStr

from dsl.channels import Channel
from providers.http.pooled import Pooled
from simulator.talks import TalkError
from tests.servers import scratch_state_dir
from torture.raw import answer, serving
from wiring.files import ROOT
from wiring.handset import Handset
from wiring.phones import Phones
from wiring.subscriber import Subscriber
from wiring.supervise.ports import free_port
from wiring.supervise.supervisor import supervised
from wiring.talk import QUIET

pytestmark = pytest.mark.real

CODE, NUMBER = "*384*1#", "+254711000000"
NUMBERS = count(100)
SCREENS = {"": "CON Which?\n1. A hat\n2. Shoes", "1": "END A hat it is.", "2": "CON Which size?"}
CALLS = {
    "": '<GetDigits callbackUrl="{here}"><Say>What? For a word, press 1.</Say></GetDigits>',
    "1": '<Record callbackUrl="{here}"><Say>Speak.</Say></Record>',
    "2": '<Play url="https://sounds.example/ring.mp3"/><Dial phoneNumbers="+254700000008,+254700000009"/>',
    "3": "<Reject/>",
    "spoken": "<Say>Thank you.</Say>",
}


class Town(NamedTuple):
    """The network, what our application calls it by, and where `dev.json` tells of it."""

    network: Pooled
    phones: Phones
    folder: Path

    def person(self, channel: Channel, service: str, written: str | None = None) -> Subscriber:
        """Somebody whom nobody has met."""
        handset = Handset(self.network, f"+254700000{next(NUMBERS)}")
        return Subscriber(handset, channel, service, written or service)

    async def ask(self, path: str, fields: dict[str, str], *, form: bool = True) -> None:
        """Our application asks something of the network."""
        told = {"username": "sandbox", **fields}
        headers = {"apiKey": SecretStr(self.phones.api_key), "Accept": SecretStr("application/json")}
        body: dict[str, object] = {"data": told} if form else {"json": told}
        async with Pooled(self.phones.url, provider="test", headers=headers) as client:
            await client.request("POST", path, **body)  # type: ignore[arg-type]


async def service(asked: bytes, writer: asyncio.StreamWriter) -> None:
    """Answers turns of sessions and calls by what was typed last."""
    head, _, body = asked.partition(b"\r\n\r\n")
    path = head.split(b" ")[1].decode()
    host = next(line[6:] for line in head.decode().splitlines() if line.lower().startswith("host: "))
    here = f"http://{host}{path}"
    fields = {name: values[0] for name, values in parse_qs(body.decode()).items()}
    said = "OK"
    if path.endswith("/ussd"):
        said = SCREENS[fields.get("text", "").rpartition("*")[2]]
    elif path.endswith("/voice") and fields["isActive"] == "1":
        key = "spoken" if "recordingUrl" in fields else fields.get("dtmfDigits", "")
        said = f"<Response>{CALLS[key].format(here=here)}</Response>"
    writer.write(answer(200, said.encode(), content_type="text/plain"))


@pytest.fixture(scope="module")
async def town() -> AsyncIterator[Town]:
    phones = Phones(free_port())
    with scratch_state_dir() as folder:
        async with serving(service) as ours:
            part = phones.part(folder / phones.name, ours.url("").rstrip("/"))
            async with (
                supervised([[part]], folder, QUIET),
                Pooled(phones.url, provider="africastalking") as network,
            ):
                yield Town(network, phones, folder)


async def test_the_first_word_dials_and_a_choice_is_typed_by_its_number(town: Town) -> None:
    person = town.person("ussd", CODE)
    await person.say("2")
    await person.dial(CODE)
    await person.click("A hat")
    assert await person.heard() == [SCREENS[""][4:], "Which size?", SCREENS[""][4:], "A hat it is."]
    with pytest.raises(TalkError, match="nobody is on the line: dial first"):
        await person.say("1")
    with pytest.raises(TalkError, match="nobody is on the line"):
        await person.hang_up()


async def test_a_code_of_the_file_is_the_one_that_is_ours_here_with_all_that_is_typed_behind_it(
    town: Town,
) -> None:
    person = town.person("ussd", CODE, written="*777#")
    await person.dial("*777*2#")
    assert await person.heard() == ["Which size?"]
    await person.hang_up()
    with pytest.raises(TalkError, match="no service of this application has it"):
        await person.dial("*7777#")


async def test_who_hangs_up_is_no_longer_on_the_line(town: Town) -> None:
    person = town.person("voice", NUMBER)
    await person.dial(NUMBER)
    await person.hang_up()
    assert person.session is None


async def test_a_call_is_heard_and_what_it_does_in_silence_stands_in_brackets(town: Town) -> None:
    person = town.person("voice", NUMBER)
    await person.dial(NUMBER)
    await person.click("a word")
    await person.report("recorded")
    assert await person.heard() == ["What? For a word, press 1.", "Speak.\n[record]", "Thank you."]
    assert person.session is None


async def test_a_call_that_is_put_through_ends_with_the_other_leg(town: Town) -> None:
    person = town.person("voice", NUMBER)
    await person.say("2")
    ringing = "[play https://sounds.example/ring.mp3]\n[dial +254700000008, +254700000009]"
    assert (await person.heard())[1:] == [ringing]
    await person.report("answered")
    assert person.session is None


async def test_a_call_that_is_not_taken_is_over(town: Town) -> None:
    person = town.person("voice", NUMBER)
    await person.say("3")
    assert ((await person.heard())[1:], person.session) == (["[reject]"], None)


async def test_a_choice_that_nobody_offers_and_a_prompt_that_is_not_there_are_looked_for_again(
    town: Town,
) -> None:
    person = town.person("ussd", CODE)
    for act in (person.click("Gloves"), person.report("paid"), person.report("no_answer")):
        with pytest.raises(LookupError):
            await act


async def test_texts_to_the_phone_are_heard_behind_what_was_shown_before(town: Town) -> None:
    person, other = town.person("ussd", CODE), town.person("sms", "28901")
    await person.say("1")
    for text in ("One", "Two"):
        await town.ask("/api/version1/messaging", {"to": person.handset.number, "message": text})
    await other.say("Hello")
    assert (await person.heard())[2:] == ["One", "Two"]
    assert await other.heard() == []
    with pytest.raises(TalkError, match="nothing can be dialled on sms"):
        await other.dial(CODE)


@pytest.mark.parametrize(
    ("status", "kept"), [("paid", "Success"), ("failed", "Failed"), ("expired", "Failed")]
)
async def test_a_payment_is_made_refused_or_forgotten_on_the_phone(
    town: Town, status: str, kept: str
) -> None:
    person = town.person("ussd", CODE)
    asked = {"productName": "Duka", "phoneNumber": person.handset.number, "currencyCode": "KES"}
    await town.ask("/payments/mobile/checkout/request", {**asked, "amount": "5"}, form=False)
    await person.report(status)
    state = (await town.network.request("GET", "/_control/state")).json()
    [row] = [one for one in state["payments"] if one["number"] == person.handset.number]
    assert row["status"] == kept


@pytest.mark.parametrize(
    ("status", "heard"), [("answered", ["What? For a word, press 1."]), ("no_answer", [])]
)
async def test_a_call_of_ours_rings_and_is_taken_or_not(town: Town, status: str, heard: list[str]) -> None:
    person = town.person("sms", "28901")
    await town.ask("/voice/call", {"from": NUMBER, "to": person.handset.number})
    await person.report(status)
    assert (await person.heard(), person.channel) == (heard, "voice" if heard else "sms")


async def dialled(
    folder: Path, number: str, typed: str, phone: str | None = None
) -> tuple[int, list[str], str]:
    """`tembea dial` with piped lines: its code, what it printed, what it said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "wiring.cli", "dial", number, "--state-dir", str(folder)),
        *("--phone", phone or f"+254700000{next(NUMBERS)}"),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(30):
        out, talk = await process.communicate(typed.encode())
    assert process.returncode is not None
    return process.returncode, [line.strip() for line in out.decode().splitlines()], talk.decode()


async def test_a_service_code_is_dialled_in_the_terminal(town: Town) -> None:
    code, shown, _ = await dialled(town.folder, CODE, "1\n")
    assert (code, shown) == (
        0,
        ["you  (dials *384*1#)", "phone  Which?", "1. A hat", "2. Shoes", "you  1", "phone  A hat it is."],
    )


@pytest.mark.parametrize(("typed", "kept"), [("yes", "Success"), ("no", "Failed")])
async def test_a_prompt_for_money_is_answered_in_the_terminal(town: Town, typed: str, kept: str) -> None:
    person = town.person("ussd", CODE)
    asked = {"productName": "Duka", "phoneNumber": person.handset.number, "currencyCode": "KES"}
    await town.ask("/payments/mobile/checkout/request", {**asked, "amount": "5"}, form=False)
    text = town.ask("/api/version1/messaging", {"to": person.handset.number, "message": "Noted."})
    later = asyncio.create_task(after(town, person.handset.number, text))
    _, shown, _ = await dialled(town.folder, CODE, f"1\n{typed}\n", person.handset.number)
    assert shown[-3:] == ["phone  Pay 5? (yes or no)", f"you  {typed}", "phone  Noted."]
    assert await later == kept


async def after(town: Town, number: str, happens: Awaitable[None]) -> str:
    """Let it happen once the phone's payment is settled; how that was."""
    while True:
        state = (await town.network.request("GET", "/_control/state")).json()
        [row] = [one for one in state["payments"] if one["number"] == number]
        if row["status"] != "PendingConfirmation":
            await happens
            return str(row["status"])
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("typed", ["", "/hangup\n1\n"])
async def test_who_types_no_more_hangs_up(town: Town, typed: str) -> None:
    _, shown, _ = await dialled(town.folder, NUMBER, typed)
    assert shown == [f"you  (calls {NUMBER})", "phone  What? For a word, press 1.", "you  (hangs up)"]


async def test_a_code_that_the_network_did_not_know_becomes_ours(town: Town) -> None:
    _, shown, _ = await dialled(town.folder, "*555#", "1\n")
    assert (shown[0], shown[-1]) == ("you  (dials *555#)", "phone  A hat it is.")
    assert (await dialled(town.folder, "*555*1#", ""))[1][1:] == ["phone  A hat it is."]


async def test_what_cannot_be_dialled_is_told_in_a_line(town: Town, tmp_path: Path) -> None:
    code, _, talk = await dialled(town.folder, "nobody", "")
    assert (code, "'nobody' is neither a service code" in talk) == (1, True)
    code, _, talk = await dialled(tmp_path, CODE, "")
    assert code == 1
    assert "no `tembea dev` with a phone network of its own runs on" in talk
