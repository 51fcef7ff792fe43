"""What people hear, and when it is over: the emulators' journals as they grow, and PostgreSQL."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dsl.messages import ENDED
from store.database import Database

LOOK = 0.25
ASK = 1.0
TAKEN = (100, 101, 102)
"""Codes of texts that were taken for a phone."""
OVER = """
    SELECT address AS done FROM lanes WHERE address = ANY($1) AND execution_id IS NULL AND EXISTS (
        SELECT 1 FROM executions WHERE lane_id = lanes.id AND status = ANY($2))
    UNION ALL SELECT id::text FROM executions WHERE id::text = ANY($1) AND status = ANY($2)"""


class Tail:
    """A file of JSON lines, read on from where the last look ended."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._at = 0

    def more(self) -> Iterator[dict[str, Any]]:
        """Whole lines that were not there before."""
        with self._path.open("rb") as file:
            file.seek(self._at)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                self._at += len(line)
                yield json.loads(line)


class Ears:
    """Everybody's ears; `awaited` are conversations, phones and executions whose end somebody waits for."""

    def __init__(self, chatwoot: Path, phones: Path, db: Database) -> None:
        self._tails = ((Tail(chatwoot), self._message), (Tail(phones), self._text))
        self._db = db
        self.heard: defaultdict[str, list[str]] = defaultdict(list)
        self.prompts: defaultdict[str, list[str]] = defaultdict(list)
        """By phone, the payments that it is asked for."""
        self.awaited = set[str]()

    async def listen(self) -> None:
        """For ever; cancelled by whoever is not interested any more."""
        while True:
            for tail, take in self._tails:
                for line in tail.more():
                    if line["kind"] == "api" and line["method"] == "POST":
                        take(line)
            await asyncio.sleep(LOOK)

    async def watch(self) -> None:
        """For ever: whoever's end has come is awaited no longer."""
        while True:
            await asyncio.sleep(ASK)
            if self.awaited:
                self.awaited -= await self._over(sorted(self.awaited))

    async def _over(self, awaited: list[str]) -> set[str]:
        try:
            async with asyncio.timeout(5):
                return {row["done"] for row in await self._db.fetch(OVER, awaited, list(ENDED))}
        except Exception:
            return set()

    def _message(self, line: dict[str, Any]) -> None:
        """One of ours in Chatwoot."""
        route: str = line["route"]
        if route.startswith("/api/v1/") and route.endswith("/messages") and line["status"] == 200:
            self.heard[str(line["ids"]["conversation_id"])].append(str(line["body"].get("content") or ""))

    def _text(self, line: dict[str, Any]) -> None:
        """A text, or a payment that is asked for."""
        if line["route"].endswith("/messaging") and line["status"] == 201:
            for one in line["answer"]["SMSMessageData"]["Recipients"]:
                if one["statusCode"] in TAKEN:
                    self.heard[one["number"]].append(line["body"]["message"])
        elif line["route"].endswith("/checkout/request") and "transactionId" in (line["answer"] or {}):
            self.prompts[line["body"]["phoneNumber"]].append(line["answer"]["transactionId"])
