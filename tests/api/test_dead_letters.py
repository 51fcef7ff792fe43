"""Dead letters over HTTP: shown without what people wrote, and tried again once."""

from typing import Any

import httpx
import pytest

from store import access, inbox
from store.ids import new_id
from tests.api.conftest import Api, client_of
from tests.store.made import message

pytestmark = pytest.mark.real


async def letter(api: Api, key: str, reason: str = "undelivered") -> str:
    """A row that came to nothing."""
    row = await inbox.accept(api.parts.db, api.workspace, "main", message(key, "my secret"))
    await api.parts.db.execute(
        "UPDATE inbound_events SET state = 'dead', how = $2, consumed_at = now() WHERE id = $1",
        row.id,
        reason,
    )
    return row.id


async def redrive(api: Api, id: str, key: str | None = None) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    return await api.client.post(f"/api/v1/dead-letters/{id}/redrive", headers=headers)


async def rows_of(api: Api) -> list[tuple[Any, ...]]:
    return await api.rows(
        "SELECT seq, state, dedupe_key FROM inbound_events WHERE workspace_id = $1 ORDER BY seq"
    )


async def test_letters_are_listed_with_their_reason_and_without_content(api: Api) -> None:
    id = await letter(api, "a")
    answer = await api.client.get("/api/v1/dead-letters")
    [item] = answer.json()["items"]
    assert (item["id"], item["reason"], item["conversationId"], item["seq"]) == (id, "undelivered", "7", 1)
    assert (item["connection"], item["redrivenAs"], item["event"]) == ("main", None, None)
    assert item["acceptedAt"] < item["diedAt"]
    assert "secret" not in answer.text


async def test_content_is_shown_to_who_asks_for_it(api: Api) -> None:
    await letter(api, "a")
    answer = await api.client.get("/api/v1/dead-letters", params={"include": "event"})
    assert answer.json()["items"][0]["event"]["text"] == "my secret"
    assert (await api.client.get("/api/v1/dead-letters", params={"include": "all"})).status_code == 422


async def test_letters_come_in_pages_and_by_reason(api: Api) -> None:
    ids = [await letter(api, str(n), "unreadable" if n == 2 else "INBOX_OVERFLOW") for n in range(5)]
    first = (await api.client.get("/api/v1/dead-letters", params={"limit": 3})).json()
    query = {"limit": 3, "cursor": first["nextCursor"]}
    second = (await api.client.get("/api/v1/dead-letters", params=query)).json()
    assert [item["id"] for item in [*first["items"], *second["items"]]] == ids[::-1]
    assert second["nextCursor"] is None
    one = await api.client.get("/api/v1/dead-letters", params={"reason": "unreadable"})
    assert [item["id"] for item in one.json()["items"]] == [ids[2]]


@pytest.mark.parametrize("query", [{"cursor": "x"}, {"limit": 0}, {"reason": "a\0b"}, {"reason": ""}])
async def test_a_senseless_question_is_refused(api: Api, query: dict[str, str | int]) -> None:
    assert (await api.client.get("/api/v1/dead-letters", params=query)).status_code == 422


async def test_a_letter_becomes_a_new_input_and_says_so(api: Api) -> None:
    id = await letter(api, "a")
    answer = await redrive(api, id)
    made = answer.json()
    assert (answer.status_code, made["deadLetterId"], made["seq"]) == (202, id, 2)
    assert await rows_of(api) == [(1, "dead", "msg:a"), (2, "received", f"redrive:{id}:1")]
    [item] = (await api.client.get("/api/v1/dead-letters")).json()["items"]
    assert item["redrivenAs"] == made["inputId"]


async def test_a_second_try_is_a_conflict_that_names_the_first(api: Api) -> None:
    id = await letter(api, "a")
    made = (await redrive(api, id)).json()
    again = await redrive(api, id)
    assert (again.status_code, again.json()["code"]) == (409, "ALREADY_REDRIVEN")
    assert again.json()["details"] == {"inputId": made["inputId"]}
    assert (await redrive(api, id, "another")).status_code == 409
    assert (await redrive(api, id, "another")).status_code == 409
    assert len(await rows_of(api)) == 2


async def test_the_same_key_gives_the_same_answer(api: Api) -> None:
    id, other = await letter(api, "a"), await letter(api, "b")
    first, second = await redrive(api, id, "k"), await redrive(api, id, "k")
    assert (first.status_code, second.status_code, first.json()) == (202, 202, second.json())
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    reused = await redrive(api, other, "k")
    assert (reused.status_code, reused.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert len(await rows_of(api)) == 3


async def test_a_request_that_died_is_finished_by_the_next_with_its_key(api: Api) -> None:
    id = await letter(api, "a")
    made = (await redrive(api, id, "k")).json()
    await api.parts.db.execute(
        "UPDATE idempotency_keys SET answer = NULL, status = NULL, claimed_until = now() + interval '1 min'"
        " WHERE workspace_id = $1",
        api.workspace,
    )
    assert (await redrive(api, id, "k")).json()["code"] == "IDEMPOTENCY_KEY_IN_USE"
    await api.parts.db.execute(
        "UPDATE idempotency_keys SET claimed_until = now() WHERE workspace_id = $1", api.workspace
    )
    again = await redrive(api, id, "k")
    assert (again.status_code, again.json()) == (202, made)


async def test_what_is_no_letter_is_not_found(api: Api) -> None:
    alive = await inbox.accept(api.parts.db, api.workspace, "main", message("alive"))
    for ref in (new_id(), "not-an-id", alive.id):
        for key in (None, "k"):
            answer = await redrive(api, ref, key)
            assert (answer.status_code, answer.json()["code"]) == (404, "DEAD_LETTER_NOT_FOUND")


async def test_another_workspace_neither_sees_nor_touches_it(api: Api) -> None:
    id = await letter(api, "a")
    async with client_of(api.app) as stranger:
        stranger.headers["X-API-Key"] = await access.create(api.parts.db, f"other-{new_id()}", "tests")
        assert (await stranger.get("/api/v1/dead-letters")).json()["items"] == []
        assert (await stranger.post(f"/api/v1/dead-letters/{id}/redrive")).status_code == 404
    assert len(await rows_of(api)) == 1
