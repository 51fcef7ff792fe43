"""API and worker in one process: it serves and works until it is told to end, and then ends in order."""

import os
import signal
import sys
from pathlib import Path

import pytest

from tests.servers import scratch_state_dir
from wiring.embedded.temporal import Temporal
from wiring.files import ROOT
from wiring.probe import answered
from wiring.supervise.child import start
from wiring.supervise.part import Part
from wiring.supervise.ports import LOOPBACK, free_port

pytestmark = pytest.mark.real


async def test_it_ends_in_order_when_it_is_told_to(dsn: str, temporal: Temporal) -> None:
    with scratch_state_dir() as folder:
        child = await start(single(dsn, temporal.address, Path(folder)), Path(folder))
        try:
            await child.until_ready()
            child.process.send_signal(signal.SIGTERM)
            assert await child.gone() == 0
        finally:
            await child.stop()
        assert '"worker_ready"' in child.log.read_text()
        assert "Traceback" not in child.log.read_text()


def single(dsn: str, temporal: str, folder: Path) -> Part:
    """The process, ready when it serves and works."""
    port, flag = free_port(), folder / "ready"
    env = {
        "PATH": os.defpath,
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": dsn,
        "TEMPORAL_ADDRESS": temporal,
        "TEMBEA_STATE_DIR": str(folder),
        "TEMBEA_READY_FILE": str(flag),
        "HOST": LOOPBACK,
        "PORT": str(port),
    }

    async def ready() -> bool:
        return flag.exists() and await answered(f"http://{LOOPBACK}:{port}", "GET", "/readyz")

    return Part(name="single", argv=(sys.executable, "-m", "single"), env=env, ready=ready, cwd=ROOT)
