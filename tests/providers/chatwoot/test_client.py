"""The client against the emulator, over sockets."""

import asyncio

import pytest

from providers.chatwoot import client
from providers.chatwoot.client import Chatwoot
from providers.chatwoot.content import Card
from providers.chatwoot.events import read_listed
from providers.chatwoot.models import Attachment
from providers.errors import Failed, NotSent, Refused, Unknown
from tests.providers.chatwoot.desk import API, CHANNELS, SMS, WIDGET, Desk, client_of

pytestmark = pytest.mark.real
CHOICES = [("Balance", "bal"), ("Agent", "agent")]
CARDS = [
    Card("Gold", "5 GB", "https://img.example/g.png", (("Open", "https://shop.example"),)),
    Card("Plain", "", None, (("See", "https://shop.example/plain"), ("Buy", "https://shop.example/buy"))),
]


async def test_a_message_is_said_by_the_bot(desk: Desk, chatwoot: Chatwoot) -> None:
    talk = await desk.start(message="habari")
    sent = await chatwoot.send_message(talk, "Karibu\x00!", channel=CHANNELS[WIDGET], source_id="effect-1")
    [said] = await desk.thread(talk)
    assert (sent.id, said["content"], said["source_id"]) == (said["id"], "Karibu!", "effect-1")
    assert said["sender_type"] == "AgentBot"
    assert sent.at is not None
    assert not sent.flagged


async def test_without_a_bot_token_the_user_says_it(desk: Desk) -> None:
    talk = await desk.start()
    async with client_of(desk, bot=None) as chatwoot:
        await chatwoot.send_message(talk, "Karibu")
    [said] = await desk.thread(talk)
    assert said["sender_type"] == "User"


@pytest.mark.parametrize("inbox", [API, WIDGET])
async def test_choices_are_buttons_where_the_channel_has_them(
    desk: Desk, chatwoot: Chatwoot, inbox: int
) -> None:
    talk = await desk.start(inbox)
    await chatwoot.send_message(talk, "Choose", choices=CHOICES, channel=CHANNELS[inbox])
    [said] = await desk.thread(talk)
    assert (said["content"], said["content_type"]) == ("Choose", "input_select")
    items = [{"title": "Balance", "value": "bal"}, {"title": "Agent", "value": "agent"}]
    assert said["content_attributes"]["items"] == items


@pytest.mark.parametrize("channel", [CHANNELS[SMS], None])
async def test_elsewhere_choices_are_a_numbered_menu_and_no_source_id_is_given(
    desk: Desk, chatwoot: Chatwoot, channel: str | None
) -> None:
    talk = await desk.start(SMS)
    await chatwoot.send_message(talk, "Choose", choices=CHOICES, channel=channel, source_id="effect-1")
    [said] = await desk.thread(talk)
    assert (said["content"], said["content_type"]) == ("Choose\n1. Balance\n2. Agent", "text")
    assert said["source_id"] is None


@pytest.mark.parametrize("inbox", [API, WIDGET])
async def test_cards_are_cards_where_the_channel_has_them(desk: Desk, chatwoot: Chatwoot, inbox: int) -> None:
    talk = await desk.start(inbox)
    await chatwoot.send_message(talk, "Our plans", cards=CARDS, channel=CHANNELS[inbox], source_id="effect-1")
    [said] = await desk.thread(talk)
    assert (said["content"], said["content_type"], said["source_id"]) == ("Our plans", "cards", "effect-1")
    gold, plain = said["content_attributes"]["items"]
    assert gold == {
        "title": "Gold",
        "description": "5 GB",
        "media_url": "https://img.example/g.png",
        "actions": [{"type": "link", "text": "Open", "uri": "https://shop.example"}],
    }
    assert (plain["title"], "media_url" in plain) == ("Plain", False)


@pytest.mark.parametrize("channel", [CHANNELS[SMS], None])
async def test_elsewhere_cards_are_paragraphs(desk: Desk, chatwoot: Chatwoot, channel: str | None) -> None:
    talk = await desk.start(SMS)
    await chatwoot.send_message(talk, "Our plans", cards=CARDS, channel=channel)
    [said] = await desk.thread(talk)
    gold = "Gold\n5 GB\nhttps://img.example/g.png\nOpen: https://shop.example"
    assert (said["content"], said["content_type"]) == (
        f"Our plans\n\n{gold}\n\nPlain\nSee: https://shop.example/plain\nBuy: https://shop.example/buy",
        "text",
    )


