"""`python -m bench.hand.worker QUEUE [--tuned]`: a plain worker, or with every setting of ours."""

import asyncio
import gc
import os
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import uvloop
from temporalio.client import Client, GrpcCompression
from temporalio.worker import PollerBehaviorAutoscaling, UnsandboxedWorkflowRunner, Worker

from bench.hand.activities import Effects
from bench.hand.workflow import LeadCapture
from wiring.start import THRESHOLDS

TUNED: dict[str, Any] = {
    "workflow_runner": UnsandboxedWorkflowRunner(),
    "max_cached_workflows": 10_000,
    "workflow_task_poller_behavior": PollerBehaviorAutoscaling(),
    "activity_task_poller_behavior": PollerBehaviorAutoscaling(),
    "graceful_shutdown_timeout": timedelta(seconds=1),
}


async def main(queue: str, *, tuned: bool) -> None:
    """Work until killed."""
    compression = GrpcCompression.NONE if tuned else GrpcCompression.GZIP
    client = await Client.connect(os.environ["TEMPORAL_ADDRESS"], grpc_compression=compression)
    effects = Effects()
    activities: list[Callable[..., Any]] = [effects.say, effects.tell_crm, effects.remember]
    options = TUNED if tuned else {}
    async with Worker(client, task_queue=queue, workflows=[LeadCapture], activities=activities, **options):
        Path(os.environ["TEMBEA_READY_FILE"]).touch()  # noqa: ASYNC240  once
        await asyncio.Event().wait()


if __name__ == "__main__":
    tuned = "--tuned" in sys.argv
    if tuned:
        gc.freeze()
        gc.set_threshold(*THRESHOLDS)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop if tuned else None) as runner:
        runner.run(main(sys.argv[1], tuned=tuned))
