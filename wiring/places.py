"""Where a local Tembea lives."""

from dataclasses import dataclass
from pathlib import Path

from wiring.supervise.ports import LOOPBACK


@dataclass(frozen=True)
class Places:
    """Its folder (`explicit`: the user named it) and its ports, which are chosen already."""

    state_dir: Path
    explicit: bool
    port: int
    temporal_port: int
    ui_port: int

    @property
    def api_url(self) -> str:
        """Address of the API."""
        return f"http://{LOOPBACK}:{self.port}"
