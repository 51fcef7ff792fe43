"""Validating and publishing ask Chatwoot for the trigger's inbox."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest

from providers.chatwoot.client import Chatwoot
from providers.chatwoot.config import ChatwootConfig
from tests.api.conftest import Api
from tests.api.documents import welcome
from tests.providers.chatwoot.desk import SEED, SMS, Desk, client_of, open_desk

pytestmark = pytest.mark.real

WHATSAPP = 21
ASKS = {
    "text": "Which?",
    "choices": [{"value": "a", "title": "A title of more than twenty-four"}],
    "timeout": "1h",
}
SHORT = {**ASKS, "choices": [{"value": "a"}, {"value": "b"}]}


@pytest.fixture(scope="module")
async def desk() -> AsyncIterator[Desk]:
    """An account with an inbox of WhatsApp besides."""
    async with open_desk() as desk:
        await desk.reset(inboxes=[*SEED["inboxes"], {"id": WHATSAPP, "name": "Phone", "channel": "whatsapp"}])
        yield desk


@pytest.fixture
async def asking(api: Api, desk: Desk) -> AsyncIterator[Api]:
    """The application with a client of that account."""
    async with client_of(desk) as client:
        yield with_client(api, client)


def with_client(api: Api, client: Chatwoot) -> Api:
    """The application, which asks this client."""
    api.app.state.parts = replace(api.parts, chatwoot=client)
    return api


def on(inbox: int, **more: Any) -> dict[str, Any]:
    """A flow that an inbox starts."""
    return welcome(trigger={"channel": "chatwoot", "event": "message_created", "inboxId": inbox}, **more)


def menu(config: dict[str, Any]) -> dict[str, Any]:
    """A flow with a menu, whose exits all lead to its end."""
    exits = [*(pick["value"] for pick in config["choices"]), "timeout"]
    nodes = [
        {"id": "start", "type": "start"},
        {"id": "which", "type": "menu", "config": config},
        {"id": "end", "type": "end"},
    ]
    edges = [{"from": "start", "to": "which"}, *({"from": "which", "exit": e, "to": "end"} for e in exits)]
    return {"nodes": nodes, "edges": edges}


async def findings(api: Api, document: dict[str, Any]) -> list[tuple[str, str]]:
    """Codes and pointers that validating tells."""
    said = (await api.client.post("/api/v1/flows/validate", json={"flow": document})).json()
    return [(one["code"], one["pointer"]) for one in (*said["errors"], *said["warnings"])]


async def test_an_inbox_that_is_there_is_fine(asking: Api) -> None:
    assert await findings(asking, on(SMS)) == []


async def test_an_inbox_that_is_not_there_is_told_and_not_published(asking: Api) -> None:
    assert await findings(asking, on(99)) == [("UNKNOWN_INBOX", "/trigger/inboxId")]
    await asking.client.post("/api/v1/flows", json={"flow": on(99)})
    refused = await asking.client.post("/api/v1/flows/welcome/publish")
    assert (refused.status_code, refused.json()["code"]) == (422, "UNKNOWN_INBOX")


async def test_a_chatwoot_that_does_not_answer_keeps_nobody_from_publishing(api: Api, desk: Desk) -> None:
    config = ChatwootConfig(url="http://127.0.0.1:1", account_id=3, api_key=desk.config().api_key)
    async with aclosing(Chatwoot(config)) as client:
        with_client(api, client)
        assert await findings(api, on(SMS)) == [("INBOX_NOT_CHECKED", "/trigger/inboxId")]
        published = await api.publish(on(SMS))
        assert [one["code"] for one in published["warnings"]] == ["INBOX_NOT_CHECKED"]


async def test_a_token_that_is_refused_is_a_warning_that_names_no_token(api: Api, desk: Desk) -> None:
    async with client_of(desk, user="revoked-token") as client:
        said = await with_client(api, client).client.post("/api/v1/flows/validate", json={"flow": on(SMS)})
    assert [one["code"] for one in said.json()["warnings"]] == ["INBOX_NOT_CHECKED"]
    assert "revoked-token" not in said.text


async def test_another_workspace_s_chatwoot_is_not_ours_to_ask(asking: Api) -> None:
    main = replace(asking.parts.channels["main"], workspace="another")
    asking.app.state.parts = replace(asking.app.state.parts, channels={"main": main})
    assert await findings(asking, on(99)) == []


async def test_a_flow_that_no_inbox_starts_asks_nobody(asking: Api) -> None:
    assert await findings(asking, welcome(trigger={"event": "message_created"})) == []


async def test_choices_that_the_inbox_s_messenger_cannot_show_are_told(asking: Api, desk: Desk) -> None:
    assert await findings(asking, on(SMS, **menu(ASKS))) == []
    assert await findings(asking, on(WHATSAPP, **menu(SHORT))) == []
    assert await findings(asking, on(WHATSAPP, **menu(ASKS))) == [("CHOICES_SHOWN_AS_TEXT", "/nodes/1")]
