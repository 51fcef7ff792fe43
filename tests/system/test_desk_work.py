"""What a flow does at the desk besides talking, seen from the desk."""

import pytest

from tests.system.office import EXAMPLES, Office, read_flow, talk
from wiring.visitor import Visitor

pytestmark = pytest.mark.real

EVERY_KIND = EXAMPLES / "every_kind" / "every_kind.json"
CALL_BACK = EVERY_KIND.with_name("call_back.json")
HELLO = ("Hello", "Welcome to Duka Moja, John.", "What can we do for you?")
THANKS = "Thank you. We write to j@example.com when your laptop is ready."


async def arrived(office: Office) -> tuple[Office, Visitor]:
    """A desk for which the flow of every kind runs, and somebody who has not written yet."""
    await office.publish_below(read_flow(CALL_BACK))
    desk = await office.beside(read_flow(EVERY_KIND))
    return desk, await desk.visitor()


async def test_labels_an_assignment_and_a_closed_conversation_are_seen_at_the_desk_and_another_begins_anew(
    office: Office,
) -> None:
    desk, visitor = await arrived(office)
    await talk(
        visitor,
        HELLO,
        ("2", "A few questions about it.", "What is broken?"),
        ("a LAPTOP", "What is your e-mail address?"),
        ("j@example.com", "Is there anything we should know?\n(Write - to leave it out.)"),
        ("The left hinge.", "1. We look at it.", "2. We tell you the price.", THANKS),
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
    assert await desk.until_executions(visitor, 2)


async def test_a_question_inside_another_flow_is_asked_and_answered_on_the_whole_road(office: Office) -> None:
    """Started by a webhook: the run brings the other flow's plan along."""
    desk, visitor = await arrived(office)
    await talk(
        visitor,
        HELLO,
        ("3", "What shall we tell them?"),
        ("My receipt is wrong.", "May we call you back, John?"),
        ("maybe", "Please answer yes or no.\n\nMay we call you back, John?"),
        ("yes", "One moment, a colleague takes over."),
    )
    [found] = await desk.until_executions(visitor, 1)
    answer = await desk.api.get(f"/api/v1/executions/{found['id']}/history", params={"mask": True})
    asked = [line for line in answer.json()["items"] if line["nodeId"] == "call-back#1/may-we"]
    assert [line["exit"] for line in asked if line["exit"]] == ["answer"]
    assert {line["variables"]["name"] for line in asked if line["variables"]} == {"***"}
    back = next(line for line in answer.json()["items"] if line["nodeId"] == "call-back")
    assert (back["exit"], back["result"]) == ("done", {"allowed": True})
