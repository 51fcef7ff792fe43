"""`tembea dev`: what is published, what is shown, what is left behind."""

import asyncio
import json
import os

import httpx
import psutil
import pytest

from tests.servers import scratch_state_dir
from tests.system.local import Dev, processes_of, running_dev
from tests.waiting import until

pytestmark = pytest.mark.real

PARTS = {"postgres", "temporal", "chatwoot", "africastalking", "api", "worker"}
KEY = "tmb_0123456789ab_a-key-of-the-operators-own-choice"


async def test_what_runs_is_published_for_the_owner_alone(dev: Dev) -> None:
    assert (dev.folder / "dev.json").stat().st_mode & 0o777 == 0o600
    published = json.loads((dev.folder / "dev.json").read_text())
    assert published["pid"] == dev.process.pid
    assert set(published["parts"]) == PARTS
    assert all(psutil.pid_exists(part["pid"]) for part in published["parts"].values())
    for part in PARTS - {"worker"}:
        assert published["parts"][part].keys() >= {"port", "url"}


async def test_all_is_ready_when_it_says_so(dev: Dev) -> None:
    ui = dev.record().parts["temporal"].ui_url
    async with httpx.AsyncClient() as client:
        for url in (f"{dev.url('api')}/readyz", f"{dev.url('api')}/docs", ui or ""):
            assert (await client.get(url, follow_redirects=True)).status_code == 200
            assert url.removesuffix("/readyz") in dev.said()
    assert all(dev.url(provider) in dev.said() for provider in ("chatwoot", "africastalking"))


async def test_the_sample_curl_works(dev: Dev) -> None:
    shell = await asyncio.create_subprocess_shell(
        f"{dev.curl} -s -w ' %{{http_code}}'", stdout=asyncio.subprocess.PIPE
    )
    out, _ = await shell.communicate()
    body, code = out.decode().rsplit(" ", 1)
    assert code == "200"
    assert "items" in json.loads(body)


async def test_the_first_key_is_shown_once_and_written_nowhere(dev: Dev) -> None:
    shown = [word.rstrip('"') for word in dev.said().split() if word.startswith("tmb_")]
    assert shown == [dev.first_key] * 2, "as itself and in the sample"
    logs = "".join(log.read_text() for log in (dev.folder / "logs").iterdir())
    assert dev.first_key not in logs


async def allowed(dev: Dev, key: str) -> int:
    async with httpx.AsyncClient(base_url=dev.url("api")) as client:
        return (await client.get("/api/v1/flows", headers={"X-API-Key": key})).status_code


@pytest.mark.timeout(180)
async def test_after_a_kill_the_next_start_tidies_up_keeps_the_key_and_takes_a_given_one() -> None:
    with scratch_state_dir() as folder:
        async with running_dev(folder) as killed:
            first = killed.first_key
            left = [part.pid for part in killed.record().parts.values()]
            killed.process.kill()
            await killed.process.wait()
        async with running_dev(folder, TEMBEA_BOOTSTRAP_API_KEY=KEY) as dev:
            assert [pid for pid in left if psutil.pid_exists(pid)] == []
            assert first not in dev.said()
            assert KEY not in dev.said()
            assert (await allowed(dev, first), await allowed(dev, KEY)) == (200, 200)
            assert await allowed(dev, KEY.replace("own", "owm")) == 401
            assert await dev.stop() == 0
        assert processes_of(folder) == []
        assert not (folder / "dev.json").exists()


async def test_a_part_which_is_ended_by_hand_is_started_again(dev: Dev) -> None:
    # Not the Chatwoot: it would give the inboxes of other tests the numbers of earlier ones.
    before = dev.record().parts["africastalking"].pid
    os.kill(before, 15)
    await until(lambda: dev.record().parts["africastalking"].pid != before, seconds=60)