@pytest.mark.parametrize("inbox", [WIDGET, SMS])
async def test_cards_whose_sending_nobody_saw_end_are_found_again(
    desk: Desk, chatwoot: Chatwoot, inbox: int
) -> None:
    talk = await desk.start(inbox)
    sent = await chatwoot.send_message(talk, "", cards=CARDS, channel=CHANNELS[inbox], source_id="effect-1")
    found = await chatwoot.find_message(
        talk, source_id="effect-1", content="", after_id=0, cards=CARDS, channel=CHANNELS[inbox]
    )
    assert found is not None
    assert found.id == sent.id


async def test_a_message_behind_which_much_was_written_is_found_without_an_earlier_id(
    desk: Desk, chatwoot: Chatwoot
) -> None:
    talk = await desk.start()
    sent = await chatwoot.send_message(talk, "Name?", channel=CHANNELS[WIDGET], source_id="effect-1")
    await desk.act("say", conversation=int(talk), text="Hello?", count=28)
    found = await chatwoot.find_message(
        talk, source_id="effect-1", content="Name?", after_id=None, channel=CHANNELS[WIDGET]
    )
    assert found is not None
    assert found.id == sent.id


async def test_a_message_behind_more_than_are_looked_through_is_not_said_to_be_absent(
    desk: Desk, chatwoot: Chatwoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "PAGES", 1)
    talk = await desk.start()
    for _ in range(2):
        await desk.act("say", conversation=int(talk), text="Hello?", count=60)
    with pytest.raises(Unknown, match="TOO_LONG_AGO"):
        await chatwoot.find_message(
            talk, source_id="effect-1", content="Name?", after_id=None, channel=CHANNELS[WIDGET]
        )


async def test_files_travel_with_their_message(desk: Desk, chatwoot: Chatwoot) -> None:
    talk = await desk.start()
    files = [Attachment(f"{n}.png", "image/png", b"\x89PNG" + bytes(n)) for n in range(2)]
    channel = CHANNELS[WIDGET]
    await chatwoot.send_message(talk, "See", attachments=files, channel=channel, source_id="effect-1")
    [said] = await desk.thread(talk)
    assert (said["content"], said["source_id"], len(said["attachments"])) == ("See", "effect-1", 2)


async def test_a_private_note_is_private(desk: Desk, chatwoot: Chatwoot) -> None:
    talk = await desk.start()
    await chatwoot.private_note(talk, "Check KYC")
    [said] = await desk.thread(talk)
    assert (said["content"], said["private"]) == ("Check KYC", True)


@pytest.mark.parametrize("talk", ["404", "9" * 19])
async def test_an_unknown_conversation_is_a_failure(desk: Desk, chatwoot: Chatwoot, talk: str) -> None:
    with pytest.raises(Failed) as caught:
        await chatwoot.send_message(talk, "Karibu")
    assert (caught.value.code, caught.value.status) == ("NOT_FOUND", 404)


@pytest.mark.parametrize("talk", ["", "77/../88", "-1", "\u0667", "9" * 20, "77?x=1"])
async def test_what_is_no_display_id_never_reaches_the_path(chatwoot: Chatwoot, talk: str) -> None:
    with pytest.raises(Failed) as caught:
        await chatwoot.send_message(talk, "Karibu")
    assert caught.value.code == "INVALID_REQUEST"


async def test_a_flood_is_refused_and_a_message_too_long_has_failed(desk: Desk, chatwoot: Chatwoot) -> None:
    await desk.reset(settings={"messages_per_minute": 1})
    talk = await desk.start()
    with pytest.raises(Failed) as too_long:
        await chatwoot.send_message(talk, "x" * 150_001)
    await chatwoot.send_message(talk, "one")
    with pytest.raises(Refused) as flood:
        await chatwoot.send_message(talk, "two")
    assert (too_long.value.code, flood.value.code) == ("UNPROCESSABLE", "RATE_LIMITED")
    assert flood.value.retry_after == 20.0


async def test_a_wrong_token_is_a_failure_and_the_right_one_passes_the_check(desk: Desk) -> None:
    async with client_of(desk) as chatwoot:
        await chatwoot.check()
    async with client_of(desk, user="stolen-1") as chatwoot:
        with pytest.raises(Failed) as caught:
            await chatwoot.check()
    assert caught.value.code == "UNAUTHORIZED"
    assert "stolen-1" not in f"{caught.value} {caught.value!r}"


async def test_the_inboxes_tell_their_channels(chatwoot: Chatwoot) -> None:
    told = {inbox.id: (inbox.name, inbox.channel_type) for inbox in await chatwoot.inboxes()}
    assert told[WIDGET] == ("Web chat", "Channel::WebWidget")
    assert told.keys() == CHANNELS.keys()


