"""Which events come by which channel."""

from typing import Any

import pytest
from pydantic import ValidationError

from dsl.spec import Trigger


@pytest.mark.parametrize(
    ("event", "channel"),
    [
        ("conversation_created", "chatwoot"),
        ("sms_received", "sms"),
        ("ussd_session", "ussd"),
        ("call_received", "voice"),
        ("api", "chatwoot"),
    ],
)
def test_a_channel_that_is_left_out_is_that_of_the_event(event: str, channel: str) -> None:
    assert Trigger.model_validate({"event": event}).channel == channel


def test_a_start_by_api_may_name_any_channel() -> None:
    assert Trigger.model_validate({"event": "api", "channel": "sms"}).channel == "sms"


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ({"channel": "sms", "event": "ussd_session"}, "'ussd_session' is an event of the channel 'ussd'"),
        ({"channel": "chatwoot", "event": "sms_received"}, "not of 'chatwoot'"),
        ({"event": "sms_received", "inboxId": 7}, "the channel 'sms' has no inboxes"),
        ({"event": "ussd_session", "keyword": "join"}, "the channel 'ussd' has no keywords"),
        ({"event": "message_created", "serviceCode": "28901"}, "has no service codes"),
        ({"event": "sms_received", "serviceCode": "2 8"}, "match pattern"),
        ({"channel": "telegram"}, "'chatwoot', 'sms', 'ussd' or 'voice'"),
    ],
)
def test_what_never_comes_by_a_channel_is_refused(written: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Trigger.model_validate(written)
