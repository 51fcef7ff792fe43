"""The collector: what a run left behind, out of the servers and into its folder."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psutil
from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, WorkflowHistory
from temporalio.converter import PayloadCodec

from store.database import Database
from tests.faults.checker import folder as names
from tests.faults.checker.facts import Tables
from tests.faults.torture.journal import note, now
from tests.system.local import Dev
from wiring.codec import codec_of
from wiring.keys import Keys
from wiring.temporal import NAMESPACE


async def tables(db: Database, folder: Path) -> None:
    """Every table that the invariants look at, as JSON."""
    found = {}
    for name in Tables.model_fields:
        rows = await db.fetch(f"SELECT to_jsonb(t) AS row FROM {name} AS t")  # ours, all of them
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


def files(dev: Dev, folder: Path) -> None:
    """Logs, journals, and Temporal's own files."""
    shutil.copytree(dev.folder / "logs", folder / names.LOGS)
    (folder / names.TEMPORAL).mkdir()
    for path in dev.folder.glob("temporal.db*"):
        shutil.copy(path, folder / names.TEMPORAL)
    for name in (names.SOURCE, names.SINK):  # the stand-in is both
        shutil.copy(dev.folder / "chatwoot" / "journal.jsonl", folder / name)


async def sample(dev: Dev, folder: Path) -> None:
    """What our own processes hold just now."""
    for part in ("api", "worker"):
        process = psutil.Process(dev.record().parts[part].pid)
        note(
            folder / names.SAMPLES,
            part=part,
            pid=process.pid,
            at=now(),
            **await asyncio.to_thread(_held, process),
        )


def _held(process: psutil.Process) -> dict[str, Any]:
    connections = len(process.net_connections())
    return {"memory": process.memory_info().rss, "descriptors": process.num_fds(), "connections": connections}
