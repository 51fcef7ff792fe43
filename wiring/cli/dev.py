"""`tembea dev`: everything on this machine, until you stop it."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

from wiring.cli.options import (
    PORT,
    TEMPORAL_PORT,
    UI_PORT,
    Port,
    StateDir,
    TemporalPort,
    UiPort,
    port_of,
    state_dir_of,
)
from wiring.stack import Places, Stack, stack
from wiring.supervise.supervisor import Stopped, supervised
from wiring.talk import Talk


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


def dev(
    state_dir: StateDir = None, port: Port = None, temporal_port: TemporalPort = None, ui_port: UiPort = None
) -> None:
    """Run PostgreSQL, Temporal, a local Chatwoot, the API and a worker until Ctrl-C; a part that dies is restarted."""
    asyncio.run(_dev(places_of(state_dir, port, temporal_port, ui_port)))


async def _dev(places: Places) -> None:
    talk = Talk()
    built = await stack(places, talk, fake_chatwoot=False)
    try:
        async with supervised(built.parts, places.state_dir, talk) as running:
            ui = running.record().parts.get("temporal")
            for line in banner(built, ui.ui_url if ui else None):
                talk.say(line)
            await asyncio.Event().wait()
    except Stopped:
        talk.say("Stopped.")


def banner(built: Stack, ui_url: str | None) -> Sequence[str]:
    """What people want to know when all is ready; the first key is shown this once."""
    api = built.places.api_url
    given = os.environ.get("TEMBEA_BOOTSTRAP_API_KEY")
    key = built.first_key or "$TEMBEA_API_KEY"
    lines = ["", "Tembea is ready.", f"  API           {api}/api/v1", f"  Docs          {api}/docs"]
    lines += [f"  Temporal UI   {ui_url}"] if ui_url else []
    if built.chatwoot:
        lines.append(f"  Chatwoot      {built.chatwoot.url} (local stand-in; inbox {built.chatwoot.inbox})")
    if built.first_key:
        lines.append(f"  API key       {built.first_key}   (made now, shown this once)")
    elif given:
        lines.append("  API key       the one in TEMBEA_BOOTSTRAP_API_KEY")
    else:
        lines.append("  API key       the one shown on the first start")
    return [
        *lines,
        "",
        f"  curl -H 'Authorization: Bearer {key}' {api}/api/v1/flows",
        "",
        "Ctrl-C stops everything.",
    ]
