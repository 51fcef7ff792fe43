"""Everything that crossed the emulator's border, as numbered JSON lines a checker can trust."""

import asyncio
import os
from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime
from io import BufferedWriter
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

Line = dict[str, Any]
BODY_LIMIT = 16_384
SECRET_KEYS = frozenset(
    {
        "access_token",
        "api_access_token",
        "hmac_token",
        "identifier_hash",
        "pubsub_token",
        "secret",
        "token",
        "website_token",
    }
)


def without_secrets(value: Any, depth: int = 0) -> Any:
    """A copy of `value` in which nothing under a secret's name is left."""
    if depth > 32:
        return "..."
    if isinstance(value, dict):
        return {
            k: "[hidden]" if k in SECRET_KEYS else without_secrets(v, depth + 1) for k, v in value.items()
        }
    if isinstance(value, list):
        return [without_secrets(item, depth + 1) for item in value]
    return value


def bounded(body: Any) -> Any:
    """`body` without secrets, or only its size when it would bloat the journal."""
    size = len(orjson.dumps(body, default=str))
    return {"bytes": size} if size > BODY_LIMIT else without_secrets(body)


class Journal:
    """Numbered lines, in memory for readers and fsynced in a file when there is a state directory."""

    def __init__(self, directory: Path | None, keep: int, *, durable: bool = True) -> None:
        self._lines: deque[Line] = deque(maxlen=keep)
        self._file = _open(directory) if directory else None
        self._number = _last_number(directory) if directory else 0
        self._synced = self._number
        self._durable = durable
        self._sync_lock = asyncio.Lock()

    @property
    def last(self) -> int:
        return self._number

    def write(self, kind: str, **fields: Any) -> int:
        """Append a line and return its number; it is durable only after `sync()`."""
        self._number += 1
        line: Line = {"n": self._number, "at": datetime.now(UTC).isoformat(), "kind": kind, **fields}
        self._lines.append(line)
        if self._file:
            self._file.write(orjson.dumps(line, default=str) + b"\n")
            self._file.flush()
        return self._number

    async def sync(self) -> None:
        """Wait until every line written so far is on disk; callers waiting together share one fsync."""
        wanted = self._number
        async with self._sync_lock:
            if self._file is None or not self._durable or self._synced >= wanted:
                return
            covers = self._number
            await asyncio.to_thread(os.fsync, self._file.fileno())
            self._synced = covers

    def after(self, number: int, limit: int) -> Iterable[Line]:
        """Up to `limit` lines above `number`, oldest first."""
        return islice((line for line in self._lines if line["n"] > number), limit)

    def close(self) -> None:
        if self._file:
            os.fsync(self._file.fileno())
            self._file.close()
            self._file = None


def _open(directory: Path) -> BufferedWriter:
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(directory / "journal.jsonl", os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    size = os.fstat(descriptor).st_size
    if size and os.pread(descriptor, 1, size - 1) != b"\n":
        os.write(descriptor, b"\n")  # a crash cut the last line: keep the next one whole
    return os.fdopen(descriptor, "ab")


def _last_number(directory: Path) -> int:
    with (directory / "journal.jsonl").open("rb") as lines:
        return max(map(_number_of, lines), default=0)


def _number_of(line: bytes) -> int:
    try:
        return int(orjson.loads(line)["n"])
    except orjson.JSONDecodeError:
        return 0
