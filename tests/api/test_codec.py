"""The codec server: who may read payloads, which pages may ask, and what is refused."""

import base64
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from temporalio.api.common.v1 import Payload

from api.app import create_app
from store import access
from tests.api.conftest import Api, client_of
from tests.wiring.log_capture import captured_logs
from wiring.codec import codec_of
from wiring.keys import new_keys
from wiring.remote_codec import LARGEST, MANY, RemoteCodec

pytestmark = pytest.mark.real

TOKEN = "t" * 42 + "Z"
UI = "http://127.0.0.1:8233"
FOREIGN: dict[str, Any] = {
    "metadata": {"encoding": "anNvbi9wbGFpbg=="},
    "data": "ImhpIg==",
    "externalPayloads": [{"sizeBytes": "7"}],
}
SAID = b'"Asha Wanjiku"'
KEYS = new_keys()
NO_METADATA: tuple[Any, ...] = ([], {"a": None}, {"a": "*"})


@dataclass
class Door:
    """The codec of an application, with a key and with nothing."""

    keyed: httpx.AsyncClient
    bare: httpx.AsyncClient
    api: Api

    async def by_key(self, verb: str, *payloads: Any, **headers: str) -> httpx.Response:
        return await self.keyed.post(f"/codec/{verb}", json={"payloads": payloads}, headers=headers)

    async def by_token(self, token: str, *payloads: Any, **headers: str) -> httpx.Response:
        body = {"payloads": payloads}
        return await self.bare.post(f"/codec/{token}/decode", json=body, headers=headers)


@pytest.fixture
async def door(api: Api) -> AsyncIterator[Door]:
    codec = RemoteCodec(KEYS, "default", api.workspace, SecretStr(TOKEN))
    app = create_app(replace(api.parts, codec=codec, temporal_ui=f"{UI}/namespaces/default"))
    async with client_of(app) as keyed, client_of(app) as bare:
        keyed.headers["X-API-Key"] = api.key
        yield Door(keyed, bare, api)


async def sealed(data: bytes = SAID, namespace: str = "default") -> dict[str, Any]:
    """A payload as Temporal's HTTP API shows it."""
    plain = Payload(metadata={"encoding": b"json/plain"}, data=data)
    [payload] = await codec_of(KEYS, namespace).encode([plain])
    return as_json({key: bytes(value) for key, value in payload.metadata.items()}, payload.data)


def as_json(metadata: Mapping[str, bytes], data: bytes) -> dict[str, Any]:
    named = {key: base64.b64encode(value).decode() for key, value in metadata.items()}
    return {"metadata": named, "data": base64.b64encode(data).decode()}


PLAIN = as_json({"encoding": b"json/plain"}, SAID)


def problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_ours_are_opened_in_their_order_and_what_is_not_ours_comes_back_as_it_came(door: Door) -> None:
    answer = await door.by_key("decode", FOREIGN, await sealed(), {}, await sealed(b"2"))
    assert answer.status_code == 200, answer.text
    empty = {"metadata": {}, "data": ""}
    assert answer.json() == {"payloads": [FOREIGN, PLAIN, empty, as_json({"encoding": b"json/plain"}, b"2")]}


async def test_nothing_is_asked_for_and_answered_as_an_empty_object(door: Door) -> None:
    """The command line encodes the arguments of a query even where it has none."""
    for verb in ("decode", "encode"):
        answer = await door.keyed.post(f"/codec/{verb}", json={})
        assert (answer.status_code, answer.json()) == (200, {"payloads": []})


async def test_what_is_encoded_shows_nothing_and_is_read_by_the_workers_codec(door: Door) -> None:
    answer = await door.by_key("encode", PLAIN)
    [one] = answer.json()["payloads"]
    assert base64.b64decode(one["metadata"]["encoding"]) == b"binary/tembea-aesgcm"
    assert PLAIN["data"] not in answer.text
    metadata = {key: base64.b64decode(value) for key, value in one["metadata"].items()}
    ours = Payload(metadata=metadata, data=base64.b64decode(one["data"]))
    [opened] = await codec_of(KEYS, "default").decode([ours])
    assert opened.data == SAID


