"""What calls are told, as the provider's own examples and against what it would not take."""

from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from providers.africastalking.speech import (
    Action,
    Conference,
    Dequeue,
    Dial,
    Enqueue,
    GetDigits,
    Play,
    Record,
    Redirect,
    Reject,
    Say,
)
from providers.africastalking.xml import HEAD, MOST_ACTIONS, respond

URL = "https://flows.example/voice?a=1&b=2"
ESCAPED = "https://flows.example/voice?a=1&amp;b=2"


@pytest.mark.parametrize(
    ("actions", "inside"),
    [
        ([], ""),
        ([Say(text="Habari")], "<Say>Habari</Say>"),
        (
            [Say(text="Tom & <Asha>", voice="en-US-Standard-C", play_beep=False)],
            '<Say voice="en-US-Standard-C" playBeep="false">Tom &amp; &lt;Asha&gt;</Say>',
        ),
        ([Play(url=URL)], f'<Play url="{ESCAPED}"/>'),
        (
            [
                GetDigits(
                    prompt=Say(text="Enter your PIN"),
                    num_digits=4,
                    timeout=10,
                    finish_on_key="#",
                    callback_url=URL,
                ),
                Say(text="Nothing came"),
            ],
            f'<GetDigits numDigits="4" timeout="10" finishOnKey="#" callbackUrl="{ESCAPED}">'
            "<Say>Enter your PIN</Say></GetDigits><Say>Nothing came</Say>",
        ),
        ([GetDigits(prompt=Play(url=URL))], f'<GetDigits><Play url="{ESCAPED}"/></GetDigits>'),
        ([Record()], "<Record/>"),
        (
            [Record(prompt=Say(text="Speak"), max_length=30, trim_silence=True, play_beep=True)],
            '<Record maxLength="30" trimSilence="true" playBeep="true"><Say>Speak</Say></Record>',
        ),
        (
            [
                Dial(
                    phone_numbers=["+254 700 000 111", "asha@ke.sip.africastalking.com"],
                    record=True,
                    sequential=True,
                    caller_id="+254711000000",
                    ring_back_tone=URL,
                    max_duration=600,
                )
            ],
            '<Dial phoneNumbers="+254700000111,asha@ke.sip.africastalking.com" record="true" '
            f'sequential="true" callerId="+254711000000" ringBackTone="{ESCAPED}" maxDuration="600"/>',
        ),
        ([Enqueue(name="support", hold_music=URL)], f'<Enqueue name="support" holdMusic="{ESCAPED}"/>'),
        ([Dequeue(phone_number="+254711000000")], '<Dequeue phoneNumber="+254711000000"/>'),
        ([Say(text="One moment"), Conference()], "<Say>One moment</Say><Conference/>"),
        ([Redirect(url=URL)], f"<Redirect>{ESCAPED}</Redirect>"),
        ([Reject()], "<Reject/>"),
    ],
)
def test_actions_are_written_as_the_provider_takes_them(actions: list[Action], inside: str) -> None:
    assert respond(actions) == f"{HEAD}<Response>{inside}</Response>"


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        (Say, {"text": ""}),
        (Say, {"text": " \x00\x07 "}),
        (Say, {"text": "a" * 4_001}),
        (Say, {"text": "a", "voice": 'x" y="'}),
        (Play, {"url": "ftp://files.example/a.mp3"}),
        (Play, {"url": "https://files.example/a b.mp3"}),
        (GetDigits, {}),
        (GetDigits, {"prompt": {"text": "a"}, "num_digits": 0}),
        (GetDigits, {"prompt": {"text": "a"}, "finish_on_key": "##"}),
        (GetDigits, {"prompt": {"text": "a"}, "timeout": 0}),
        (Record, {"max_length": 3_601}),
        (Dial, {"phone_numbers": []}),
        (Dial, {"phone_numbers": ["0700000111"]}),
        (Dial, {"phone_numbers": ["+254700000111"] * 21}),
        (Enqueue, {"name": "a b"}),
        (Redirect, {"url": "javascript:alert(1)"}),
        (Reject, {"reason": "busy"}),
    ],
)
def test_what_the_provider_would_not_take_is_refused(action: type[Action], fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        action.model_validate(fields)


@pytest.mark.parametrize(
    "last", [Reject(), Conference(), Redirect(url=URL), Enqueue(), Dial(phone_numbers=["a@b"])]
)
def test_nothing_stands_behind_an_action_that_ends_the_list(last: Action) -> None:
    with pytest.raises(ValueError, match=f"action 2 \\({type(last).__name__}\\)"):
        respond([Say(text="a"), last, Say(text="b")])


def test_an_answer_has_an_end() -> None:
    with pytest.raises(ValueError, match="more than 50"):
        respond([Say(text="a")] * (MOST_ACTIONS + 1))


@given(st.text(min_size=1, max_size=200))
def test_whatever_is_said_is_well_formed_and_says_it(text: str) -> None:
    try:
        action = Say(text=text)
    except ValidationError:
        return
    said = ElementTree.fromstring(respond([action]))[0].text or ""
    assert said == action.text.replace("\r\n", "\n").replace("\r", "\n")
