"""Lets the SDK download the Temporal server, in a process of its own: it can be given up at any moment."""

import asyncio
import sys
from datetime import timedelta

from temporalio.testing import WorkflowEnvironment


async def download(version: str, folder: str) -> None:
    """Fetch the server into `folder`; the SDK does so by starting it, so it is ended at once."""
    environment = await WorkflowEnvironment.start_local(
        dev_server_download_version=version,
        download_dest_dir=folder,
        dev_server_startup_timeout=timedelta(seconds=10),
    )
    await environment.shutdown()


if __name__ == "__main__":
    asyncio.run(download(sys.argv[1], sys.argv[2]))
