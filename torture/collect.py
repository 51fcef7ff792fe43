"""The collector: what a run left behind, out of the servers and into its folder."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, WorkflowHistory
from temporalio.converter import PayloadCodec

from store.database import Database
from torture.checker import folder as names
from torture.checker.tables import Tables
from torture.house import OURS, House
from torture.journal import note, now
from wiring.codec import codec_of
from wiring.keys import Keys
from wiring.temporal import NAMESPACE

JOURNAL = "journal.jsonl"
"""Of an emulator, in its folder."""


async def tables(db: Database, folder: Path) -> None:
    """Every table that the invariants look at, as JSON."""
    found = {}
    for name in Tables.model_fields:
        rows = await db.fetch(f"SELECT to_jsonb(t) AS row FROM {name} AS t")  # noqa: S608  ours, all of them
        found[name] = [row["row"] for row in rows]
    (folder / names.TABLES).write_text(json.dumps(found, indent=1))
    plans = await db.fetch("SELECT digest, plan FROM plans")
    (folder / names.PLANS).write_text(json.dumps({row["digest"]: row["plan"] for row in plans}))


async def histories(db: Database, client: Client, keys: Keys, folder: Path) -> None:
    """Every run of every execution, decoded: `{execution}.{number}.json`."""
    codec = codec_of(keys, NAMESPACE)
    (folder / names.HISTORIES).mkdir()
    rows = await db.fetch(
        "SELECT id, workflow_id, first_run_id FROM executions WHERE first_run_id IS NOT NULL"
    )
    for row in rows:
        number = 0
        async for run in _chain(client, row["workflow_id"], row["first_run_id"]):
            number += 1
            for event in run.events:
                await _decode(event, codec)
            (folder / names.HISTORIES / f"{row['id']}.{number:02}.json").write_text(run.to_json())


async def _chain(client: Client, workflow_id: str, run_id: str) -> AsyncIterator[WorkflowHistory]:
    while run_id:
        run = await client.get_workflow_handle(workflow_id, run_id=run_id).fetch_history()
        run_id = run.events[-1].workflow_execution_continued_as_new_event_attributes.new_execution_run_id
        yield run


async def _decode(message: Message, codec: PayloadCodec) -> None:
    """Every payload in a message, in its place."""
    if isinstance(message, Payload):
        message.CopyFrom((await codec.decode([message]))[0])
        return
    for field, value in message.ListFields():
        if field.type == field.TYPE_MESSAGE:
            several = value.values() if hasattr(value, "values") else value
            for one in [value] if isinstance(value, Message) else several:
                if isinstance(one, Message):  # the values of a map may be plain
                    await _decode(one, codec)


def journals(house: House, folder: Path) -> None:
    """What the providers' edge noted. Copied before the tables: what it tells of later is in no row yet."""
    for name in (names.SOURCE, names.SINK):  # the stand-in is both
        shutil.copy(house.home / "chatwoot" / JOURNAL, folder / name)
    shutil.copy(house.home / "africastalking" / JOURNAL, folder / names.PHONES)


def files(house: House, folder: Path) -> None:
    """Logs, and Temporal's own files."""
    shutil.copytree(house.home / "logs", folder / names.LOGS)
    (folder / names.TEMPORAL).mkdir()
    for path in house.home.glob("temporal.db*"):
        shutil.copy(path, folder / names.TEMPORAL)


async def sampling(house: House, folder: Path, every: float) -> None:
    """For ever: what our own processes hold."""
    while True:
        await sample(house, folder)
        await asyncio.sleep(every)


async def sample(house: House, folder: Path) -> None:
    """What our own processes hold just now."""
    for part in OURS:
        pid = house.pid(part)
        held = await asyncio.to_thread(_held, pid)
        if held:
            note(folder / names.SAMPLES, part=part, pid=pid, at=now(), **held)


def _held(pid: int) -> dict[str, int]:
    """Nothing of a process that is just dead."""
    try:
        process = psutil.Process(pid)
        connections = len(process.net_connections())
        return {
            "memory": process.memory_info().rss, "descriptors": process.num_fds(), "connections": connections
        }  # fmt: skip
    except psutil.Error:
        return {}
