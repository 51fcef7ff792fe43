"""Every callback, from its body to an event."""

import random
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.africastalking.callbacks import Callback
from providers.africastalking.events import (
    AirtimeStatus,
    AirtimeValidation,
    Delivery,
    Event,
    IncomingSms,
    OptOut,
    PaymentEvent,
    UssdEnd,
    UssdTurn,
    VoiceEvent,
)
from providers.africastalking.money import Money
from providers.africastalking.problem import CallbackProblem
from tests.providers.africastalking.bodies import BODIES, FORM, PHONE, READER, form, keyed, read

CALLBACKS = sorted(BODIES)
KES_50 = Money(amount=Decimal(50), currency="KES")


def problem(callback: Callback, body: bytes, content_type: str = FORM, **more: Any) -> tuple[str, str]:
    with pytest.raises(CallbackProblem) as caught:
        READER.read(callback, body, content_type, **more)
    return caught.value.code, caught.value.field


def test_a_step_of_ussd_is_the_providers_own_example() -> None:
    body = (
        b"sessionId=ATUid_a1&phoneNumber=%2B254700000111&networkCode=63902"
        b"&serviceCode=%2A384%2A1234%23&text=2%2A0700"
    )
    assert READER.read("ussd", body, FORM) == UssdTurn(
        key=f"ussd:ATUid_a1:2:{keyed('2*0700')}",
        session="ATUid_a1",
        phone=PHONE,
        service="*384*1234#",
        network="63902",
        text="2*0700",
    )


def test_the_first_step_of_ussd_has_no_segments_and_what_is_typed_is_in_no_key() -> None:
    assert read("ussd", text="").key == f"ussd:ATUid_a1:0:{keyed('')}"
    assert "4821" not in read("ussd", text="1*4821").key
    assert "4821" not in repr(read("ussd", text="1*4821"))


def test_steps_of_one_session_have_keys_of_their_own_and_a_repeated_one_has_the_same() -> None:
    texts = ["", "1", "1*", "1**2", "1*0*2", "1*0*2*2"]
    assert len({read("ussd", text=text).key for text in texts}) == len(texts)
    assert read("ussd", text="1*0").key == read("ussd", text="1*0").key


def test_the_end_of_a_session_is_read() -> None:
    assert read("ussd-end") == UssdEnd(
        key="end:ATUid_a1",
        session="ATUid_a1",
        phone=PHONE,
        service="*384*1234#",
        network="63902",
        status="Incomplete",
        text="2*0700",
        millis=5230,
        error=None,
    )


def test_an_incoming_sms_is_the_providers_own_example() -> None:
    body = (
        b"id=ATXid_abc&from=%2B254700000111&to=28901&text=JOIN&date=2026-01-05+09%3A34%3A18"
        b"&linkId=&networkCode=99999"
    )
    assert READER.read("sms", body, FORM) == IncomingSms(
        key="sms:ATXid_abc",
        id="ATXid_abc",
        phone=PHONE,
        to="28901",
        text="JOIN",
        link_id=None,
        network="99999",
    )


def test_a_text_keeps_its_blanks_and_lines_but_no_nul() -> None:
    event = read("sms", text=" Habari\x00\nyako 😀 ")
    assert isinstance(event, IncomingSms)
    assert event.text == " Habari\nyako 😀 "


def test_a_delivery_report_is_read() -> None:
    assert read("delivery") == Delivery(
        key="dlr:ATXid_abc:Failed",
        id="ATXid_abc",
        status="Failed",
        standing="failed",
        phone=PHONE,
        network="63902",
        retries=0,
        reason="UserInBlackList",
    )


@pytest.mark.parametrize("status", ["Frobnicated", "DeliveredToTerminal"])
def test_a_new_status_is_kept_raw_and_means_on_its_way(status: str) -> None:
    event = read("delivery", status=status, failureReason="SomethingNew")
    assert isinstance(event, Delivery)
    assert (event.status, event.standing, event.reason) == (status, "pending", "SomethingNew")


def test_an_opt_out_happens_once_a_day_and_its_key_hides_the_phone() -> None:
    key = f"optout:DUKA:{keyed(PHONE)}:2026-01-05"
    assert read("optout") == OptOut(key=key, sender="DUKA", phone=PHONE)


def test_a_call_that_begins_is_read() -> None:
    assert read("voice") == VoiceEvent(
        key="voice:ATVId_x:start",
        session="ATVId_x",
        active=True,
        direction="Inbound",
        caller=PHONE,
        destination="+254711000000",
        digits=None,
        recording=None,
        state="Ringing",
        request=None,
        seconds=None,
        cost=None,
        status=None,
        cause=None,
        dialled=None,
        dialled_seconds=None,
    )


