"""`python -m bench.hand.line_worker`: its worker, with every setting of ours."""

import asyncio
import os
from pathlib import Path

import uvloop
from temporalio.client import Client
from temporalio.worker import Worker

from bench.hand.line_workflow import QUEUE, Menu, Nothing, Once
from bench.hand.worker import TUNED


async def main() -> None:
    """Work until killed."""
    client = await Client.connect(os.environ["TEMPORAL_ADDRESS"])
    async with Worker(client, task_queue=QUEUE, workflows=[Menu, Once, Nothing], **TUNED):
        Path(os.environ["TEMBEA_READY_FILE"]).touch()  # noqa: ASYNC240  once
        await asyncio.Event().wait()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
