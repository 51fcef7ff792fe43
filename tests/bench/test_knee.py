"""The ramp of webhooks as small as it can be; the knee by its figures; a wire to a server far away."""

import asyncio
import time
from pathlib import Path

import pytest

from bench.knee.figures import Step, kept_up, past
from bench.knee.knee import QUICK, measured
from bench.knee.table import table
from bench.slow import slowed
from tests.servers import scratch_state_dir
from wiring.talk import QUIET

SMALL = QUICK._replace(seconds=1.0, steps=2, persons=5, steady=5, longest=2.0)


@pytest.mark.real
@pytest.mark.timeout(0)
async def test_messages_are_accepted_at_every_rate_and_with_a_slow_database() -> None:
    with scratch_state_dir() as folder:
        made = await measured(Path(folder), "memory", SMALL, QUIET)
    steps = [*made.ramp, made.at_70_percent, made.slow_database]
    assert [step.offered for step in made.ramp] == [4, 8]
    assert [step.refused for step in steps] == [0] * 4
    assert all(0 < step.p50 <= step.p95 <= step.p99 <= step.p999 <= step.longest for step in steps)
    assert made.slow_database.p50 >= made.slow_ms == 200
    assert set(made.at_70_percent.cpu) == {"server", "postgres", "api", "worker"}
    assert table(made).row_count == len(steps)


GOOD = Step(
    offered=40, seconds=6, accepted=40, messages=240, refused=0, p50=5, p95=20, p99=40, p999=90, longest=90,
    beyond_limit=0, turns_behind=0, cpu={},
)  # fmt: skip


def test_a_rate_is_kept_up_with() -> None:
    assert kept_up(GOOD)


@pytest.mark.parametrize(
    "worse", [{"refused": 1}, {"accepted": 39.0}, {"p99": 501.0}, {"turns_behind": 0.06}], ids=str
)
def test_a_rate_is_not_kept_up_with(worse: dict[str, float]) -> None:
    assert not kept_up(GOOD.model_copy(update=worse))


def test_the_knee_lies_behind_three_steps_in_a_row_that_were_not_kept_up_with() -> None:
    bad = GOOD.model_copy(update={"refused": 1})
    assert not past([bad, bad, GOOD, bad, bad])
    assert past([GOOD, bad, bad, bad])


async def test_a_longer_wire_hands_on_every_word_in_order_and_late() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while word := await reader.readline():
            writer.write(word)
        writer.close()

    near = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with near, slowed(near.sockets[0].getsockname()[1], 0.1) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        began = time.monotonic()
        writer.write(b"one\ntwo\n")
        assert [await reader.readline() for _ in range(2)] == [b"one\n", b"two\n"]
        assert time.monotonic() - began >= 0.1
        writer.write_eof()
        assert await reader.read() == b""
        writer.close()