def test_a_call_that_ended_tells_how_it_went() -> None:
    event = read(
        "voice",
        isActive="0",
        durationInSeconds="42",
        amount="1.5",
        currencyCode="KES",
        status="Success",
        lastBridgeHangupCause="NO_ANSWER",
        dialDestinationNumber="+254711000001",
        dialDurationInSeconds="7",
        recordingUrl="https://rec.example/1.mp3",
    )
    assert isinstance(event, VoiceEvent)
    assert (event.key, event.active, event.seconds, event.cause) == (
        "voice:ATVId_x:over",
        False,
        42,
        "NO_ANSWER",
    )
    assert event.cost == Money(amount=Decimal("1.5"), currency="KES")
    assert (event.dialled, event.dialled_seconds) == ("+254711000001", 7)


def test_each_answered_step_of_a_call_has_the_key_of_its_address() -> None:
    body = form("voice", dtmfDigits="1#")
    event = READER.read("voice", body, FORM, step="tok1")
    assert isinstance(event, VoiceEvent)
    assert (event.key, event.digits) == ("voice:ATVId_x:tok1", "1#")
    assert READER.read("voice", form("voice", isActive="0"), FORM, step="tok1").key == "voice:ATVId_x:over"


def test_no_keys_pressed_is_told_from_not_asked() -> None:
    for given_digits, expected in (("", ""), ("42", "42")):
        event = read("voice", dtmfDigits=given_digits)
        assert isinstance(event, VoiceEvent)
        assert event.digits == expected


def test_a_caller_may_be_no_phone_number() -> None:
    event = read("voice", callerNumber="sip:asha@ke.sip.africastalking.com")
    assert isinstance(event, VoiceEvent)
    assert event.caller == "sip:asha@ke.sip.africastalking.com"


@pytest.mark.parametrize("content_type", [FORM, "application/json", "application/json; charset=utf-8"])
def test_a_top_ups_status_is_read_from_a_form_and_from_json(content_type: str) -> None:
    body = form("airtime") if content_type == FORM else orjson.dumps(BODIES["airtime"])
    assert READER.read("airtime", body, content_type) == AirtimeStatus(
        key="air:ATQid_x:Success",
        id="ATQid_x",
        phone=PHONE,
        status="Success",
        value=Money(amount=Decimal("50.0000"), currency="KES"),
        discount=Money(amount=Decimal("2.0000"), currency="KES"),
        description="Airtime delivered",
    )


@pytest.mark.parametrize("amount", ["50", 50, 50.0, "50.0000"])
def test_the_question_before_a_top_up_comes_to_the_same_address(amount: object) -> None:
    body = {
        "transactionId": "ATQid_v",
        "phoneNumber": PHONE,
        "sourceIpAddress": "127.0.0.1",
        "currencyCode": "KES",
        "amount": amount,
    }
    event = READER.read("airtime", orjson.dumps(body), "application/json")
    assert isinstance(event, AirtimeValidation)
    assert (event.key, event.phone) == ("air:ATQid_v:validation", PHONE)
    assert event.value.same(KES_50)


def test_a_notice_about_money_is_read_with_its_metadata() -> None:
    body = BODIES["payment"] | {"requestMetadata": {"or\x00der": "\x007", "odd": 3}, "providerMetadata": {}}
    event = READER.read("payment", orjson.dumps(body), "application/json")
    assert event == PaymentEvent(
        key="pay:ATPid_x:Success",
        id="ATPid_x",
        category="MobileCheckout",
        status="Success",
        source=PHONE,
        destination=None,
        value=Money(amount=Decimal("500.0000"), currency="KES"),
        product="Duka",
        description=None,
        metadata={"order": "7"},
    )


@pytest.mark.parametrize(
    ("callback", "names"),
    [
        ("ussd", ["sessionId", "phoneNumber", "networkCode", "serviceCode", "text"]),
        ("ussd-end", ["sessionId", "phoneNumber", "serviceCode", "status"]),
        ("sms", ["id", "from", "to", "text"]),
        ("delivery", ["id", "status"]),
        ("optout", ["senderId", "phoneNumber"]),
        ("voice", ["isActive", "sessionId", "callerNumber", "destinationNumber"]),
        ("airtime", ["requestId", "phoneNumber", "status", "value"]),
        ("payment", ["transactionId", "category", "productName", "source", "value", "status"]),
    ],
)
def test_what_is_missing_is_named(callback: Callback, names: list[str]) -> None:
    for name in names:
        assert problem(callback, form(callback, without=name)) == ("FIELD_MISSING", name)
        if name != "text":
            assert problem(callback, form(callback, **{name: "  "})) == ("FIELD_MISSING", name)


