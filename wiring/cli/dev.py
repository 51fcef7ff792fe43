"""`tembea dev`: everything on this machine, until you stop it."""

import asyncio
from collections.abc import Iterator

from wiring.places import Places
from wiring.stack import Stack, stack
from wiring.supervise.record import Record
from wiring.supervise.supervisor import Stopped, supervised
from wiring.talk import Talk


def run(places: Places) -> None:
    """Keep every part up until SIGINT or SIGTERM."""
    asyncio.run(_dev(places))


async def _dev(places: Places) -> None:
    talk = Talk()
    built = await stack(places, talk)
    try:
        async with supervised(built.waves, places.state_dir, talk) as running:
            for line in banner(built, running.record()):
                talk.say(line)
            await asyncio.Event().wait()
    except Stopped:
        talk.say("Stopped.")


def banner(built: Stack, record: Record) -> Iterator[str]:
    """What people want to know when all is ready; a key that was made is shown this once."""
    api = built.places.api_url
    yield "\nTembea is ready."
    yield f"  API          {api}/api/v1"
    yield f"  Docs         {api}/docs"
    if (worker := record.parts.get("worker")) and worker.url:
        yield f"  Metrics      {worker.url} (worker), {api}/metrics (API, with the key)"
    if (temporal := record.parts.get("temporal")) and temporal.ui_url:
        yield f"  Temporal UI  {temporal.ui_url}"
    if built.chatwoot:
        yield f"  Chatwoot     {built.chatwoot.url} (a local stand-in; inbox {built.chatwoot.inbox})"
    if phones := built.africastalking:
        numbers = f"dial {phones.service_code}, write to {phones.short_code}, call {phones.voice_number}"
        yield f"  Phones       {phones.url} (a local stand-in; {numbers})"
    key, about = _key(built)
    yield f"  API key      {about}"
    yield f'\n  curl -H "Authorization: Bearer {key}" {api}/api/v1/flows'
    yield "\nCtrl-C stops everything."


def _key(built: Stack) -> tuple[str, str]:
    """The key as a shell takes it, and what to say about it."""
    if made := built.first.made:
        return made, f"{made}  (made now, shown this once)"
    if built.first.key:
        return "$TEMBEA_BOOTSTRAP_API_KEY", "the one in TEMBEA_BOOTSTRAP_API_KEY"
    return "$TEMBEA_API_KEY", "the one shown on the first start"
