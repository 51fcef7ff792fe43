"""The one error body, for what nobody foresaw as well."""

from typing import Any

import pytest

from api.errors import MEDIA_TYPE, Problem
from tests.api.conftest import Api, client_of

pytestmark = pytest.mark.real


async def test_an_unknown_path_and_method_have_the_error_body(api: Api) -> None:
    unknown = await api.client.get("/api/v1/nothing")
    assert (unknown.status_code, unknown.json()["code"], unknown.json()["error"]) == (
        404,
        "NOT_FOUND",
        "NotFound",
    )
    wrong = await api.client.delete("/api/v1/flows")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert wrong.headers["Allow"]
    for answer in (unknown, wrong):
        assert answer.headers["Content-Type"] == MEDIA_TYPE
        assert answer.json()["requestId"] == answer.headers["X-Request-Id"]


async def test_the_body_has_the_members_of_rfc_9457_and_of_the_source_documents(api: Api) -> None:
    answer = await api.client.get("/api/v1/flows/nobody")
    request_id = answer.headers["X-Request-Id"]
    assert answer.json() == {
        "type": "urn:tembea:error:flow_not_found", "title": "NotFound", "status": 404,
        "detail": "There is no such flow.", "instance": f"urn:uuid:{request_id}", "error": "NotFound",
        "message": "There is no such flow.", "code": "FLOW_NOT_FOUND", "details": {}, "requestId": request_id,
    }  # fmt: skip


async def test_a_refused_field_is_pointed_at(api: Api) -> None:
    answer = await api.client.post("/api/v1/flows", json={"flow": {"id": "a"}, "colour": 1})
    [issue] = answer.json()["details"]["issues"]
    assert issue == {
        "code": "EXTRA_FORBIDDEN", "in": "body", "pointer": "/colour",
        "message": "Extra inputs are not permitted",
    }  # fmt: skip


async def test_what_nobody_foresaw_is_a_500_without_a_word_of_the_cause(
    api: Api, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def broken(*_: Any) -> None:
        raise ValueError("SELECT secret FROM db.internal")

    monkeypatch.setattr("api.lookup.flows.find", broken)
    answer = await api.client.get("/api/v1/flows/welcome")
    assert (answer.status_code, answer.json()["code"], answer.json()["error"]) == (
        500,
        "INTERNAL",
        "SystemError",
    )
    assert "secret" not in answer.text
    logged = capsys.readouterr().out
    assert "ValueError" in logged
    assert "secret" not in logged


async def test_without_the_database_it_is_a_503_that_may_be_tried_again(api: Api) -> None:
    api.lose_database()
    answer = await api.client.get("/api/v1/flows")
    assert (answer.status_code, answer.json()["code"]) == (503, "DATABASE_UNAVAILABLE")
    assert answer.headers["Retry-After"]
    assert "127.0.0.1" not in answer.text


async def test_every_answer_has_a_request_id_and_the_security_headers(api: Api) -> None:
    async with client_of(api.app) as anyone:
        for path in ("/livez", "/docs", "/api/v1/flows", "/nothing"):
            headers = (await anyone.get(path)).headers
            assert len(headers["X-Request-Id"]) == 36
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert "default-src 'self'" in headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (400, "ValidationError"), (401, "Unauthorized"), (403, "Forbidden"), (404, "NotFound"),
        (409, "Conflict"), (413, "ValidationError"), (422, "ValidationError"), (429, "RateLimited"),
        (500, "SystemError"), (503, "SystemError"),
    ],
)  # fmt: skip
def test_every_status_has_its_word(status: int, word: str) -> None:
    assert Problem(status, "CODE", "It did not work.").error == word


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/api/v1/flows", "GET, POST"),
        ("/api/v1/flows/welcome", "DELETE, GET, PUT"),
        ("/api/v1/flows/validate", "POST"),
        ("/api/v1/executions/x/cancel", "POST"),
    ],
)
async def test_a_wrong_method_is_told_every_right_one(api: Api, path: str, methods: str) -> None:
    answer = await api.client.request("PATCH", path)
    assert (answer.status_code, answer.headers["Allow"]) == (405, methods)
