"""Kinds from installed packages in a running house: one that is used, and one that cannot be."""

import asyncio
import json
import sys
from typing import Any

import pytest

from tests.system.local import Dev
from tests.system.office import Office, talk
from wiring.files import ROOT

pytestmark = pytest.mark.real

BROKEN = {"name": "broken", "package": {"name": "tembea-broken", "version": "0.1"}}
WHY = "ModuleNotFoundError: No module named 'no_such_module'"
FLOW: dict[str, Any] = {
    "id": "custom",
    "name": "A kind of a package",
    "trigger": {"channel": "chatwoot", "event": "conversation_created"},
    "settings": {"sessionTtl": "1h"},
    "nodes": [
        {"id": "start", "type": "start"},
        {"id": "hail", "type": "greet", "config": {"who": "{{contact.name}}", "language": "sw"}},
        {"id": "say", "type": "message", "config": {"text": "{{greeting}}"}},
        {"id": "end", "type": "end"},
    ],
    "edges": [
        {"from": "start", "to": "hail"},
        {"from": "hail", "to": "say"},
        {"from": "hail", "exit": "stranger", "to": "end"},
        {"from": "hail", "exit": "error", "to": "end"},
        {"from": "say", "to": "end"},
    ],
}


async def test_a_flow_is_published_and_walked_with_a_kind_of_a_package(office: Office) -> None:
    desk = await office.beside(FLOW)
    visitor = await desk.visitor()
    await talk(visitor, ("Hello", "Habari, John!"))
    assert (await desk.execution(visitor))["status"] == "completed"


async def test_the_api_tells_which_package_a_kind_is_of_and_which_could_not_be_used(office: Office) -> None:
    told = (await office.api.get("/api/v1/kinds")).json()
    kinds = {kind["name"]: kind for kind in told["items"]}
    assert kinds["greeting"]["package"] == {"name": "tembea-greeting", "version": "1.2.0"}
    assert kinds["greeting"]["docs"].startswith("Put a greeting into a variable.")
    assert kinds["greeting"]["configSchema"]["required"] == ["who"]
    assert kinds["message"]["package"] is None
    assert told["leftOut"] == [{**BROKEN, "why": WHY}]


async def test_the_doctor_tells_of_a_package_that_cannot_be_used(dev: Dev) -> None:
    done = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "wiring.cli", "doctor", "--json", "--state-dir", str(dev.folder)),
        cwd=ROOT,
        env=dev.environment("worker"),
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await done.communicate()
    (kinds,) = (found for found in json.loads(out) if found["check"] == "kinds")
    assert (done.returncode, kinds["state"]) == (1, "bad")
    assert f"'broken' of tembea-broken 0.1: {WHY}" in kinds["detail"]


def test_api_and_worker_say_so_in_their_logs_when_they_start(dev: Dev) -> None:
    for part in ("api", "worker"):
        log = (dev.folder / "logs" / f"{part}.log").read_text().splitlines()
        line, *_ = (line for line in log if "kind_left_out" in line)  # of every start
        assert json.loads(line)["reason"] == f"'broken' of tembea-broken 0.1: {WHY}"
