"""What a flow does at the desk besides talking, seen from the desk."""

import pytest

from tests.system.office import EXAMPLES, Office, read_flow, talk

pytestmark = pytest.mark.real

EVERY_KIND = EXAMPLES / "every_kind" / "every_kind.json"
HELLO = ("Hello", "Welcome to Duka Moja, John.", "What can we do for you?")
THANKS = "Thank you. We write to j@example.com when your laptop is ready."


async def test_labels_an_assignment_and_a_closed_conversation_are_seen_at_the_desk_and_another_begins_anew(
    office: Office,
) -> None:
    desk = await office.beside(read_flow(EVERY_KIND))
    visitor = await desk.visitor()
    await talk(
        visitor,
        HELLO,
        ("2", "A few questions about it.", "What is broken?"),
        ("a LAPTOP", "What is your e-mail address?"),
        ("j@example.com", "Is there anything we should know?\n(Write - to leave it out.)"),
        ("The left hinge.", THANKS),
    )
    ended = await desk.execution(visitor)
    assert (ended["status"], ended["results"]) == ("completed", {"wanted": "repair"})
    assert ended["variables"]["repair"]["note"] == "The left hinge."
    await desk.settled()
    query = {"conversation": str(visitor.conversation)}
    seen = (await desk.chatwoot.request("GET", "/_control/state", params=query)).json()["conversation"]
    assert (seen["status"], seen["assignee_id"]) == ("resolved", 1)
    assert sorted(seen["labels"]) == ["large-bench", "repair"]
    await talk(visitor, HELLO)
    assert len(await desk.executions(visitor)) == 2
