"""Where people see a conversation goes along with a start by API, as its newest event told."""

import pytest

from store import inbox
from tests.api.conftest import Api
from tests.api.documents import welcome
from tests.store.made import message, status

pytestmark = pytest.mark.real


async def test_a_start_on_a_known_conversation_knows_its_surface(api: Api) -> None:
    await api.publish(welcome())
    for key, channel in [("a", "Channel::Api"), ("b", "Channel::WebWidget")]:
        event = message(key, conversation={"id": 7, "channel": channel})
        await inbox.accept(api.parts.db, api.workspace, "main", event)
    await inbox.accept(api.parts.db, api.workspace, "main", status("s", "open"))
    for conversation in (7, 8):
        await api.client.post("/api/v1/flows/welcome/execute", json={"conversationId": conversation})
    assert [start["scene"].surface for start in api.edge.starts] == ["Channel::WebWidget", None]