async def test_the_token_passes_a_proxy_that_drops_underscores(desk: Desk, chatwoot: Chatwoot) -> None:
    await desk.reset(settings={"drop_underscore_headers": True})
    await chatwoot.check()


async def test_the_old_release_lets_the_client_do_everything(desk: Desk, chatwoot: Chatwoot) -> None:
    await desk.reset(settings={"profile": "v4.3"})
    talk = await desk.start(message="habari")
    sent = await chatwoot.send_message(talk, "Karibu", channel=CHANNELS[WIDGET])
    assert await chatwoot.last_message_id(talk) == sent.id
    assert await chatwoot.add_labels(talk, ["vip"]) == ["vip"]
    await chatwoot.assign(talk, agent=8)
    await chatwoot.toggle_status(talk, "open")
    assert (await chatwoot.state(talk)).status == "open"


async def test_handing_over_opens_the_conversation_and_assigns_nobody_by_itself(
    desk: Desk, chatwoot: Chatwoot
) -> None:
    talk = await desk.start(message="habari")
    assert (await chatwoot.state(talk)).status == "pending"
    await chatwoot.toggle_status(talk, "open")
    state = await chatwoot.state(talk)
    assert (state.status, state.meta.get("assignee")) == ("open", None)
    await chatwoot.toggle_status(talk, "resolved")
    assert (await chatwoot.state(talk)).status == "resolved"


async def test_an_agent_and_a_team_are_both_assigned(desk: Desk, chatwoot: Chatwoot) -> None:
    talk = await desk.start()
    await chatwoot.assign(talk, agent=8, team=2)
    meta = (await chatwoot.state(talk)).meta
    assert (meta["assignee"]["id"], meta["team"]["id"]) == (8, 2)


async def test_labels_are_added_to_those_there_even_at_once(desk: Desk, chatwoot: Chatwoot) -> None:
    talk = await desk.start()
    await asyncio.gather(*(chatwoot.add_labels(talk, [f"l{n}"]) for n in range(5)))
    assert sorted(await chatwoot.add_labels(talk, ["l1", "vip"])) == ["l0", "l1", "l2", "l3", "l4", "vip"]
    assert sorted(await chatwoot.remove_labels(talk, ["l0", "nope"])) == ["l1", "l2", "l3", "l4", "vip"]
    assert len((await desk.look(talk))["conversation"]["labels"]) == 5


async def test_a_contact_is_merged_and_comes_back_in_our_words(desk: Desk, chatwoot: Chatwoot) -> None:
    started = await desk.act("start", inbox=WIDGET, name="Asha")
    changed = {"phone": "+254700000111", "city": "Thika"}
    await chatwoot.update_contact(started["contactId"], {}, {"tier": "gold"})
    contact = await chatwoot.update_contact(started["contactId"], changed, {"size": 3})
    assert contact == {
        "id": started["contactId"],
        "name": "Asha",
        "email": None,
        "phone": "+254700000111",
        "identifier": None,
        "custom": {"tier": "gold", "size": 3},
    }


async def test_a_phone_number_somebody_has_is_a_failure(desk: Desk, chatwoot: Chatwoot) -> None:
    await desk.start(phone="+254700000111")
    other = await desk.act("start", inbox=WIDGET)
    with pytest.raises(Failed) as caught:
        await chatwoot.update_contact(other["contactId"], {"phone": "+254700000111"})
    assert caught.value.status == 422


async def test_missed_messages_are_listed_over_pages_and_read_like_events(
    desk: Desk, chatwoot: Chatwoot
) -> None:
    talk = await desk.start(message="first")
    first = await chatwoot.last_message_id(talk)
    assert first is not None
    await desk.act("say", conversation=int(talk), text="more", count=150)
    rows = await chatwoot.messages_after(talk, first)
    assert [row["id"] for row in rows] == sorted({row["id"] for row in rows})
    events = [read_listed(row, {"id": int(talk)}) for row in rows]
    assert len(events) == 150
    assert {getattr(event, "text", None) for event in events} == {"more"}


async def test_an_empty_conversation_has_no_last_message(desk: Desk, chatwoot: Chatwoot) -> None:
    assert await chatwoot.last_message_id(await desk.start()) is None


async def test_nobody_at_the_address_is_not_sent(desk: Desk) -> None:
    config = desk.config().model_copy(update={"url": "http://127.0.0.1:9"})
    chatwoot = Chatwoot(config)
    with pytest.raises(NotSent):
        await chatwoot.send_message("77", "Karibu")
    await chatwoot.aclose()
