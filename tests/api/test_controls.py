"""Commands to executions over HTTP: who is told what, and when nobody is."""

import pytest

from dsl.messages import ENDED
from intake.gateway import Chain
from store.jsons import dumps
from tests.api.conftest import Api
from tests.api.documents import welcome
from tests.api.rows import ran

pytestmark = pytest.mark.real

COMMANDS = ("cancel", "pause", "resume", "checkpoint")


async def waiting(api: Api) -> str:
    """An execution at rest; its id."""
    flow = await api.publish(welcome())
    waits = dumps({"kind": "waiting_input"})
    return await ran(
        api, flow, status="waiting_input", completed_at=None, first_run_id="r1", waiting=waits,
        workflow_id="w/1",
    )  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
async def test_a_command_goes_to_exactly_this_execution(api: Api, command: str) -> None:
    id = await waiting(api)
    answer = await api.client.post(f"/api/v1/executions/{id}/{command}")
    assert (answer.status_code, answer.json()) == (
        202, {"executionId": id, "command": command, "status": "waiting_input"},
    )  # fmt: skip
    [(told, chain, _)] = api.edge.commands
    assert (told, chain) == (command, Chain("w/1", id, "r1"))


@pytest.mark.parametrize("command", COMMANDS[1:])
async def test_a_key_gives_a_command_one_id_that_does_not_show_it(api: Api, command: str) -> None:
    id = await waiting(api)
    for key in ("amina@example.com", "amina@example.com", "other"):
        headers = {"Idempotency-Key": key}
        assert (
            await api.client.post(f"/api/v1/executions/{id}/{command}", headers=headers)
        ).status_code == 202
    first, again, other = [update for _, _, update in api.edge.commands]
    assert first == again != other
    assert "amina" not in (first or "")


async def test_being_cancelled_twice_is_no_error(api: Api) -> None:
    id = await waiting(api)
    for _ in range(2):
        assert (await api.client.post(f"/api/v1/executions/{id}/cancel")).status_code == 202
    await api.parts.db.execute("UPDATE executions SET status = 'cancelled' WHERE id = $1", id)
    answer = await api.client.post(f"/api/v1/executions/{id}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert len(api.edge.commands) == 2


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("status", ENDED)
async def test_an_ended_execution_takes_no_command(api: Api, command: str, status: str) -> None:
    flow = await api.publish(welcome())
    id = await ran(api, flow, status=status)
    answer = await api.client.post(f"/api/v1/executions/{id}/{command}")
    if (command, status) == ("cancel", "cancelled"):
        assert answer.status_code == 200
    else:
        assert (answer.status_code, answer.json()["code"]) == (409, "EXECUTION_ENDED")
    assert api.edge.commands == []


@pytest.mark.parametrize("command", COMMANDS)
async def test_one_that_temporal_does_not_run_may_be_tried_again(api: Api, command: str) -> None:
    id = await waiting(api)
    api.edge.runs = False
    answer = await api.client.post(f"/api/v1/executions/{id}/{command}")
    assert (answer.status_code, answer.json()["code"]) == (409, "EXECUTION_NOT_RUNNING")
    assert answer.headers["Retry-After"]


@pytest.mark.parametrize("command", COMMANDS)
async def test_without_temporal_it_is_a_503(api: Api, command: str) -> None:
    id = await waiting(api)
    api.edge.is_gone()
    answer = await api.client.post(f"/api/v1/executions/{id}/{command}")
    assert (answer.status_code, answer.json()["code"]) == (503, "TEMPORAL_UNAVAILABLE")


@pytest.mark.parametrize("command", COMMANDS)
async def test_an_unknown_execution_is_not_found(api: Api, command: str) -> None:
    answer = await api.client.post(f"/api/v1/executions/nobody/{command}")
    assert (answer.status_code, answer.json()["code"]) == (404, "EXECUTION_NOT_FOUND")