@pytest.mark.parametrize("alphabet", [base64.b64encode, base64.urlsafe_b64encode])
async def test_base64_is_read_in_either_alphabet_padded_or_not(door: Door, alphabet: Any) -> None:
    data = alphabet(b"\xff\xfe\xfd\xfb").decode()
    for written in (data, data.rstrip("=")):
        answer = await door.by_key("decode", {"data": written})
        assert answer.json()["payloads"] == [as_json({}, b"\xff\xfe\xfd\xfb")]


async def test_the_token_in_the_path_is_as_good_as_a_key(door: Door) -> None:
    assert (await door.by_token(TOKEN, await sealed())).json()["payloads"] == [PLAIN]
    answer = await door.bare.post(f"/codec/{TOKEN}/encode", json={"payloads": [PLAIN]})
    assert (await door.by_token(TOKEN, *answer.json()["payloads"])).json()["payloads"] == [PLAIN]


@pytest.mark.parametrize("token", ["x", "T" * 43, TOKEN[:-1], f"{TOKEN}x", TOKEN.lower(), "%C3%A9", "None"])
async def test_with_another_token_there_is_nothing(door: Door, token: str) -> None:
    assert problem(await door.by_token(token, await sealed())) == (404, "CODEC_NOT_FOUND")


@pytest.mark.parametrize("token", ["None", "%20", TOKEN])
async def test_an_installation_without_a_token_opens_to_none(api: Api, token: str) -> None:
    for codec in (None, RemoteCodec(KEYS, "default", api.workspace)):
        app = create_app(replace(api.parts, codec=codec))
        async with client_of(app) as bare:
            answer = await bare.post(f"/codec/{token}/decode", json={"payloads": []})
        assert problem(answer) == (404, "CODEC_NOT_FOUND")


async def test_an_application_without_keys_has_no_codec(api: Api) -> None:
    for verb in ("decode", "encode"):
        answer = await api.client.post(f"/codec/{verb}", json={"payloads": []})
        assert problem(answer) == (404, "CODEC_NOT_FOUND")


async def test_a_key_of_another_workspace_opens_nothing(door: Door) -> None:
    key = await access.create(door.api.parts.db, "another", "tests")
    for verb in ("decode", "encode"):
        answer = await door.by_key(verb, await sealed(), **{"X-API-Key": key})
        assert problem(answer) == (403, "PAYLOADS_OF_ANOTHER_WORKSPACE")


async def test_the_body_is_not_read_without_the_token(door: Door) -> None:
    async def body() -> Any:
        raise AssertionError("the body was read")
        yield b""

    answer = await door.bare.post("/codec/wrong/decode", content=body())
    assert answer.status_code == 404


async def test_a_damaged_payload_is_an_error_of_its_request_that_shows_no_content(door: Door) -> None:
    whole = await sealed()
    damaged = {**whole, "data": whole["data"][:-8] + "AAAAAAA="}
    answer = await door.by_key("decode", FOREIGN, damaged)
    assert problem(answer) == (422, "UNREADABLE_PAYLOAD")
    assert FOREIGN["data"] not in answer.text
    assert (await door.by_key("decode", whole)).status_code == 200


@pytest.mark.parametrize("data", ["", "AA==", "A" * 64])
async def test_a_payload_that_was_cut_or_made_up_is_an_error(door: Door, data: str) -> None:
    answer = await door.by_token(TOKEN, {**await sealed(), "data": data})
    assert problem(answer) == (422, "UNREADABLE_PAYLOAD")


async def test_a_payload_of_a_key_that_is_gone_is_an_error_that_names_it(door: Door) -> None:
    gone = {**await sealed(), "metadata": {**(await sealed())["metadata"], "tembea-key": "b2xk"}}
    answer = await door.by_key("decode", gone)
    assert problem(answer) == (422, "UNREADABLE_PAYLOAD")
    assert "'old' is not in the ring" in answer.json()["message"]


async def test_a_payload_opens_in_its_own_namespace_only(door: Door) -> None:
    there = {"X-Namespace": "there"}
    answer = await door.by_key("decode", await sealed(namespace="there"), **there)
    assert answer.json()["payloads"] == [PLAIN]
    assert problem(await door.by_key("decode", await sealed(), **there)) == (422, "UNREADABLE_PAYLOAD")
    assert problem(await door.by_key("decode", await sealed(namespace="there"))) == (
        422,
        "UNREADABLE_PAYLOAD",
    )


