"""Finding conversations: the filter, what was said, and the files of one."""

import pytest

from tests.emulators.chatwoot.conftest import OpenDesk
from tests.emulators.chatwoot.desk import Desk, Json


async def filtered(desk: Desk, *conditions: Json, page: int = 1) -> list[int]:
    """Ids that a filter by these conditions finds, ascending."""
    path = f"/conversations/filter?page={page}"
    answer = await desk.call("agent", "POST", path, {"payload": list(conditions)})
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == {"meta", "payload"}
    return sorted(row["id"] for row in answer.json()["payload"])


def condition(key: str, operator: str, *values: object, then: str | None = None) -> Json:
    return {
        "attribute_key": key,
        "filter_operator": operator,
        "values": list(values),
        "query_operator": then,
    }


async def test_the_filter_finds_by_status_place_and_label(desk: Desk) -> None:
    bot, desk_only = await desk.start(12), await desk.start(14)
    await desk.call("agent", "POST", f"/conversations/{desk_only}/labels", {"labels": ["vip"]})
    await desk.call("agent", "POST", f"/conversations/{desk_only}/assignments", {"assignee_id": 8})
    assert await filtered(desk, condition("status", "equal_to", "pending")) == [bot]
    assert await filtered(desk, condition("status", "equal_to", "all")) == [bot, desk_only]
    assert await filtered(desk, condition("inbox_id", "equal_to", 14)) == [desk_only]
    assert await filtered(desk, condition("inbox_id", "not_equal_to", "14")) == [bot]
    assert await filtered(desk, condition("labels", "equal_to", "vip")) == [desk_only]
    assert await filtered(desk, condition("assignee_id", "is_not_present")) == [bot]
    either = (condition("display_id", "equal_to", bot, then="or"), condition("labels", "is_present"))
    assert await filtered(desk, *either) == [bot, desk_only]
    both = (condition("status", "equal_to", "all", then="and"), condition("team_id", "is_present"))
    assert await filtered(desk, *both) == []


async def test_the_filter_pages_by_25_and_counts_everything(desk: Desk) -> None:
    for _ in range(27):
        await desk.start(14)
    assert len(await filtered(desk, condition("status", "equal_to", "open"))) == 25
    assert await filtered(desk, condition("status", "equal_to", "open"), page=2) == [1, 2]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (condition("colour", "equal_to", "red"), "Invalid attribute key"),
        (condition("status", "contains", "open"), "Invalid operator"),
        (condition("status", "equal_to"), "Invalid value"),
    ],
)
async def test_the_filter_refuses_what_it_does_not_know(desk: Desk, wrong: Json, error: str) -> None:
    answer = await desk.call("agent", "POST", "/conversations/filter", {"payload": [wrong]})
    assert (answer.status_code, answer.json()["error"].startswith(error)) == (422, True)


async def test_the_list_finds_what_was_said_by_either_side_and_nothing_else(desk: Desk) -> None:
    asked, _ = await desk.start(14, message="Where is my ORDER?"), await desk.start(14, message="hi")
    answered = await desk.start(14, message="hello")
    await desk.sent(answered, "agent", content="Your order is on its way.")
    await desk.call("agent", "POST", f"/conversations/{answered}/toggle_priority", {"priority": "high"})
    found = (await desk.call("agent", "GET", "/conversations?q=order")).json()["data"]
    assert sorted(row["id"] for row in found["payload"]) == sorted([asked, answered])
    assert found["meta"]["all_count"] == 2
    activity = (await desk.call("agent", "GET", "/conversations?q=priority")).json()["data"]
    assert activity["payload"] == []


async def test_the_files_of_a_conversation_are_listed_newest_first_100_a_page(desk: Desk) -> None:
    conversation = await desk.start()
    headers = {"api_access_token": "bot-token"}
    for batch in range(7):
        files = [("attachments[]", (f"{batch}-{n}.txt", b"x", "text/plain")) for n in range(15)]
        url = f"/api/v1/accounts/3/conversations/{conversation}/messages"
        assert (await desk.http.post(url, files=files, headers=headers)).status_code == 200
    pages = [
        (await desk.call("agent", "GET", f"/conversations/{conversation}/attachments?page={page}")).json()
        for page in (1, 2)
    ]
    assert [len(page["payload"]) for page in pages] == [100, 5]
    assert pages[0]["meta"] == {"total_count": 105}
    newest = pages[0]["payload"][0]
    assert newest["data_url"].endswith("6-0.txt")
    assert (newest["file_type"], newest["sender"]["type"]) == ("file", "agent_bot")
    assert (await desk.call("bot", "GET", f"/conversations/{conversation}/attachments")).status_code == 401


async def test_a_transcript_needs_an_address_and_has_a_limit_an_hour(open_desk: OpenDesk) -> None:
    desk = await open_desk(transcripts_per_hour=2)
    path = f"/conversations/{await desk.start()}/transcript"
    missing = await desk.call("agent", "POST", path, {})
    assert (missing.status_code, missing.json()) == (422, {"error": "email param missing"})
    statuses = [(await desk.call("agent", "POST", path, {"email": "a@b.c"})).status_code for _ in range(2)]
    assert statuses == [200, 429]
    desk.clock.moment += 3_600
    assert (await desk.call("agent", "POST", path, {"email": "a@b.c"})).status_code == 200
