"""`tembea doctor`: what is there, what is not, and what to do about it."""

import asyncio
import os
import re
import sys
from collections.abc import Awaitable, Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.table import Table

from wiring import keys
from wiring.catalog import customs
from wiring.cli.options import DEFAULT_STATE_DIR, PORT, TEMPORAL_PORT, UI_PORT
from wiring.embedded import binaries, database, temporal
from wiring.embedded.cache import cache_dir
from wiring.embedded.errors import EmbeddedError
from wiring.embedded.temporal_binary import at_hand, folder_in
from wiring.files import ROOT
from wiring.settings import Settings, SettingsError
from wiring.supervise import record
from wiring.supervise.ports import is_free
from wiring.talk import QUIET

COLOURS = {"good": "green", "note": "yellow", "bad": "red"}


class Finding(BaseModel):
    """One line of the doctor: `bad` needs doing something, `note` is worth knowing."""

    check: str
    state: Literal["good", "note", "bad"]
    detail: str


def run(state_dir: Path | None, *, as_json: bool) -> None:
    """Show every finding; raises `typer.Exit` (1) when something is missing."""
    findings = asyncio.run(examine(state_dir or DEFAULT_STATE_DIR))
    if as_json:
        sys.stdout.write(f"[{','.join(finding.model_dump_json() for finding in findings)}]\n")
    else:
        _show(findings)
    if any(finding.state == "bad" for finding in findings):
        raise typer.Exit(1)


async def examine(state_dir: Path) -> list[Finding]:
    """Every finding, in the order things are needed."""
    checks: list[Callable[[Path], Awaitable[Finding]]] = [
        _python,
        _packages,
        _postgres,
        _temporal,
        _keys,
        _kinds,
        _settings,
        _ports,
    ]
    return [await check(state_dir) for check in checks]


def _show(findings: list[Finding]) -> None:
    table = Table("check", "state", "detail")
    for finding in findings:
        colour = COLOURS[finding.state]
        table.add_row(finding.check, f"[{colour}]{finding.state}[/]", finding.detail)
    Console(stderr=True).print(table)


async def _python(_: Path) -> Finding:
    new_enough = sys.version_info >= (3, 11)
    return Finding(check="python", state="good" if new_enough else "bad", detail=sys.version.split()[0])


async def _packages(_: Path) -> Finding:
    wrong = [f"{name} {has or 'missing'}" for name, wants, has in locked() if has != wants]
    if wrong:
        detail = f"not as locked: {', '.join(wrong)}; remove .venv and run ./tembea again"
        return Finding(check="packages", state="bad", detail=detail)
    return Finding(check="packages", state="good", detail="as locked")


def locked() -> list[tuple[str, str, str | None]]:
    """Name, locked version and installed version of every package that is locked for all platforms."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = re.findall(r"^([a-z][a-z0-9.-]*)==(\S+) \\$", text, flags=re.MULTILINE)
    return [(name, wants, _installed(name)) for name, wants in pinned]


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


async def _postgres(_: Path) -> Finding:
    if dsn := os.environ.get("DATABASE_URL"):
        reached = await database.answers(dsn)
        detail = "DATABASE_URL answers" if reached else "DATABASE_URL does not answer"
        return Finding(check="postgres", state="good" if reached else "bad", detail=detail)
    try:
        programs = binaries.packaged()
    except EmbeddedError as error:
        return Finding(check="postgres", state="bad", detail=str(error))
    return Finding(check="postgres", state="good", detail=f"programs in {programs}")


async def _temporal(_: Path) -> Finding:
    if address := os.environ.get("TEMPORAL_ADDRESS"):
        reached = await temporal.answers(address)
        detail = "answers" if reached else "does not answer, or lacks our search attributes"
        return Finding(check="temporal", state="good" if reached else "bad", detail=f"{address} {detail}")
    try:
        found = await at_hand(QUIET, folder_in(cache_dir()))
    except EmbeddedError as error:
        return Finding(check="temporal", state="bad", detail=str(error))
    if found is None:
        return Finding(check="temporal", state="note", detail="none here; fetched on the first start")
    return Finding(check="temporal", state="good", detail=f"server {found.server} from {found.source}")


async def _keys(state_dir: Path) -> Finding:
    setting = os.environ.get("TEMBEA_KEYS", "")
    if not setting and not (state_dir / keys.FILE).exists():
        return Finding(check="keys", state="note", detail="none yet; made on the first start")
    try:
        keys.load_or_create(state_dir, setting)
    except keys.KeysError as error:
        return Finding(check="keys", state="bad", detail=str(error))
    return Finding(check="keys", state="good", detail="whole, and closed to others")


async def _kinds(_: Path) -> Finding:
    found = customs()
    if found.left_out:
        detail = f"left out: {'; '.join(map(str, found.left_out))}; mend or remove the package"
        return Finding(check="kinds", state="bad", detail=detail)
    named = [f"{name} ({one.package.name} {one.package.version})" for name, one in found.added.items()]
    return Finding(check="kinds", state="good", detail=f"ours{', and '.join(['', *named])}")


async def _settings(_: Path) -> Finding:
    try:
        settings = Settings.load()
    except SettingsError as error:
        return Finding(check="settings", state="bad", detail=str(error))
    return _phones(settings)


def _phones(settings: Settings) -> Finding:
    if settings.at_username is None:
        return Finding(check="settings", state="good", detail="no Africa's Talking named; dev has a stand-in")
    names = {
        "AT_CALLBACK_SECRET": settings.at_callback_secret,
        "TEMBEA_PUBLIC_URL": settings.tembea_public_url,
    }
    missing = [name for name, value in names.items() if not value]
    if missing:
        detail = f"{' and '.join(missing)} not set: nobody can reach a flow by phone"
        return Finding(check="settings", state="note", detail=detail)
    return Finding(check="settings", state="good", detail=f"Africa's Talking, {settings.at_environment}")


async def _ports(state_dir: Path) -> Finding:
    running = record.read(state_dir)
    if running:
        return Finding(check="ports", state="good", detail=f"tembea dev runs as process {running.pid}")
    taken = [str(port) for port in (PORT, TEMPORAL_PORT, UI_PORT) if not is_free(port)]
    if taken:
        detail = f"{', '.join(taken)} in use; another is taken instead"
        return Finding(check="ports", state="note", detail=detail)
    return Finding(check="ports", state="good", detail=f"{PORT}, {TEMPORAL_PORT}, {UI_PORT} are free")
