"""The sink has on disk what it was asked before it answers, and whether it did it."""

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from providers.errors import ProviderError
from providers.http.pooled import Pooled
from torture.raw import serving
from torture.sink import GOOD, MOODS, Mood, moody, noted


def written(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


async def ask(url: str, key: str) -> int:
    async with Pooled(url, provider="sink") as client:
        try:
            reply = await client.request("POST", "/", json={}, headers={"Idempotency-Key": key})
        except ProviderError as error:
            return error.reply.status if error.reply else 0
    return reply.status


async def test_a_request_is_on_disk_with_its_key_before_it_is_answered(tmp_path: Path) -> None:
    journal = tmp_path / "plain.jsonl"
    found = []

    async def looks(_: bytes, writer: Any) -> None:
        found.extend(written(journal))
        writer.write(GOOD)

    async with serving(noted(journal, looks)) as sink:
        assert await ask(sink.url(""), "k1") == 200
    assert [(line["kind"], line["key"], line["done"]) for line in found] == [("http", "k1", True)]


STATUS = {
    "well": 200, "slow": 200, "drip": 200, "busy": 429, "away": 503, "wrong": 422, "done, then 500": 500,
    "not done, then 502": 502, "cut before": 0, "cut after": 0, "cut in the midst": 200,
}  # fmt: skip
UNDONE = {"busy", "away", "wrong", "not done, then 502", "cut before"}


@pytest.mark.parametrize("mood", MOODS, ids=lambda mood: mood.name)
async def test_each_mood_does_what_its_name_says(tmp_path: Path, mood: Mood) -> None:
    async with serving(noted(tmp_path / "journal", mood.then, done=mood.done, mood=mood.name)) as sink:
        assert await ask(sink.url(""), "k") == STATUS[mood.name]
    assert mood.done is (mood.name not in UNDONE)


async def test_moods_are_drawn_alike_from_one_seed(tmp_path: Path) -> None:
    drawn = []
    for name in ("a", "b"):
        async with serving(moody(tmp_path / name, Random(7))) as sink:
            for number in range(12):
                await ask(sink.url(""), str(number))
        drawn.append([line["mood"] for line in written(tmp_path / name)])
    assert drawn[0] == drawn[1]
    assert len(set(drawn[0])) > 1