@pytest.mark.parametrize(
    ("callback", "name", "value", "code"),
    [
        ("ussd", "phoneNumber", "0700000111", "FIELD_INVALID"),
        ("ussd", "phoneNumber", "Asha", "FIELD_INVALID"),
        ("ussd", "sessionId", "a b", "FIELD_INVALID"),
        ("ussd", "sessionId", "x" * 129, "FIELD_TOO_LONG"),
        ("ussd", "text", "1*" * 2049, "FIELD_TOO_LONG"),
        ("ussd-end", "durationInMillis", "soon", "FIELD_INVALID"),
        ("sms", "text", "x" * 16_385, "FIELD_TOO_LONG"),
        ("sms", "from", "DUKA", "FIELD_INVALID"),
        ("delivery", "retryCount", "-1", "FIELD_INVALID"),
        ("delivery", "retryCount", "٣", "FIELD_INVALID"),
        ("voice", "isActive", "yes", "FIELD_INVALID"),
        ("voice", "direction", "Sideways", "FIELD_INVALID"),
        ("voice", "dtmfDigits", "1a", "FIELD_INVALID"),
        ("airtime", "status", "Sent", "FIELD_INVALID"),
        ("airtime", "value", "plenty", "FIELD_INVALID"),
        ("airtime", "value", "50", "FIELD_INVALID"),
        ("payment", "status", "Refunded", "FIELD_INVALID"),
        ("payment", "value", "None", "FIELD_INVALID"),
    ],
)
def test_what_is_wrong_is_named_and_never_quoted(
    callback: Callback, name: str, value: str, code: str
) -> None:
    body = form(callback, **{name: value})
    assert problem(callback, body) == (code, name)
    with pytest.raises(CallbackProblem) as caught:
        READER.read(callback, body, FORM)
    assert value not in str(caught.value)


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (b"", FORM, ("FIELD_MISSING", "sessionId")),
        (b"\xff\xfe", FORM, ("BODY_UNREADABLE", "body")),
        (b"text=%ff", FORM, ("BODY_UNREADABLE", "body")),
        (b"&".join(b"f%d=1" % n for n in range(65)), FORM, ("BODY_UNREADABLE", "body")),
        (b"x" * 65_537, FORM, ("BODY_TOO_LARGE", "body")),
        (b"text=1&text=2", FORM, ("FIELD_REPEATED", "text")),
        (b"a%0Ab=1&a%0Ab=2", FORM, ("FIELD_REPEATED", "body")),
        (b"[]", "application/json", ("BODY_UNREADABLE", "body")),
        (b"{", "application/json", ("BODY_UNREADABLE", "body")),
        (b'{"sessionId": {}}', "application/json", ("FIELD_INVALID", "sessionId")),
        (b'{"sessionId": true}', "application/json", ("FIELD_INVALID", "sessionId")),
    ],
)
def test_bodies_that_are_none_are_told(body: bytes, content_type: str, expected: tuple[str, str]) -> None:
    assert problem("ussd", body, content_type) == expected


def test_the_token_of_a_step_is_checked_like_a_field() -> None:
    assert problem("voice", form("voice"), step="a b") == ("FIELD_INVALID", "step")


@pytest.mark.parametrize("written", ["%2B254700000111", "+254700000111", "254700000111", "%2B254+700+000111"])
def test_a_phone_number_has_one_spelling_however_its_plus_was_decoded(written: str) -> None:
    event = READER.read("optout", f"senderId=DUKA&phoneNumber={written}".encode(), FORM)
    assert isinstance(event, OptOut)
    assert event.phone == PHONE


def taken(callback: Callback, body: bytes, content_type: str) -> Event | str:
    """The event, or the field that there is a problem with; anything else flies on."""
    try:
        return READER.read(callback, body, content_type)
    except CallbackProblem as found:
        return found.field


@given(st.sampled_from(CALLBACKS), st.binary(max_size=300), st.sampled_from([FORM, "application/json", ""]))
def test_no_body_breaks_a_reader(callback: Callback, body: bytes, content_type: str) -> None:
    assert taken(callback, body, content_type)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers(-(2**63), 2**63) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(CALLBACKS), st.data())
def test_no_value_in_a_field_breaks_a_reader(callback: Callback, data: st.DataObject) -> None:
    names = sorted(BODIES[callback])
    strange = data.draw(st.dictionaries(st.sampled_from(names), JSON_VALUES, max_size=len(names)))
    event = taken(callback, orjson.dumps(BODIES[callback] | strange), "application/json")
    assert event in names if isinstance(event, str) else "\\u0000" not in event.model_dump_json()


def mangled(body: bytes, chance: random.Random) -> bytes:
    """The body with a few bytes cut out, doubled or replaced."""
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(body) + 1)
        end = min(len(body), start + chance.randint(0, 12))
        middle = chance.choice(
            [b"", body[start:end] * 2, chance.randbytes(3), b"%00", b"%zz", b"&", b"=", b"*"]
        )
        body = body[:start] + middle + body[end:]
    return body


def test_bodies_that_were_mangled_on_the_way_are_read_or_refused(examples: int | None) -> None:
    chance = random.Random(7)
    outcomes = set()
    for _ in range(examples or 2_000):
        callback = chance.choice(CALLBACKS)
        outcomes.add(type(taken(callback, mangled(form(callback), chance), FORM)))
    assert len(outcomes) > len(CALLBACKS)
