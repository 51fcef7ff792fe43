"""`python -m bench.hand.front QUEUE [--local]`: the webhook, and a signal-with-start of the workflow."""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy

from bench.hand.webhook import Heard, Tell, serve
from bench.hand.workflow import Conversation, LeadCapture

QUEUE, LOCAL = sys.argv[1], "--local" in sys.argv


@asynccontextmanager
async def opened() -> AsyncIterator[Tell]:
    """Its Temporal client."""
    client = await Client.connect(os.environ["TEMPORAL_ADDRESS"])

    async def tell(message: Heard) -> None:
        await client.start_workflow(
            LeadCapture.run,
            Conversation(message.conversation, message.contact, LOCAL),
            id=f"{QUEUE}/{message.conversation}",
            task_queue=QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal="hear",
            start_signal_args=[message.text],
        )

    yield tell


if __name__ == "__main__":
    serve(opened)
