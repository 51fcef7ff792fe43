"""The client over sockets: what it asks, and what it makes of the provider's recorded answers."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from providers.africastalking.client import AfricasTalking
from providers.africastalking.config import BASES, AfricasTalkingConfig
from providers.africastalking.models import Call, Queue, SmsRow
from providers.africastalking.money import Money
from providers.africastalking.port import AfricasTalkingPort
from providers.errors import Failed, NotSent, ProviderError, Refused, Unknown
from tests.providers.africastalking.counter import KEY, USER, Counter, client_of

pytestmark = pytest.mark.real
ASHA, JUMA = "+254700000111", "+254700000112"
KES_50 = Money(amount=Decimal(50), currency="KES")
SENT = {
    "SMSMessageData": {
        "Message": "Sent to 1/2 Total Cost: KES 0.8000 Message parts: 1",
        "Recipients": [
            {
                "statusCode": 102,
                "number": ASHA,
                "status": "Success",
                "cost": "KES 0.8000",
                "messageId": "ATXid_0123456789abcdef0123456789abcdef",
            },
            {
                "statusCode": 403,
                "number": JUMA,
                "status": "InvalidPhoneNumber",
                "cost": "0",
                "messageId": "None",
            },
        ],
    }
}
TOPPED_UP = {
    "errorMessage": "None",
    "numSent": 1,
    "totalAmount": "KES 50.0000",
    "totalDiscount": "KES 2.0000",
    "responses": [
        {
            "phoneNumber": ASHA,
            "errorMessage": "None",
            "amount": "KES 50.0000",
            "status": "Sent",
            "requestId": "ATQid_x",
            "discount": "KES 2.0000",
        }
    ],
}
TWICE = {
    "errorMessage": "A duplicate request was received within the last 5 minutes",
    "numSent": 0,
    "totalAmount": "0",
    "totalDiscount": "0",
    "responses": [],
}
QUEUED = {
    "entries": [{"phoneNumber": ASHA, "status": "Queued", "sessionId": "ATVId_x"}],
    "errorMessage": "None",
}
Act = Callable[[AfricasTalkingPort], Awaitable[Any]]
EFFECTS: dict[str, Act] = {
    "sms": lambda at: at.send_sms([ASHA], "Habari"),
    "airtime": lambda at: at.send_airtime(ASHA, KES_50, key="effect-1"),
    "call": lambda at: at.call(ASHA, sender="+254711000000"),
}
QUESTIONS: dict[str, Act] = {
    "fetch": lambda at: at.fetch_sms(),
    "find": lambda at: at.find_transaction("ATQid_x"),
    "queues": lambda at: at.queues(["+254711000000"]),
    "balance": lambda at: at.balance(),
}


async def test_a_text_is_the_providers_own_example_and_each_number_has_its_result(
    counter: Counter, client: AfricasTalking
) -> None:
    counter.says(201, SENT)
    sent = await client.send_sms([ASHA, JUMA], "Hab\x00ari", sender="DUKA", enqueue=True)
    [asked] = counter.asked
    assert (asked.method, asked.path) == ("POST", "/version1/messaging")
    assert asked.form == {
        "username": USER,
        "to": f"{ASHA},{JUMA}",
        "message": "Habari",
        "from": "DUKA",
        "bulkSMSMode": "1",
        "enqueue": "1",
    }
    asha, juma = sent.of(ASHA), sent.of(JUMA)
    assert asha is not None
    assert juma is not None
    assert (asha.accepted, asha.refusal(), asha.cost) == (
        True,
        None,
        Money(amount=Decimal("0.8000"), currency="KES"),
    )
    assert asha.message_id == "ATXid_0123456789abcdef0123456789abcdef"
    refusal = juma.refusal()
    assert refusal is not None
    assert (juma.accepted, juma.message_id, refusal.code) == (False, None, "INVALID_PHONE_NUMBER")
    assert sent.of("+254700000113") is None


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("InvalidSenderId", "INVALID_SENDER_ID"),
        ("InsufficientBalance", "INSUFFICIENT_BALANCE"),
        ("Sent to 0/1", "NOT_ACCEPTED"),
        (None, "NOT_ACCEPTED"),
    ],
)
async def test_created_with_nobody_in_it_is_a_failure(
    counter: Counter, client: AfricasTalking, message: str | None, code: str
) -> None:
    counter.says(201, {"SMSMessageData": {"Message": message, "Recipients": []}})
    with pytest.raises(Failed) as caught:
        await client.send_sms([ASHA], "Habari")
    assert caught.value.code == code


@pytest.mark.parametrize("body", ["OK", "", "{}", "[]", '{"SMSMessageData": 3}', '{"SMSMessageData": {}}'])
async def test_a_text_taken_with_an_unreadable_answer_is_sent_and_flagged(
    counter: Counter, client: AfricasTalking, body: str
) -> None:
    counter.says(201, body, "text/plain")
    assert (await client.send_sms([ASHA], "Habari")).flagged


@pytest.mark.parametrize(
    ("code", "status", "accepted"),
    [(100, "Processed", True), (101, "Success", True), (102, "Queued", True)]
    + [
        (n, "InternalServerError", False)
        for n in (401, 402, 403, 404, 405, 406, 407, 409, 500, 501, 502, 999)
    ],
)
async def test_the_code_of_a_number_decides(
    counter: Counter, client: AfricasTalking, code: int, status: str, accepted: bool
) -> None:
    row = {"statusCode": code, "number": ASHA, "status": status}
    counter.says(201, {"SMSMessageData": {"Message": "x", "Recipients": [row]}})
    [recipient] = (await client.send_sms([ASHA], "Habari")).recipients
    assert recipient.accepted is accepted
    assert (recipient.refusal() is None) is accepted


@pytest.mark.parametrize("written", [ASHA.removeprefix("+"), f"+254 {ASHA[4:]}"])
async def test_a_refusal_is_not_overlooked_because_its_number_is_written_otherwise(
    counter: Counter, client: AfricasTalking, written: str
) -> None:
    row = {"statusCode": 406, "number": written, "status": "UserInBlacklist"}
    counter.says(201, {"SMSMessageData": {"Message": "x", "Recipients": [row]}})
    found = (await client.send_sms([ASHA], "Habari")).of(ASHA)
    assert found is not None
    assert not found.accepted


async def test_the_inbox_is_fetched_from_an_id_on(counter: Counter, client: AfricasTalking) -> None:
    row = {"linkId": "L1", "text": "Hi", "to": "28901", "id": 15071, "from": ASHA, "date": "2026-01-05"}
    counter.says(200, {"SMSMessageData": {"Messages": [row]}})
    expected = {"id": 15071, "from": ASHA, "to": "28901", "text": "Hi", "linkId": "L1"}
    assert await client.fetch_sms(15_000) == [SmsRow.model_validate(expected)]
    assert counter.asked[0].form == {"username": USER, "lastReceivedId": "15000"}


async def test_a_top_up_carries_its_key(counter: Counter, client: AfricasTalking) -> None:
    counter.says(201, TOPPED_UP)
    sent = await client.send_airtime(ASHA, KES_50, key="effect-1", retries=4)
    [asked] = counter.asked
    assert (asked.path, asked.headers["idempotency-key"]) == ("/version1/airtime/send", "effect-1")
    assert asked.form == {
        "username": USER,
        "recipients": '[{"phoneNumber":"+254700000111","amount":"KES 50"}]',
        "maxNumRetry": "4",
    }
    assert (sent.request_id, sent.status, sent.flagged) == ("ATQid_x", "Sent", False)
    assert sent.discount == Money(amount=Decimal("2.0000"), currency="KES")


@pytest.mark.parametrize(("again", "standing"), [(False, "failed"), (True, "unknown")])
async def test_the_five_minute_guard_leaves_a_later_try_unknown(
    counter: Counter, client: AfricasTalking, again: bool, standing: str
) -> None:
    counter.says(201, TWICE)
    with pytest.raises(ProviderError) as caught:
        await client.send_airtime(ASHA, KES_50, key="effect-1", again=again)
    assert (caught.value.standing, caught.value.code) == (standing, "DUPLICATE_REQUEST")


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"status": "InvalidPhoneNumber", "requestId": "None"}, "INVALID_PHONE_NUMBER"),
        ({"status": "Failed", "errorMessage": "Insufficient credit"}, "INSUFFICIENT_CREDIT"),
        ({"status": "Failed", "errorMessage": f"{USER} may not"}, "FAILED"),
        (None, "NOT_ACCEPTED"),
    ],
)
async def test_a_top_up_that_was_refused_is_a_failure(
    counter: Counter, client: AfricasTalking, row: dict[str, str] | None, code: str
) -> None:
    responses = [TOPPED_UP["responses"][0] | row] if row else []  # type: ignore[index]
    counter.says(201, TOPPED_UP | {"responses": responses, "errorMessage": f"{USER} may not"})
    with pytest.raises(Failed) as caught:
        await client.send_airtime(ASHA, KES_50, key="effect-1")
    assert caught.value.code == code
    assert USER not in str(caught.value)


async def test_a_top_up_is_looked_up(counter: Counter, client: AfricasTalking) -> None:
    counter.says(200, {"status": "Success", "data": {"requestId": "ATQid_x", "status": "Success"}})
    found = await client.find_transaction("ATQid_x")
    assert (found.status, found.data["status"]) == ("Success", "Success")
    assert counter.asked[0].path == "/query/transaction/find"
    assert counter.asked[0].form == {"username": USER, "transactionId": "ATQid_x"}


async def test_a_call_is_queued(counter: Counter, client: AfricasTalking) -> None:
    counter.says(200, QUEUED)
    queued = await client.call(ASHA, sender="+254711000000", request="effect-1")
    assert queued == Call(session_id="ATVId_x", status="Queued")
    assert counter.asked[0].path == "/call"
    assert counter.asked[0].form == {
        "username": USER,
        "to": ASHA,
        "from": "+254711000000",
        "clientRequestId": "effect-1",
    }


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (
            {"entries": [{"phoneNumber": ASHA, "status": "DestinationNotSupported", "sessionId": "None"}]},
            "DESTINATION_NOT_SUPPORTED",
        ),
        ({"entries": [], "errorMessage": "InvalidCallerId"}, "INVALID_CALLER_ID"),
    ],
)
async def test_a_call_that_is_not_made_is_a_failure(
    counter: Counter, client: AfricasTalking, body: object, code: str
) -> None:
    counter.says(200, body)
    with pytest.raises(Failed) as caught:
        await client.call(ASHA, sender="+254711000000")
    assert caught.value.code == code


async def test_queues_and_balance_are_read(counter: Counter, client: AfricasTalking) -> None:
    entry = {"phoneNumber": "+254711000000", "queueName": "", "numCalls": 1}
    counter.says(200, {"status": "Success", "entries": [entry], "errorMessage": "None"})
    counter.says(200, {"UserData": {"balance": "KES 1785.50"}})
    assert await client.queues(["+254711000000"]) == [Queue(phone_number="+254711000000", num_calls=1)]
    assert await client.balance() == Money(amount=Decimal("1785.50"), currency="KES")


@pytest.mark.parametrize("name", EFFECTS)
async def test_an_effect_whose_answer_got_lost_is_unknown_and_asked_for_once(
    counter: Counter, client: AfricasTalking, name: str
) -> None:
    counter.cuts()
    with pytest.raises(Unknown):
        await EFFECTS[name](client)
    assert len(counter.asked) == 1


@pytest.mark.parametrize("name", QUESTIONS)
async def test_a_question_whose_answer_got_lost_can_be_asked_again(
    counter: Counter, client: AfricasTalking, name: str
) -> None:
    counter.cuts()
    with pytest.raises(NotSent):
        await QUESTIONS[name](client)


@pytest.mark.parametrize("name", QUESTIONS)
async def test_a_question_whose_answer_cannot_be_read_can_be_asked_again(
    counter: Counter, client: AfricasTalking, name: str
) -> None:
    counter.says(200, "Please hold the line", "text/plain")
    with pytest.raises(NotSent):
        await QUESTIONS[name](client)


@pytest.mark.parametrize("name", ["airtime", "call"])
async def test_an_effect_with_an_unreadable_answer_is_done_and_flagged(
    counter: Counter, client: AfricasTalking, name: str
) -> None:
    counter.says(201, "OK", "text/plain")
    assert (await EFFECTS[name](client)).flagged


@pytest.mark.parametrize(
    ("status", "standing"), [(400, "failed"), (429, "refused"), (500, "unknown"), (502, "unknown")]
)
@pytest.mark.parametrize("name", EFFECTS)
async def test_statuses_have_their_classes(
    counter: Counter, client: AfricasTalking, name: str, status: int, standing: str
) -> None:
    counter.says(status, "no", "text/plain")
    with pytest.raises(ProviderError) as caught:
        await EFFECTS[name](client)
    assert caught.value.standing == standing


async def test_plain_text_refusals_are_understood_and_hold_no_secret(counter: Counter) -> None:
    counter.says(400, f"Request is missing required form field 'to' ({USER} {KEY})", "text/plain")
    async with client_of(counter) as client, client_of(counter, key="atsk-wrong") as stranger:
        for at, code in ((client, "FIELD_MISSING"), (stranger, "UNAUTHORIZED")):
            with pytest.raises(Failed) as caught:
                await at.send_sms([ASHA], "Habari")
            assert caught.value.code == code
            shown = f"{caught.value} {caught.value!r} {caught.value.reply!r} {caught.value.info()!r}"
            assert not any(secret in shown for secret in (USER, KEY, "atsk-wrong"))
        with pytest.raises(Failed, match="the field 'to' is missing"):
            await client.balance()


async def test_a_pause_that_is_asked_for_is_told(counter: Counter, client: AfricasTalking) -> None:
    counter.answers.append(b"HTTP/1.1 429 X\r\nretry-after: 7\r\ncontent-length: 0\r\n\r\n")
    with pytest.raises(Refused) as caught:
        await client.send_sms([ASHA], "Habari")
    assert caught.value.retry_after == 7.0


@pytest.mark.parametrize("name", EFFECTS)
async def test_every_effect_has_a_connection_of_its_own(
    counter: Counter, client: AfricasTalking, name: str
) -> None:
    counter.says(201, {"sms": SENT, "airtime": TOPPED_UP, "call": QUEUED}[name])
    for _ in range(3):
        await EFFECTS[name](client)
    assert (counter.raw.connections, len(counter.asked)) == (3, 3)
    assert {asked.headers["connection"] for asked in counter.asked} == {"close"}


async def test_questions_share_one(counter: Counter, client: AfricasTalking) -> None:
    counter.says(200, {"UserData": {"balance": "KES 1785.50"}})
    for _ in range(3):
        await client.balance()
    assert (counter.raw.connections, len(counter.asked)) == (1, 3)


@pytest.mark.parametrize(
    "act",
    [
        lambda at: at.send_sms([], "Habari"),
        lambda at: at.send_sms(["0700000111"], "Habari"),
        lambda at: at.send_sms([ASHA, ASHA], "Habari"),
        lambda at: at.send_sms([f"+2547000{n:05}" for n in range(101)], "Habari"),
        lambda at: at.send_sms([ASHA], "  "),
        lambda at: at.send_sms([ASHA], "x" * 4_001),
        lambda at: at.send_airtime(ASHA, Money(amount=Decimal(0), currency="KES"), key="k"),
        lambda at: at.send_airtime(ASHA, Money(amount=Decimal(5)), key="k"),
        lambda at: at.send_airtime(ASHA, KES_50, key="a\nb"),
        lambda at: at.call("28901", sender="+254711000000"),
    ],
)
async def test_what_cannot_be_asked_never_leaves(counter: Counter, client: AfricasTalking, act: Act) -> None:
    with pytest.raises(Failed) as caught:
        await act(client)
    assert (caught.value.code, counter.asked) == ("INVALID_REQUEST", [])


def test_each_environment_has_its_hosts_and_a_setting_replaces_one() -> None:
    def config(**more: Any) -> AfricasTalkingConfig:
        return AfricasTalkingConfig(username=SecretStr(USER), api_key=SecretStr(KEY), **more)

    assert config().bases().api == "https://api.sandbox.africastalking.com"
    assert config(environment="production").bases() == BASES["production"]
    own = config(environment="production", voice_url="http://127.0.0.1:9/voice").bases()
    assert own == BASES["production"]._replace(voice="http://127.0.0.1:9/voice")
    assert not any(secret in repr(config()) for secret in (USER, KEY))
    with pytest.raises(ValidationError) as caught:
        config(environment="staging", api_url=f"https://{USER}:{KEY}@x.example")
    assert not any(secret in str(caught.value) for secret in (USER, KEY))
