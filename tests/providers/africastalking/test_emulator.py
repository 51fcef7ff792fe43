"""The clients and the readers against the emulated provider, over sockets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, cast

import pytest
from pydantic import SecretStr

from emulators.africastalking.config import Callbacks, Config
from emulators.africastalking.server import running
from providers.africastalking.callbacks import Callback
from providers.africastalking.client import AfricasTalking
from providers.africastalking.config import AfricasTalkingConfig
from providers.africastalking.events import (
    AirtimeStatus,
    Delivery,
    Event,
    IncomingSms,
    PaymentEvent,
    UssdEnd,
    UssdTurn,
    VoiceEvent,
)
from providers.africastalking.legacy import LegacyPayments
from providers.africastalking.money import Money
from providers.africastalking.payments import confirms
from providers.africastalking.screens import pages, screen, turned
from providers.africastalking.speech import Action, Dial, GetDigits, Reject, Say
from providers.africastalking.transcript import advance
from providers.africastalking.xml import respond
from providers.errors import Failed, ProviderError, Unknown
from providers.http.pooled import Pooled
from tests.providers.africastalking.bodies import READER
from torture.raw import answer, serving

pytestmark = pytest.mark.real
ASHA, JUMA = "+254700000111", "+254700000112"
KES_50 = Money(amount=Decimal(50), currency="KES")
MENU = "\n".join(["Choose a product", *(f"{n}. Product number {n}" for n in range(1, 21))])


@dataclass
class Service:
    """Our side: it reads every callback, and answers USSD with a menu over pages and what was chosen."""

    events: list[Event] = field(default_factory=list)
    last: str | None = None
    at: int = 0
    chosen: list[str] = field(default_factory=list)
    here: str = ""
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        head, _, body = request.partition(b"\r\n\r\n")
        first, *lines = head.decode().lower().split("\r\n")
        types = [line.partition(": ")[2] for line in lines if line.startswith("content-type:")]
        path, _, query = first.split(" ")[1].partition("?step=")
        name = cast(Callback, path.removeprefix("/"))
        event = READER.read(name, body, types[0], step=query or None)
        self.events.append(event)
        self.arrived.set()
        kind, said = self._said(event)
        writer.write(answer(200, said.encode(), content_type=kind))

    def _said(self, event: Event) -> tuple[str, str]:
        if isinstance(event, UssdTurn):
            return "text/plain", self._screen(event)
        asks = isinstance(event, VoiceEvent) and event.active
        return "application/xml", respond(self._actions(event)) if asks else ""

    def _actions(self, event: Event) -> list[Action]:
        assert isinstance(event, VoiceEvent)
        if event.digits is None:
            ask = Say(text="Press a key & wait", voice="woman", play_beep=True)
            return [GetDigits(prompt=ask, num_digits=1, callback_url=self.here + "/voice?step=tok1")]
        if event.digits == "1":
            return [Say(text="Connecting <you>"), Dial(phone_numbers=[JUMA], record=True, max_duration=60)]
        return [Reject()]

    def _screen(self, turn: UssdTurn) -> str:
        step, paged = advance(self.last, turn.text), pages(MENU, turn.network)
        self.last = turn.text
        for typed in step.inputs:
            to = turned(paged, self.at, typed)
            if to is None:
                self.chosen.append(typed)
                return screen(pages(f"You chose {typed}"), open=False).body
            self.at = to
        return screen(paged, self.at, open=True).body

    async def of(self, kind: type[Event], count: int) -> list[Any]:
        """So many events of a kind, waited for."""
        async with asyncio.timeout(10):
            while len(found := [event for event in self.events if isinstance(event, kind)]) < count:
                self.arrived.clear()
                await self.arrived.wait()
        return found


@dataclass
class Town:
    """The emulated provider, our clients of it, and our side."""

    service: Service
    client: AfricasTalking
    payments: LegacyPayments
    control: Pooled

    async def act(self, action: str, **fields: object) -> dict[str, Any]:
        reply = await self.control.request("POST", "/customer", json={"action": action, **fields})
        done: dict[str, Any] = reply.json()
        return done

    async def fault(self, action: str, path: str, param: float | None = None) -> None:
        match = {"method": "POST", "path": path}
        await self.control.request("POST", "/faults", json={"action": action, "match": match, "param": param})

    async def rows(self, table: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = (await self.control.request("GET", "/state")).json()[table]
        return rows


@asynccontextmanager
async def open_town() -> AsyncIterator[Town]:
    service = Service()
    async with serving(service.answer) as raw:
        service.here = raw.url("")
        names = ("ussd", "sms", "delivery", "optout", "voice", "airtime", "payment")
        callbacks = Callbacks(**{name: raw.url(f"/{name}") for name in names}, ussd_end=raw.url("/ussd-end"))
        async with running(Config(callbacks=callbacks, report_delay=0.01, payments=True)) as emulator:
            config = AfricasTalkingConfig(
                username=SecretStr("sandbox"),
                api_key=SecretStr("sandbox-key"),
                api_url=f"{emulator.url}/api",
                voice_url=f"{emulator.url}/voice",
                payments_url=f"{emulator.url}/payments",
            )
            control = Pooled(f"{emulator.url}/_control", provider="emulator", seconds=15)
            parts = AfricasTalking(config), LegacyPayments(config)
            yield Town(service, *parts, control)
            await asyncio.gather(control.aclose(), *(part.aclose() for part in parts))


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    async with open_town() as opened:
        yield opened


async def test_a_text_goes_out_and_its_reports_come_back(town: Town) -> None:
    sent = await town.client.send_sms([ASHA, "+254799000406"], "Habari", sender="DUKA")
    assert [row.status_code for row in sent.recipients] == [101, 406]
    reports: list[Delivery] = await town.service.of(Delivery, 2)
    assert {report.standing for report in reports} == {"pending", "delivered"}
    assert {report.id for report in reports} == {sent.recipients[0].message_id}


async def test_an_unknown_sender_fails_the_whole(town: Town) -> None:
    with pytest.raises(Failed) as caught:
        await town.client.send_sms([ASHA], "Habari", sender="NOBODY")
    assert caught.value.code == "INVALID_SENDER_ID"


async def test_what_people_write_arrives_and_can_be_fetched(town: Town) -> None:
    await town.act("sms", phone=ASHA, to="28901", text="JOIN é 😀")
    [heard] = await town.service.of(IncomingSms, 1)
    [row] = await town.client.fetch_sms()
    assert heard.text == row.text == "JOIN é 😀"
    assert heard.phone == row.sender == ASHA
    assert await town.client.fetch_sms(row.id) == []


@pytest.mark.parametrize(
    ("action", "param", "standing", "stored"),
    [
        ("drop_before", None, "unknown", 0),
        ("drop_after", None, "unknown", 1),
        ("error", 500, "unknown", 0),
        ("error_after", 502, "unknown", 1),
        ("throttle", None, "refused", 0),
        ("error", 401, "failed", 0),
    ],
)
async def test_each_fault_has_its_class_and_nothing_is_sent_twice(
    town: Town, action: str, param: float | None, standing: str, stored: int
) -> None:
    await town.fault(action, "/messaging$", param)
    with pytest.raises(ProviderError) as caught:
        await town.client.send_sms([ASHA], "Habari")
    assert caught.value.standing == standing
    assert len(await town.rows("sms")) == stored


async def test_a_truncated_answer_is_a_text_that_was_sent(town: Town) -> None:
    await town.fault("truncate", "/messaging$")
    assert (await town.client.send_sms([ASHA], "Habari")).flagged
    assert len(await town.rows("sms")) == 1


async def test_a_top_up_tried_again_after_a_lost_answer_happens_once(town: Town) -> None:
    await town.fault("drop_after", "/airtime/send$")
    with pytest.raises(Unknown):
        await town.client.send_airtime(ASHA, KES_50, key="effect-1")
    sent = await town.client.send_airtime(ASHA, KES_50, key="effect-1", again=True)
    assert len(await town.rows("airtime")) == 1
    [told] = await town.service.of(AirtimeStatus, 1)
    assert (told.id, told.status, told.phone) == (sent.request_id, "Success", ASHA)
    assert (await town.client.find_transaction(str(sent.request_id))).data["status"] == "Success"


async def test_a_provider_that_refuses_a_key_twice_leaves_the_second_try_unknown(town: Town) -> None:
    await town.control.request("POST", "/seed", json={"settings": {"repeated_key": "duplicate"}})
    await town.fault("drop_after", "/airtime/send$")
    for code in ("CONNECTION_LOST", "DUPLICATE_REQUEST"):
        with pytest.raises(Unknown) as caught:
            await town.client.send_airtime(ASHA, KES_50, key="effect-1", again=code == "DUPLICATE_REQUEST")
        assert caught.value.code == code
    assert len(await town.rows("airtime")) == 1


async def test_a_top_up_refused_tells_why(town: Town) -> None:
    for value, code in (("50", "INVALID_CURRENCY_CODE"), ("3", "INVALID_AMOUNT")):
        money = Money(amount=Decimal(value), currency="USD" if value == "50" else "KES")
        with pytest.raises(Failed) as caught:
            await town.client.send_airtime(ASHA, money, key=f"effect-{value}")
        assert caught.value.code == code
    with pytest.raises(Failed) as caught:
        await town.client.find_transaction("ATQid_none")
    assert caught.value.code == "NOT_FOUND"


async def test_the_balance_is_told(town: Town) -> None:
    assert (await town.client.balance()).same(Money(amount=Decimal(1_000), currency="KES"))


@pytest.mark.parametrize(
    ("action", "status"), [("pay", "success"), ("refuse", "failed"), ("expire", "failed")]
)
async def test_a_payment_is_asked_for_told_confirmed_and_given_back(
    town: Town, action: str, status: str
) -> None:
    asked = await town.payments.checkout(ASHA, KES_50, product="Duka", metadata={"order": "7"})
    assert (await town.payments.find(str(asked.id))).status == "pending"
    await town.act(action, id=str(asked.id))
    [notice] = await town.service.of(PaymentEvent, 1)
    found = await town.payments.find(str(asked.id))
    assert (found.status, notice.metadata) == (status, {"order": "7"})
    assert confirms(found, notice)
    assert not confirms(found, notice.but(value=Money(amount=Decimal(5_000), currency="KES")))
    if status == "success":
        back = await town.payments.refund(str(asked.id))
        [_, told] = await town.service.of(PaymentEvent, 2)
        assert (told.id, told.destination) == (back.id, ASHA)
        assert confirms(await town.payments.find(str(back.id)), told)


async def test_a_long_menu_is_turned_page_by_page_on_the_phone(town: Town) -> None:
    shown = await town.act("dial", phone=ASHA, code="*384*1#")
    seen = [shown["screen"]]
    while "98 More" in seen[-1]:
        shown = await town.act("enter", session=shown["sessionId"], text="98")
        seen.append(shown["screen"])
    assert len(seen) > 2
    assert all(f"{n}. Product number {n}" in "\n".join(seen) for n in range(1, 21))
    back = await town.act("enter", session=shown["sessionId"], text="00")
    assert back["screen"] == seen[-2]
    again = await town.act("resend", session=shown["sessionId"])
    assert again["screen"] == seen[-2]
    end = await town.act("enter", session=shown["sessionId"], text="7*a")
    assert (end["open"], end["status"], end["screen"]) == (False, "Success", "You chose 7*a")
    [over] = await town.service.of(UssdEnd, 1)
    assert (over.session, over.status, over.text[-6:]) == (shown["sessionId"], "Success", "00*7*a")


async def test_a_deep_dial_answers_ahead(town: Town) -> None:
    shown = await town.act("dial", phone=ASHA, code="*384*1*98*5#")
    assert (shown["screen"], town.service.at) == ("You chose 5", 1)


async def test_a_call_is_made_answered_with_keys_and_told_to_its_end(town: Town) -> None:
    queued = await town.client.call(ASHA, sender="+254711000000", request="effect-1")
    session = str(queued.session_id)
    await town.act("pick_up", session=session)
    talk = await town.act("press", session=session, text="1")
    assert (talk["heard"], talk["waiting"]) == (["Press a key & wait", "Connecting <you>"], "Dial")
    await town.act("bridged", session=session, result="no_answer")
    begun, pressed, over = await town.service.of(VoiceEvent, 3)
    assert [event.key for event in (begun, pressed, over)] == [
        f"voice:{session}:{step}" for step in ("start", "tok1", "over")
    ]
    assert (begun.request, begun.direction, pressed.digits) == ("effect-1", "Outbound", "1")
    assert (over.active, over.cause, over.dialled) == (False, "NO_ANSWER", JUMA)


@pytest.mark.parametrize(("keys", "cause"), [("2", "CALL_REJECTED"), ("", "NORMAL_CLEARING")])
async def test_another_key_or_none_ends_the_call(town: Town, keys: str, cause: str) -> None:
    begun = await town.act("call", phone=ASHA, to="+254711000000")
    talk = await town.act("press", session=begun["sessionId"], text=keys)
    assert (talk["state"], talk["error"]) == ("ended", None)
    over = (await town.service.of(VoiceEvent, 3 if keys else 2))[-1]
    assert (over.caller, over.destination, over.cause) == (ASHA, "+254711000000", cause)
    assert over.cost is not None


async def test_calls_that_cannot_be_made_are_failures(town: Town) -> None:
    with pytest.raises(Failed) as caught:
        await town.client.call(ASHA, sender="+254711999999")
    assert caught.value.code == "NOT_ACCEPTED"
    [queue] = await town.client.queues(["+254711000000"])
    assert queue.num_calls == 0
