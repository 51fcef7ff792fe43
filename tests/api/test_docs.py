"""Documentation pages, OpenAPI and CORS."""

import re
from typing import Any

import pytest

from tests.api.conftest import Api, client_of

pytestmark = pytest.mark.real

ORIGIN = "http://localhost:5173"


async def document_of(api: Api) -> dict[str, Any]:
    async with client_of(api.app) as anyone:
        document: dict[str, Any] = (await anyone.get("/openapi.json")).json()
        return document


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in document["paths"].values() for operation in path.values()]


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
async def test_a_documentation_page_loads_everything_from_here(api: Api, page: str) -> None:
    async with client_of(api.app) as anyone:
        html = (await anyone.get(page)).text
        assets = re.findall(r'(?:src|href)="([^"]+)"', html)
        assert len(assets) >= 2
        assert "://" not in html
        for asset in assets:
            assert asset.startswith("/")
            served = await anyone.get(asset)
            assert (served.status_code, len(served.content) > 100) == (200, True)


async def test_every_route_documents_its_errors_with_the_one_body(api: Api) -> None:
    document = await document_of(api)
    assert "requestId" in document["components"]["schemas"]["ErrorBody"]["properties"]
    assert "HTTPValidationError" not in document["components"]["schemas"]
    for operation in operations(document):
        for status, response in operation["responses"].items():
            if status >= "400" and operation["operationId"] != "readyz":
                schema = response["content"]["application/problem+json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/ErrorBody"}


async def test_openapi_says_which_routes_need_a_key(api: Api) -> None:
    document = await document_of(api)
    assert set(document["components"]["securitySchemes"]) == {"apiKey", "bearer"}
    for path, item in document["paths"].items():
        for operation in item.values():
            needs_key = path.startswith(("/api/", "/codec/", "/metrics")) and "{token}" not in path
            assert ("security" in operation) == needs_key
            assert ("401" in operation["responses"]) == (needs_key or "webhooks/chatwoot" in path)


async def test_everything_has_a_tag_and_a_description(api: Api) -> None:
    document = await document_of(api)
    tags = {tag["name"] for tag in document["tags"]}
    for operation in operations(document):
        assert set(operation["tags"]) <= tags
        assert operation["tags"]
        assert operation["description"]


async def test_every_reference_of_openapi_leads_somewhere(api: Api) -> None:
    document = await document_of(api)
    names = re.findall(r'"\$ref": ?"#/components/schemas/([^"]+)"', str(document).replace("'", '"'))
    assert names
    assert set(names) <= set(document["components"]["schemas"])


async def test_a_listed_origin_may_call(api: Api) -> None:
    asked = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-api-key,content-type,idempotency-key",
    }
    async with client_of(api.app) as browser:
        preflight = await browser.options("/api/v1/flows", headers=asked)
    assert (preflight.status_code, preflight.headers["Access-Control-Allow-Origin"]) == (200, ORIGIN)
    answer = await api.client.get("/api/v1/flows", headers={"Origin": ORIGIN})
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Location" in answer.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize(
    "origin", ["http://evil.test", "null", f"{ORIGIN}.evil.test", "https://localhost:5173"]
)
async def test_no_other_origin_may(api: Api, origin: str) -> None:
    async with client_of(api.app) as browser:
        asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        assert (await browser.options("/api/v1/flows", headers=asked)).status_code == 400
    answer = await api.client.get("/api/v1/flows", headers={"Origin": origin})
    assert "Access-Control-Allow-Origin" not in answer.headers


async def test_kinds_tell_exits_documentation_and_schema(api: Api) -> None:
    kinds = {kind["name"]: kind for kind in (await api.client.get("/api/v1/kinds")).json()["items"]}
    assert {"start", "message", "question", "condition", "end"} <= set(kinds)
    assert set(kinds) == set(api.parts.catalogue)
    message = kinds["message"]
    assert message["exits"][0] == "next"
    assert message["docs"]
    assert "text" in message["configSchema"]["properties"]
