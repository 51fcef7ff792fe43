"""What is known after the emulator misbehaved, and what the conversation tells about it."""

import pytest

from providers.chatwoot.client import Chatwoot
from providers.errors import NotSent, ProviderError, Refused, Unknown
from tests.providers.chatwoot.desk import CHANNELS, SMS, WIDGET, Desk, client_of

pytestmark = pytest.mark.real


async def told(chatwoot: Chatwoot, talk: str, channel: str, text: str = "Karibu") -> str:
    """`done`, `flagged`, or the standing of the error."""
    try:
        sent = await chatwoot.send_message(talk, text, channel=channel, source_id="effect-1")
    except ProviderError as error:
        return error.standing
    return "flagged" if sent.flagged else "done"


@pytest.mark.parametrize(
    ("fault", "param", "standing", "stored"),
    [
        ("drop_before", None, "unknown", False),
        ("drop_after", None, "unknown", True),
        ("hang", 5, "unknown", False),
        ("error", 500, "unknown", False),
        ("error_after", 500, "unknown", True),
        ("error_after", 502, "unknown", True),
        ("error_after", 504, "unknown", True),
        ("truncate", None, "flagged", True),
        ("throttle", None, "refused", False),
        ("error", 422, "failed", False),
        ("error", 401, "failed", False),
    ],
)
@pytest.mark.parametrize("inbox", [WIDGET, SMS])
async def test_each_fault_has_its_class_and_the_message_is_found_if_it_is_there(
    desk: Desk, fault: str, param: float | None, standing: str, stored: bool, inbox: int
) -> None:
    talk, channel = await desk.start(inbox, message="habari"), CHANNELS[inbox]
    await desk.fault(fault, param=param)
    async with client_of(desk, seconds=0.5 if fault == "hang" else 4.0) as chatwoot:
        last = await chatwoot.last_message_id(talk)
        assert await told(chatwoot, talk, channel) == standing
        assert await desk.landed() == 1
        found = await chatwoot.find_message(
            talk, source_id="effect-1", content="Karibu", after_id=last, channel=channel
        )
    kept = [row["id"] for row in await desk.thread(talk)]
    assert bool(kept) is stored
    assert ([found.id] if found else []) == kept


async def test_the_pause_asked_for_is_told(desk: Desk, chatwoot: Chatwoot) -> None:
    await desk.reset(settings={"throttle_retry_after": 7})
    talk = await desk.start()
    await desk.fault("throttle")
    with pytest.raises(Refused) as caught:
        await chatwoot.send_message(talk, "Karibu")
    assert caught.value.retry_after == 7.0


async def test_a_message_is_matched_by_all_it_was_sent_with(desk: Desk, chatwoot: Chatwoot) -> None:
    talk, sms = await desk.start(SMS, message="Karibu"), CHANNELS[SMS]
    older = await chatwoot.send_message(talk, "Karibu", channel=sms)
    await chatwoot.private_note(talk, "Karibu")
    first = await chatwoot.send_message(talk, "Karibu", channel=sms)
    menu = await chatwoot.send_message(talk, "Karibu", choices=[("Yes", "y")], channel=sms)

    async def find(text: str, **more: object) -> int | None:
        given = {"source_id": "effect-1", "after_id": older.id, "channel": sms} | more
        found = await chatwoot.find_message(talk, content=text, **given)  # type: ignore[arg-type]
        return found.id if found else None

    assert await find("Karibu") == first.id
    assert await find("Karibu", after_id=None) == older.id
    assert await find("Karibu", taken=[first.id]) is None
    assert await find("Karibu", choices=[("Yes", "y")]) == menu.id
    assert await find("Kari") is None


async def test_another_source_id_is_another_message(desk: Desk, chatwoot: Chatwoot) -> None:
    talk, channel = await desk.start(), CHANNELS[WIDGET]
    await chatwoot.send_message(talk, "Karibu", channel=channel, source_id="effect-1")
    found = await chatwoot.find_message(
        talk, source_id="effect-2", content="Karibu", after_id=0, channel=channel
    )
    assert found is None


@pytest.mark.parametrize("fault", ["drop_after", "error_after", "hang"])
async def test_setting_a_state_may_be_repeated(desk: Desk, fault: str) -> None:
    talk = await desk.start()
    await desk.fault(fault, path="/(toggle_status|labels)$", times=2)
    async with client_of(desk, seconds=0.5) as chatwoot:
        with pytest.raises(NotSent):
            await chatwoot.toggle_status(talk, "open")
        with pytest.raises(NotSent):
            await chatwoot.add_labels(talk, ["vip"])
        await chatwoot.toggle_status(talk, "open")
        assert await chatwoot.add_labels(talk, ["vip"]) == ["vip"]
    assert await desk.landed() == 2


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "truncate", "error"])
async def test_a_question_without_answer_can_be_asked_again(
    desk: Desk, chatwoot: Chatwoot, fault: str
) -> None:
    talk = await desk.start(message="habari")
    await desk.fault(fault, method="GET")
    with pytest.raises(NotSent):
        await chatwoot.last_message_id(talk)
    assert await chatwoot.last_message_id(talk) is not None


async def test_a_slow_answer_within_the_time_is_an_answer(desk: Desk, chatwoot: Chatwoot) -> None:
    talk = await desk.start()
    await desk.fault("delay", param=0.2)
    assert await told(chatwoot, talk, CHANNELS[WIDGET]) == "done"


async def test_nothing_is_ever_sent_twice_by_itself(desk: Desk, chatwoot: Chatwoot) -> None:
    talk = await desk.start()
    await chatwoot.send_message(talk, "one")  # the connection is kept, the next request finds it closed
    await desk.fault("drop_after")
    with pytest.raises(Unknown):
        await chatwoot.send_message(talk, "two")
    assert [row["content"] for row in await desk.thread(talk)] == ["one", "two"]
