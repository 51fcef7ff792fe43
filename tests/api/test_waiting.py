"""`Prefer: wait`: the answer comes when the execution rests, and never later than was asked."""

import asyncio

import httpx
import pytest

from api.patience import LONGEST, Patience, seconds_of
from tests.api.conftest import Api
from tests.api.documents import welcome

pytestmark = pytest.mark.real

MOVE = "UPDATE executions SET status = $2, completed_at = now() WHERE workspace_id = $1"


async def execute(api: Api, prefer: str, **headers: str) -> httpx.Response:
    return await api.client.post(
        "/api/v1/flows/welcome/execute", json={}, headers={"Prefer": prefer, **headers}
    )


async def once_started(api: Api, status: str) -> None:
    """The execution comes to a status as soon as it was started."""
    while not api.edge.starts:  # noqa: ASYNC110 (the edge tells nobody)
        await asyncio.sleep(0.01)
    await api.parts.db.execute(MOVE, api.workspace, status)


@pytest.mark.parametrize("status", ["completed", "waiting_input", "failed", "paused"])
async def test_the_execution_is_shown_as_soon_as_it_ends_or_rests(api: Api, status: str) -> None:
    await api.publish(welcome())
    answer, _ = await asyncio.gather(execute(api, "wait=20"), once_started(api, status))
    assert (answer.status_code, answer.headers["Preference-Applied"]) == (200, "wait=20")
    view = answer.json()
    assert view["status"] == status
    assert answer.headers["Location"] == f"/api/v1/executions/{view['id']}"
    assert (await api.client.get(answer.headers["Location"])).json() == view


async def test_one_that_still_moves_is_answered_as_without(api: Api) -> None:
    await api.publish(welcome())
    answer = await execute(api, "wait=0")
    assert (answer.status_code, answer.json()["status"]) == (202, "starting")
    assert answer.headers["Preference-Applied"] == "wait=0"


@pytest.mark.parametrize("prefer", ["", "respond-async", "wait", "wait=x", "wait=-1", "waiting=1", "await=1"])
async def test_a_preference_that_we_do_not_know_is_not_applied(api: Api, prefer: str) -> None:
    await api.publish(welcome())
    answer = await execute(api, prefer)
    assert answer.status_code == 202
    assert "Preference-Applied" not in answer.headers


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [("wait=7", 7), ("respond-async, wait=7", 7), ("Wait = 7 ; foo", 7), ('wait="7"', 7), ("foo;wait=7", 7),
     ("wait=999999", LONGEST), (None, None)],
)  # fmt: skip
def test_the_seconds_are_read_where_they_stand_and_bounded(prefer: str | None, seconds: int | None) -> None:
    assert seconds_of(prefer) == seconds


async def test_a_replayed_start_waits_as_well(api: Api) -> None:
    await api.publish(welcome())
    key = {"Idempotency-Key": "k"}
    await execute(api, "", **key)
    await api.parts.db.execute(MOVE, api.workspace, "completed")
    answer = await execute(api, "wait=5", **key)
    assert (answer.status_code, answer.headers["Idempotent-Replayed"]) == (200, "true")
    assert answer.json()["status"] == "completed"


async def test_only_so_many_wait_at_once(api: Api) -> None:
    patience = Patience(at_once=1)
    waiting = asyncio.create_task(patience.rested(api.parts.db, api.workspace, "nobody", 10))
    await asyncio.sleep(0)
    assert not patience.has_room
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert patience.has_room
