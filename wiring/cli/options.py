"""Options which several commands share."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

from wiring.cli.target import Target
from wiring.files import ROOT, open_state_dir
from wiring.places import Places
from wiring.supervise.ports import choose_port

PORT, TEMPORAL_PORT, UI_PORT = 3000, 7233, 8233
DEFAULT_STATE_DIR = ROOT / ".tembea"
SAMPLE = ROOT / "examples" / "lead_capture" / "lead_capture.json"

StateDir = Annotated[
    Path | None,
    typer.Option("--state-dir", envvar="TEMBEA_STATE_DIR", help="Folder of data and logs (default: .tembea)"),
]
Port = Annotated[int | None, typer.Option("--port", min=0, max=65535, help=f"API ({PORT}; 0: any)")]
TemporalPort = Annotated[
    int | None, typer.Option("--temporal-port", min=0, max=65535, help=f"Temporal ({TEMPORAL_PORT}; 0: any)")
]
UiPort = Annotated[
    int | None, typer.Option("--ui-port", min=0, max=65535, help=f"Temporal Web UI ({UI_PORT}; 0: any)")
]
FlowFile = Annotated[
    Path, typer.Option("--flow", exists=True, dir_okay=False, help="A flow; its first *.talk.json is played")
]

Url = Annotated[
    str | None,
    typer.Option("--url", envvar="TEMBEA_URL", help="The service (default: the tembea dev that runs here)"),
]
ApiKey = Annotated[
    str | None,
    typer.Option(
        "--api-key", envvar="TEMBEA_API_KEY", help="Better set TEMBEA_API_KEY: others see arguments"
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON on standard output")]


class DrawingForm(StrEnum):
    """What a drawing can be written as."""

    MERMAID = "mermaid"
    SVG = "svg"
    JSON = "json"


class ChannelName(StrEnum):
    """Where a conversation may take place."""

    CHATWOOT = "chatwoot"
    SMS = "sms"
    USSD = "ussd"
    VOICE = "voice"


def places_of(
    state_dir: Path | None, port: int | None, temporal_port: int | None, ui_port: int | None
) -> Places:
    """Where to live, by the common options; a default port that is taken gives way to a free one."""
    folder, explicit = state_dir_of(state_dir)
    return Places(
        state_dir=folder,
        explicit=explicit,
        port=port_of(port, PORT, "--port"),
        temporal_port=port_of(temporal_port, TEMPORAL_PORT, "--temporal-port"),
        ui_port=port_of(ui_port, UI_PORT, "--ui-port"),
    )


def target_of(url: str | None, api_key: str | None, state_dir: Path | None) -> Target:
    """The service that is meant, by the common options."""
    key = SecretStr(api_key.strip()) if api_key else None
    return Target(url or None, key, state_dir or DEFAULT_STATE_DIR)


def state_dir_of(chosen: Path | None) -> tuple[Path, bool]:
    """The state folder, made where it is missing, and whether the user named it."""
    return open_state_dir(chosen or DEFAULT_STATE_DIR), chosen is not None


def port_of(chosen: int | None, default: int, option: str) -> int:
    """The port to use; see `choose_port`."""
    return choose_port(default if chosen is None else chosen, explicit=chosen is not None, option=option)
