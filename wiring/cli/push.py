"""`tembea push`: a flow's file becomes the latest version of the flow, as a draft."""

import asyncio
import sys
from pathlib import Path
from typing import Any, NamedTuple

import typer
from pydantic import TypeAdapter

from dsl.issues import Issue
from dsl.model import Json
from wiring.cli.changes import changes
from wiring.cli.findings import are_errors, placed, unreadable
from wiring.cli.service import Service, ServiceError, quoted, service_at
from wiring.cli.source import Source, SourceError, read_source
from wiring.cli.target import Target
from wiring.talk import Talk

_ISSUES: TypeAdapter[list[Issue]] = TypeAdapter(list[Issue])


class Pushed(NamedTuple):
    """The version that is there now, what is different from the one before, and whether there was one."""

    saved: dict[str, Any]
    told: list[str]


def run(file: Path, ui: Path | None, base: int | None, target: Target) -> None:
    """Push the flow; the last line is its id and version.

    `base`: the version that the file was made from; another latest one is not replaced. Raises ServiceError,
    and `typer.Exit` (1) where a file is no document.
    """
    source, kept = _read(file), _read(ui).document if ui else None
    asyncio.run(_push(source, kept, base, target))


def _read(file: Path) -> Source:
    try:
        return read_source(file)
    except SourceError as error:
        for line in unreadable(str(error), error.line).shown(file):
            Talk().say(line)
        raise typer.Exit(1) from None


async def _push(source: Source, ui: Json, base: int | None, target: Target) -> None:
    async with service_at(target) as service:
        pushed = await _saved(service, source.document, ui, base)
        await _judge(service, source)
    talk = Talk()
    for line in pushed.told:
        talk.say(f"  {line}")
    sys.stdout.write(f"{pushed.saved['key']} version {pushed.saved['version']} ({pushed.saved['id']})\n")


async def _saved(service: Service, flow: dict[str, Any], ui: Json, base: int | None) -> Pushed:
    """Store it: a new flow, or the next version of the one that was looked at just before."""
    found = await _known(service, flow.get("id"))
    sent = {"flow": flow, "ui": ui}
    if found is None:
        reply = await service.ask("POST", "/flows", sent)
        return Pushed(dict(reply.json()), ["a new flow"])
    known, etag = found
    if base is not None and known["version"] != base:
        raise ServiceError(
            f"the latest version is {known['version']}, not {base}: somebody has changed the flow; "
            "look at that version before you push yours"
        )
    if ui is None:
        sent["ui"] = known["ui"]
    saved: dict[str, Any] = (await service.ask("PUT", f"/flows/{known['id']}", sent, match=etag)).json()
    if saved["version"] == known["version"]:
        return Pushed(saved, ["nothing has changed"])
    told = changes(known["flow"], flow) + (
        ["the editor's data"] if ui != known["ui"] and ui is not None else []
    )
    return Pushed(saved, [f"was version {known['version']}", *told])


async def _known(service: Service, key: object) -> tuple[dict[str, Any], str] | None:
    """The flow of this id as it is now, and its ETag."""
    if not isinstance(key, str) or not key:
        return None  # the service says what is wrong with it
    try:
        reply = await service.ask("GET", f"/flows/{quoted(key)}")
    except ServiceError as error:
        if error.status == 404:
            return None
        raise
    known: dict[str, Any] = reply.json()
    return known, reply.headers["etag"]


async def _judge(service: Service, source: Source) -> None:
    """Say what would keep it from being published."""
    reply = await service.ask("POST", "/flows/validate", {"flow": source.document})
    verdict: dict[str, Any] = reply.json()
    findings = placed(source, _ISSUES.validate_python([*verdict["errors"], *verdict["warnings"]]))
    talk = Talk()
    for finding in findings:
        for line in finding.shown(source.path):
            talk.say(line)
    if are_errors(findings):
        talk.say("It is saved as a draft; with these errors it cannot be published.")
