"""What people hear is read off the emulators' journals as they grow."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from store.database import Database
from store.ids import new_id
from tests.waiting import until
from torture.source.ears import Ears, Tail

MESSAGES = "/api/v1/accounts/{account_id}/conversations/{conversation_id}/messages"


def write(path: Path, **line: Any) -> None:
    with path.open("a") as file:
        file.write(json.dumps({"kind": "api", "method": "POST", "status": 200, **line}) + "\n")


@asynccontextmanager
async def listening(folder: Path, db: Database) -> AsyncIterator[Ears]:
    for name in ("chatwoot", "phones"):
        (folder / name).touch()
    ears = Ears(folder / "chatwoot", folder / "phones", db)
    works = [asyncio.create_task(work) for work in (ears.listen(), ears.watch())]
    try:
        yield ears
    finally:
        for work in works:
            work.cancel()
            with suppress(asyncio.CancelledError):
                await work


def test_a_line_that_is_not_whole_is_read_when_it_is(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    path.write_text('{"n":1}\n{"n":')
    tail = Tail(path)
    assert list(tail.more()) == [{"n": 1}]
    assert list(tail.more()) == []
    with path.open("a") as file:
        file.write("2}\n")
    assert list(tail.more()) == [{"n": 2}]


@pytest.mark.real
async def test_people_hear_what_was_really_said_to_them(tmp_path: Path, db: Database) -> None:
    async with listening(tmp_path, db) as ears:
        write(tmp_path / "chatwoot", route=MESSAGES, ids={"conversation_id": 7}, body={"content": "Name?"})
        write(tmp_path / "chatwoot", route=MESSAGES, ids={"conversation_id": 7}, body={}, status=500)
        answer = {"SMSMessageData": {"Recipients": [
            {"statusCode": 101, "number": "+254700000001"}, {"statusCode": 403, "number": "+254700000002"},
        ]}}  # fmt: skip
        text = {"route": "/api/version1/messaging", "status": 201, "body": {"message": "Hi"}}
        write(tmp_path / "phones", **text, answer=answer)
        charge = {"route": "/payments/mobile/checkout/request", "status": 201}
        asked = {"body": {"phoneNumber": "+254700000001"}, "answer": {"transactionId": "ATP1"}}
        write(tmp_path / "phones", **charge, **asked)
        await until(lambda: ears.prompts, seconds=10)
    assert dict(ears.heard) == {"7": ["Name?"], "+254700000001": ["Hi"]}
    assert dict(ears.prompts) == {"+254700000001": ["ATP1"]}


@pytest.mark.real
async def test_it_is_over_when_the_record_says_so(tmp_path: Path, db: Database) -> None:
    over, on = new_id(), new_id()
    for id, status in ((over, "completed"), (on, "waiting_input")):
        await db.execute(EXECUTION, new_id(), id, status)
    async with listening(tmp_path, db) as ears:
        ears.awaited |= {over, on}
        await until(lambda: over not in ears.awaited, seconds=10)
    assert ears.awaited == {on}


EXECUTION = """
    INSERT INTO executions (workspace_id, id, flow_id, flow_version, workflow_id, status)
    VALUES ('default', $2::uuid, $1::uuid, 1, $2::text, $3)"""
