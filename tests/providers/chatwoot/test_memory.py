"""The in-memory account against the same expectations as the real client, and what only it can do."""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from providers.chatwoot.client import Chatwoot
from providers.chatwoot.memory import MemoryChatwoot
from providers.chatwoot.port import ChatwootPort
from providers.errors import Failed, Refused, Unknown
from tests.providers.chatwoot.desk import CHANNELS, WIDGET, Desk

CHANNEL = CHANNELS[WIDGET]
METHODS = [name for name in vars(ChatwootPort) if not name.startswith("_")]


@dataclass
class Account:
    """A way into an account, and how a customer starts talking in it."""

    port: ChatwootPort
    start: Callable[[], Awaitable[str]]


def in_memory() -> Account:
    memory = MemoryChatwoot()

    async def start() -> str:
        memory.open("77")
        return "77"

    return Account(memory, start)


@pytest.fixture(params=["memory", pytest.param("emulator", marks=pytest.mark.real)])
def account(request: pytest.FixtureRequest) -> Account:
    if request.param == "memory":
        return in_memory()
    desk: Desk = request.getfixturevalue("desk")
    return Account(request.getfixturevalue("chatwoot"), desk.start)


async def test_what_was_sent_is_found_and_listed(account: Account) -> None:
    port, talk = account.port, await account.start()
    assert await port.last_message_id(talk) is None
    sent = await port.send_message(talk, "Karibu", channel=CHANNEL, source_id="effect-1")
    note = await port.private_note(talk, "a note")
    assert sent.id is not None
    found = await port.find_message(
        talk, source_id="effect-1", content="Karibu", after_id=sent.id - 1, channel=CHANNEL
    )
    assert found is not None
    assert (found.id, found.at) == (sent.id, sent.at)
    assert await port.last_message_id(talk) == note.id
    assert [row["id"] for row in await port.messages_after(talk, sent.id)] == [note.id]


async def test_a_menu_is_found_by_its_choices(account: Account) -> None:
    port, talk = account.port, await account.start()
    sent = await port.send_message(talk, "Choose", choices=[("Yes", "y")])
    given = {"source_id": "effect-1", "content": "Choose", "after_id": 0}
    assert await port.find_message(talk, **given) is None  # type: ignore[arg-type]
    found = await port.find_message(talk, **given, choices=[("Yes", "y")])  # type: ignore[arg-type]
    assert found is not None
    assert found.id == sent.id


async def test_status_assignee_and_labels_are_set(account: Account) -> None:
    port, talk = account.port, await account.start()
    await port.toggle_status(talk, "open")
    await port.assign(talk, agent=8)
    assert await port.add_labels(talk, ["b", "a"]) == ["b", "a"]
    assert sorted(await port.add_labels(talk, ["a", "c"])) == ["a", "b", "c"]
    assert sorted(await port.remove_labels(talk, ["b"])) == ["a", "c"]
    state = await port.state(talk)
    assert (state.status, state.meta["assignee"]["id"]) == ("open", 8)


async def test_what_is_not_there_is_a_failure(account: Account) -> None:
    await account.start()
    for refused in (
        account.port.send_message("404", "Karibu"),
        account.port.toggle_status("404", "open"),
        account.port.last_message_id("404"),
        account.port.update_contact(999_999, {"name": "x"}),
    ):
        with pytest.raises(Failed) as caught:
            await refused
        assert caught.value.code == "NOT_FOUND"


@pytest.mark.parametrize("name", METHODS)
def test_all_three_have_the_same_signature(name: str) -> None:
    wanted = inspect.signature(getattr(ChatwootPort, name))
    assert inspect.signature(getattr(Chatwoot, name)) == wanted
    assert inspect.signature(getattr(MemoryChatwoot, name)) == wanted


async def test_it_fails_as_planned_before_or_after_the_work() -> None:
    memory = MemoryChatwoot()
    memory.open("77")
    memory.fail("send_message", Refused("RATE_LIMITED", "later", provider="chatwoot"))
    memory.fail("send_message", Unknown("TIMEOUT", "no answer came", provider="chatwoot"), done=True)
    with pytest.raises(Refused):
        await memory.send_message("77", "one")
    with pytest.raises(Unknown):
        await memory.send_message("77", "two")
    await memory.send_message("77", "three")
    assert memory.said("77") == ["two", "three"]


async def test_it_is_strict_about_the_channel() -> None:
    memory = MemoryChatwoot()
    memory.open("77", "Channel::Sms")
    with pytest.raises(ValueError, match="not on"):
        await memory.send_message("77", "Karibu", channel=CHANNEL)


async def test_a_contact_is_merged() -> None:
    memory = MemoryChatwoot(clock=lambda: 1767225600.0)
    memory.open("77", contact_id=501)
    await memory.update_contact(501, {"phone": "+254700000111"}, {"tier": "gold"})
    contact = await memory.update_contact(501, {"city": "Thika"}, {"size": 3})
    assert (contact["phone"], contact["custom"]) == ("+254700000111", {"tier": "gold", "size": 3})
