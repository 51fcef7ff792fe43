"""Every route that takes a body meets every odd body: never a 5xx, always the one error body."""

from collections.abc import AsyncIterator

import httpx
import pytest

from api.bodies import MIB
from api.errors import MEDIA_TYPE, ErrorBody
from tests.api.conftest import Api
from tests.api.documents import welcome
from tests.api.oddities import ODD, STRANGE

pytestmark = pytest.mark.real

ROUTES = [
    "/api/v1/flows",
    "/api/v1/flows/validate",
    "/api/v1/flows/welcome/validate",
    "/api/v1/flows/welcome/publish",
    "/api/v1/flows/welcome/execute",
    "/api/v1/executions/{execution}/input",
]
JSON = {"Content-Type": "application/json"}


def assert_a_problem(answer: httpx.Response) -> None:
    assert answer.headers["Content-Type"] == MEDIA_TYPE
    body = ErrorBody.model_validate(answer.json())
    assert (body.status, body.detail) == (answer.status_code, body.message)
    assert body.request_id == answer.headers["X-Request-Id"]
    assert body.instance == f"urn:uuid:{body.request_id}"


async def ready(api: Api) -> str:
    """An execution whose inputs may be given; the flow is `welcome`."""
    await api.publish(welcome())
    answer = await api.client.post("/api/v1/flows/welcome/execute", json={"testMode": True})
    execution_id: str = answer.json()["executionId"]
    return execution_id


@pytest.mark.parametrize("route", ROUTES)
async def test_odd_json_is_a_400(api: Api, route: str) -> None:
    url = route.format(execution=await ready(api))
    for name, raw in ODD.items():
        if raw:
            answer = await api.client.post(url, content=raw, headers=JSON)
            assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_JSON"), name
            assert_a_problem(answer)


@pytest.mark.parametrize("route", ROUTES)
async def test_strange_json_is_answered_without_a_5xx(api: Api, route: str) -> None:
    url = route.format(execution=await ready(api))
    for name, raw in STRANGE.items():
        answer = await api.client.post(url, content=raw, headers=JSON)
        assert answer.status_code < 500, name
        if answer.status_code >= 400:
            assert_a_problem(answer)


@pytest.mark.parametrize("route", ROUTES)
async def test_a_body_that_is_not_said_to_be_json_is_refused(api: Api, route: str) -> None:
    url = route.format(execution=await ready(api))
    for headers in (
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
    ):
        answer = await api.client.post(url, content=b'{"flow": {}}', headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize(("route", "limit"), [(ROUTES[0], 2 * MIB), (ROUTES[4], MIB)])
async def test_a_body_over_the_limit_is_refused_before_it_is_parsed(api: Api, route: str, limit: int) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(limit // 65_536 + 1):
            yield b"[" * 65_536

    declared = await api.client.post(route, content=b"[" * (limit + 1), headers=JSON)
    streamed = await api.client.post(route, content=pieces(), headers=JSON)
    for answer in (declared, streamed):
        assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")
        assert_a_problem(answer)


async def test_a_flow_of_almost_two_mebibytes_is_taken(api: Api) -> None:
    document = welcome() | {"description": "x" * (2 * MIB - 1_000)}
    assert (await api.client.post("/api/v1/flows", json={"flow": document})).status_code == 201