async def test_a_request_asks_for_so_many_payloads_and_no_more(door: Door) -> None:
    assert (await door.by_key("decode", *[FOREIGN] * MANY)).status_code == 200
    assert problem(await door.by_key("decode", *[FOREIGN] * (MANY + 1))) == (422, "INVALID_REQUEST")


async def test_a_body_is_bounded(door: Door) -> None:
    answer = await door.by_token(TOKEN, {"data": "A" * (8 * 1024 * 1024)})
    assert problem(answer) == (413, "BODY_TOO_LARGE")


async def test_little_that_would_become_much_is_refused(door: Door) -> None:
    mib = await sealed(bytes(1024 * 1024))
    most = LARGEST // (1024 * 1024)
    assert (await door.by_key("decode", *[mib] * most)).status_code == 200
    assert problem(await door.by_key("decode", *[mib] * most, await sealed())) == (413, "PAYLOADS_TOO_LARGE")


@pytest.mark.parametrize(
    "body",
    [
        [], "payloads", {"payloads": None}, {"payloads": {}}, {"payloads": [None]},
        *({"payloads": [{"data": data}]} for data in ("*", "A", "é", 7)),
        *({"payloads": [{"metadata": metadata}]} for metadata in NO_METADATA),
    ],
)  # fmt: skip
async def test_what_is_no_list_of_payloads_is_refused(door: Door, body: Any) -> None:
    answer = await door.keyed.post("/codec/decode", json=body)
    assert problem(answer) == (422, "INVALID_REQUEST")


async def preflight(door: Door, path: str, origin: str, **asked: str) -> httpx.Response:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,x-namespace,authorization",
        **asked,
    }
    return await door.bare.options(path, headers=headers)


@pytest.mark.parametrize("path", [f"/codec/{TOKEN}/decode", f"/codec/{TOKEN}/encode", "/codec/decode"])
@pytest.mark.parametrize("origin", [UI, "http://localhost:8233"])
async def test_the_web_ui_may_ask_by_either_name_of_this_machine(door: Door, path: str, origin: str) -> None:
    allowed = await preflight(door, path, origin)
    assert (allowed.status_code, allowed.headers["Access-Control-Allow-Origin"]) == (200, origin)
    assert "Access-Control-Allow-Credentials" not in allowed.headers
    answer = await door.keyed.post(path, json={"payloads": []}, headers={"Origin": origin})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, origin)


async def test_the_web_ui_reads_why_it_was_refused(door: Door) -> None:
    damaged = {**await sealed(), "data": ""}
    answer = await door.by_token(TOKEN, damaged, Origin=UI)
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (422, UI)


@pytest.mark.parametrize(
    "origin",
    ["http://evil.test", "null", "http://127.0.0.1:8234", "https://127.0.0.1:8233", "http://localhost:5173"],
)
async def test_no_other_page_may_ask_though_it_knew_the_token(door: Door, origin: str) -> None:
    assert (await preflight(door, f"/codec/{TOKEN}/decode", origin)).status_code == 400
    answer = await door.by_token(TOKEN, await sealed(), Origin=origin)
    assert problem(answer) == (403, "ORIGIN_NOT_ALLOWED")
    assert "Access-Control-Allow-Origin" not in answer.headers


async def test_the_web_ui_may_ask_for_nothing_but_the_codec(door: Door) -> None:
    assert (await preflight(door, "/api/v1/flows", UI)).status_code == 400
    assert (
        await preflight(door, "/codec/decode", UI, **{"Access-Control-Request-Method": "GET"})
    ).status_code == 400


async def test_the_log_tells_the_template_of_the_route_and_neither_token_nor_content(door: Door) -> None:
    with captured_logs() as logs:
        await door.by_token(TOKEN, await sealed())
        await door.by_token(TOKEN, {**await sealed(), "data": ""})
        await door.by_token(f"{TOKEN}x", PLAIN)
        await preflight(door, f"/codec/{TOKEN}/decode", UI)
    told = logs.getvalue()
    assert told.count('"route":"/codec/{token}/decode"') == 3
    assert told.count('"event":"request"') == 4
    assert TOKEN not in told
    assert "Asha" not in told
