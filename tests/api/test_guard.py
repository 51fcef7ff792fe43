"""Who may call what: the matrix is made from the routes themselves."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from api.guard import DirectRoute, GuardedRoute, Unguarded, public, require_policies, with_key
from store import access
from tests.api.conftest import Api, client_of

pytestmark = pytest.mark.real

PUBLIC = {
    ("GET", "/livez"), ("GET", "/readyz"), ("GET", "/health"), ("POST", "/webhooks/chatwoot/{channel}"),
    *(("POST", f"/webhooks/africastalking/{{channel}}/{{secret}}/{one}")
      for one in ("ussd", "ussd-end", "voice", "sms", "optout", "delivery", "airtime", "payment")),
    ("POST", "/codec/{token}/decode"), ("POST", "/codec/{token}/encode"),
}  # fmt: skip
ID = "01900000-0000-7000-8000-000000000000"


def routes_of(app: FastAPI) -> set[tuple[str, str]]:
    """(method, path) of every route of ours."""
    found = (
        context
        for context in iter_route_contexts(app.routes)
        if isinstance(context.original_route, GuardedRoute)
    )
    return {(method, str(context.path)) for context in found for method in context.methods or ()}


def assert_refused(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.json()["code"]) == (401, "INVALID_API_KEY")
    assert answer.json()["error"] == "Unauthorized"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_without_a_key_only_the_public_routes_answer(api: Api) -> None:
    routes = routes_of(api.app)
    assert routes >= PUBLIC
    assert len(routes) > 12
    async with client_of(api.app) as anyone:
        for method, path in sorted(routes - PUBLIC):
            answer = await anyone.request(method, path.replace("{id}", ID), content=b"{")
            assert_refused(answer)
        for method, path in sorted(PUBLIC):
            answer = await anyone.request(method, path.replace("{channel}", "nobody"))
            assert answer.status_code != 401


def wrong_keys(api: Api) -> list[dict[str, str]]:
    prefix = api.key.split("_")[1]
    return [
        {"X-API-Key": ""}, {"X-API-Key": "x"}, {"X-API-Key": api.key + "x"}, {"X-API-Key": api.key[:-1]},
        {"X-API-Key": f"tmb_{prefix}_{'x' * 43}"},
        {"X-API-Key": f"tmb_0000deadbeef_{api.key.split('_', 2)[2]}"},
        {"Authorization": f"Basic {api.key}"}, {"Authorization": api.key}, {"Authorization": "Bearer"},
        {"Authorization": f"Bearer {api.key} x"},
        {"X-API-Key": f"tmb_{prefix}_'; DROP TABLE api_keys --aaaaaaaa"},
    ]  # fmt: skip


async def test_a_wrong_key_is_refused_on_every_route(api: Api) -> None:
    async with client_of(api.app) as anyone:
        for headers in wrong_keys(api):
            for method, path in sorted(routes_of(api.app) - PUBLIC):
                assert_refused(await anyone.request(method, path.replace("{id}", ID), headers=headers))


async def test_a_key_is_taken_in_either_header(api: Api) -> None:
    async with client_of(api.app) as anyone:
        for headers in (
            {"X-API-Key": api.key},
            {"Authorization": f"Bearer {api.key}"},
            {"authorization": f"bearer {api.key}"},
        ):
            assert (await anyone.get("/api/v1/flows", headers=headers)).status_code == 200


async def test_a_revoked_key_is_refused_at_once(api: Api) -> None:
    known = await access.verify(api.parts.db, api.key)
    assert known
    await access.revoke(api.parts.db, api.workspace, known.id)
    assert_refused(await api.client.get("/api/v1/flows"))


@pytest.mark.parametrize(
    "path",
    [
        "//api/v1/flows", "/api//v1/flows", "/api/v1/flows/", "/api/v1%2fflows", "/API/v1/flows",
        "/api/v1/flows;a=b", "/api/v1/flows.json", "/livez/../api/v1/flows", "/api/v1/./flows",
        "/docs/../api/v1/flows", "/livez/api/v1/flows",
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "TRACE"])
async def test_odd_paths_and_methods_open_nothing(api: Api, path: str, method: str) -> None:
    async with client_of(api.app) as anyone:
        answer = await anyone.request(
            method, httpx.URL("http://tembea.test").copy_with(raw_path=path.encode())
        )
    assert answer.status_code in (401, 404, 405)


def test_a_route_without_a_policy_cannot_be_made() -> None:
    router = APIRouter(route_class=GuardedRoute)

    async def forgotten() -> None: ...

    with pytest.raises(Unguarded, match="/forgotten"):
        router.add_api_route("/forgotten", forgotten)


@pytest.mark.parametrize("policy", [with_key(), public(check=lambda _: None)], ids=["a key", "a check"])
def test_a_policy_that_must_be_asked_has_no_direct_route(policy: Callable[[Any], Any]) -> None:
    router = APIRouter(route_class=DirectRoute)

    async def unasked() -> None: ...

    with pytest.raises(Unguarded, match="/unasked"):
        router.add_api_route("/unasked", policy(unasked))


def test_the_application_does_not_start_with_a_route_that_skips_the_guard() -> None:
    app = FastAPI(openapi_url=None)
    router = APIRouter(route_class=APIRoute)

    @public()
    async def skipping() -> None: ...

    router.add_api_route("/skipping", skipping)
    app.include_router(router)
    with pytest.raises(Unguarded, match="/skipping"):
        require_policies(app, documentation=())


async def test_the_key_is_asked_for_before_the_body_is_read(api: Api) -> None:
    async def body() -> Any:
        raise AssertionError("the body was read")
        yield b""

    async with client_of(api.app) as anyone:
        assert_refused(await anyone.post("/api/v1/flows", content=body()))
