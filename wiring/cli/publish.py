"""`tembea publish`: a version of a flow runs from now on."""

import asyncio
import json
import sys
from typing import Any

from wiring.cli.service import quoted, service_at
from wiring.cli.target import Target
from wiring.talk import Talk


def run(
    id: str,
    version: int | None,
    target: Target,
    *,
    rollback: bool,
    as_json: bool,
) -> None:
    """Publish a version, the latest without one, or go back to the one before. Raises ServiceError."""
    path = f"/flows/{quoted(id)}/{'rollback' if rollback else 'publish'}"
    published = asyncio.run(_publish(path, {"version": version} if version else None, target))
    talk = Talk()
    for issue in published["warnings"]:
        talk.say(f"warning: {issue['code']}: {issue['message']} ({issue['pointer']})")
    if as_json:
        sys.stdout.write(json.dumps(published) + "\n")
    else:
        sys.stdout.write(
            f"{published['key']} version {published['version']} runs ({published['digest'][:12]})\n"
        )


async def _publish(path: str, body: dict[str, Any] | None, target: Target) -> dict[str, Any]:
    async with service_at(target) as service:
        return dict((await service.ask("POST", path, body)).json())
