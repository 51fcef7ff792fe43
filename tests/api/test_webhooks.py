"""Chatwoot's webhooks: believed if signed, stored before the answer, delivered beside it."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest
from pydantic import SecretStr

from providers.chatwoot.signature import sign
from store.database import Database
from tests.api.conftest import OTHER_SECRET, SECRET, Api, client_of

pytestmark = pytest.mark.real

MESSAGE: dict[str, Any] = {
    "event": "message_created", "id": 9101, "content": "Hello", "message_type": "incoming", "private": False,
    "conversation": {"id": 42, "status": "pending"}, "sender": {"id": 5, "name": "Asha", "type": "contact"},
    "inbox": {"id": 12, "name": "Web"}, "account": {"id": 1, "name": "Acme"},
}  # fmt: skip


def headers_of(raw: bytes, secret: SecretStr = SECRET, *, age: int = 0) -> dict[str, str]:
    timestamp = str(int(time.time()) - age)
    return {
        "Content-Type": "application/json",
        "X-Chatwoot-Timestamp": timestamp,
        "X-Chatwoot-Signature": sign(secret, timestamp=timestamp, body=raw),
    }


async def post(
    api: Api, body: Any, *, channel: str = "main", headers: dict[str, str] | None = None
) -> httpx.Response:
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    async with client_of(api.app) as chatwoot:
        return await chatwoot.post(
            f"/webhooks/chatwoot/{channel}",
            content=raw,
            headers=headers_of(raw) if headers is None else headers,
        )


async def inbox_of(api: Api) -> list[tuple[Any, ...]]:
    return await api.rows(
        "SELECT dedupe_key, state, event->>'text' FROM inbound_events WHERE workspace_id = $1 ORDER BY seq"
    )


async def test_a_signed_message_is_stored_and_delivered(api: Api) -> None:
    answer = await post(api, MESSAGE)
    assert (answer.status_code, answer.json()["status"]) == (200, "accepted")
    assert await inbox_of(api) == [("msg:9101", "received", "Hello")]
    await api.parts.deliveries.finish(5)
    [(workspace, _)] = api.edge.delivered
    assert workspace == api.workspace


async def test_an_event_is_signed_just_now_by_the_database_s_time(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host whose clock is wrong refuses no webhook for that, and takes no old one."""

    async def ahead(_: Database) -> datetime:
        return datetime.now(UTC) + timedelta(hours=1)

    monkeypatch.setattr(Database, "now", ahead)
    raw = orjson.dumps(MESSAGE)
    assert (await post(api, raw, headers=headers_of(raw, age=-3600))).status_code == 200
    assert (await post(api, raw, headers=headers_of(raw))).status_code == 401


@pytest.mark.parametrize("secret", [SECRET, OTHER_SECRET])
async def test_each_of_the_channels_secrets_is_believed(api: Api, secret: SecretStr) -> None:
    raw = orjson.dumps(MESSAGE)
    assert (await post(api, raw, headers=headers_of(raw, secret))).status_code == 200


RAW = orjson.dumps(MESSAGE)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        headers_of(RAW, SecretStr("another account's")),
        headers_of(RAW + b" "),
        headers_of(RAW, age=301),
        headers_of(RAW, age=-3_600),
        headers_of(RAW) | {"X-Chatwoot-Timestamp": "soon"},
        headers_of(RAW) | {"X-Chatwoot-Signature": "sha256="},
        {"X-Chatwoot-Signature": headers_of(RAW)["X-Chatwoot-Signature"]},
        {"X-Chatwoot-Timestamp": headers_of(RAW)["X-Chatwoot-Timestamp"]},
    ],
    ids=["none", "secret", "tampered", "old", "ahead", "time", "empty", "untimed", "unsigned"],
)
async def test_what_is_not_signed_just_now_is_refused_and_leaves_no_row(
    api: Api, headers: dict[str, str]
) -> None:
    answer = await post(api, RAW, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "INVALID_SIGNATURE")
    assert await inbox_of(api) == []


async def test_an_unknown_channel_is_not_found_and_leaves_no_row(api: Api) -> None:
    answer = await post(api, MESSAGE, channel="nobody")
    assert (answer.status_code, answer.json()["code"]) == (404, "CHANNEL_NOT_FOUND")
    assert await inbox_of(api) == []


async def test_unsigned_events_are_believed_only_where_that_is_allowed(api: Api) -> None:
    assert (await post(api, MESSAGE, channel="open", headers={})).status_code == 200
    assert (await post(api, MESSAGE, channel="shut", headers={})).status_code == 401


async def test_the_same_message_a_hundred_times_is_one_row(api: Api) -> None:
    answers = await asyncio.gather(*(post(api, MESSAGE) for _ in range(100)))
    words = [answer.json()["status"] for answer in answers]
    assert (words.count("accepted"), words.count("duplicate")) == (1, 99)
    assert await inbox_of(api) == [("msg:9101", "received", "Hello")]


@pytest.mark.parametrize(
    "body",
    [
        MESSAGE | {"message_type": "outgoing"},
        MESSAGE | {"private": True},
        {"event": "contact_created", "id": 1},
    ],
)
async def test_what_drives_no_flow_is_ignored_without_a_row(api: Api, body: dict[str, Any]) -> None:
    answer = await post(api, body)
    assert (answer.status_code, answer.json()["status"]) == (200, "ignored")
    assert await inbox_of(api) == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"NaN", 400),
        (b"[]", 422),
        (b"{}", 422),
        (b'{"event":"message_created","message_type":"incoming"}', 422),
    ],
)
async def test_what_cannot_be_read_is_refused(api: Api, body: bytes, status: int) -> None:
    assert (await post(api, body)).status_code == status


async def test_odd_characters_are_no_reason_to_lose_a_message(api: Api) -> None:
    raw = orjson.dumps(MESSAGE | {"content": "caf\u00e9 \U0001f600 \x00 \u202e"})
    assert (await post(api, raw)).json()["status"] == "accepted"
    assert "caf\u00e9 \U0001f600" in (await inbox_of(api))[0][2]


async def test_a_body_over_a_mebibyte_is_refused_unread(api: Api) -> None:
    answer = await post(api, MESSAGE | {"content": "x" * 1024 * 1024})
    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")


async def test_a_row_that_cannot_be_written_is_a_500_which_chatwoot_tries_again(api: Api) -> None:
    api.lose_database()
    answer = await post(api, MESSAGE)
    assert (answer.status_code, answer.json()["code"]) == (500, "EVENT_NOT_STORED")


async def test_the_answer_does_not_wait_for_temporal(api: Api) -> None:
    released = asyncio.Event()
    api.edge.waits_for = released
    assert (await post(api, MESSAGE)).status_code == 200
    assert api.edge.delivered == []
    released.set()
    await api.parts.deliveries.finish(5)
    assert len(api.edge.delivered) == 1


async def test_without_temporal_the_message_waits_for_the_relay(api: Api) -> None:
    api.edge.is_gone()
    assert (await post(api, MESSAGE)).status_code == 200
    await api.parts.deliveries.finish(5)
    assert await inbox_of(api) == [("msg:9101", "received", "Hello")]


async def test_the_log_holds_neither_path_nor_words_nor_names(
    api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    await post(api, MESSAGE)
    await post(api, MESSAGE, channel="a-secret-path")
    logged = capsys.readouterr().out
    assert "/webhooks/chatwoot/{channel}" in logged
    for private in ("Hello", "Asha", "a-secret-path", SECRET.get_secret_value()):
        assert private not in logged
