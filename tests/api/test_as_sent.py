"""Flow and `ui` come back to the byte: order of keys, spelling of numbers and texts, white space."""

import json
from typing import Any

import httpx
import pytest

from api.verbatim import members
from tests.api.conftest import Api
from tests.api.documents import welcome

pytestmark = pytest.mark.real

JSON = {"Content-Type": "application/json"}
NASTY = [
    '{"b":1,"a":2,"10":3,"9":4}',
    '[1,1.0,1.50,1e2,1E+2,100,-0,-0.0,0.1000,1e-7,1E300]',
    '[12345678901234567890123,-9223372036854775809,0.30000000000000004441]',
    '{"zoom":1.0,"x":-0.0,"nodes":[{"position":{"y":10.0,"x":1e1}}]}',
    r'["\u0041","A","\u00e9","é","\/","/","\ud83d\ude00","😀","\u2028","<script>&"]',
    '{ "spaced" :\n\t[ 1 ,\r\n 2 ] , "":{} , " ":[ ] }',
    '{"a\\"b":"}","}":"{\\"flow\\":1}","\\\\":"\\\\"}',
    '"only text"',
    "0.0",
    "false",
    "[]",
]  # fmt: skip
UI_FLOW = (
    '{"viewport":{"zoom":1.0,"y":-0.5,"x":0},"version":3,"id":"welcome","name":"Welcome","edges":'
    '[{"target":"z","source":"a","id":"e1","markerEnd":{"type":"arrow"}}],'
    '"nodes":[{"type":"output","id":"z","position":{"y":2e2,"x":1.50},"data":{"label":"End"}},'
    ' {"selected":false,"data":{"label":"St\\u0061rt"},"id":"a","type":"input","position":{"x":0,"y":0.0}}]}'
)


def body(flow: str, ui: str | None) -> bytes:
    """A request with these texts."""
    rest = "" if ui is None else f', "ui" : {ui}'
    return f'{{"flow": {flow}{rest}}}'.encode()


def sent_back(answer: httpx.Response) -> dict[str, str]:
    """The texts of the fields of an answer."""
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.status_code == 200, answer.text
    return dict(members(answer.text))


@pytest.mark.parametrize("ui", NASTY)
async def test_ui_comes_back_byte_for_byte(api: Api, ui: str) -> None:
    flow = json.dumps(welcome())
    saved = await api.client.post("/api/v1/flows", content=body(flow, ui), headers=JSON)
    assert saved.status_code == 201, saved.text
    for path in ("/api/v1/flows/welcome", "/api/v1/flows/welcome/versions/1"):
        assert sent_back(await api.client.get(path)).items() >= {"ui": ui, "flow": flow}.items()


async def test_a_ui_flow_comes_back_byte_for_byte_and_is_published_all_the_same(api: Api) -> None:
    await api.client.post("/api/v1/flows", content=body(UI_FLOW, None), headers=JSON)
    found = sent_back(await api.client.get("/api/v1/flows/welcome"))
    assert (found["flow"], found["ui"]) == (UI_FLOW, "null")
    published = await api.client.post("/api/v1/flows/welcome/publish")
    assert published.status_code == 200, published.text
    query = "SELECT spec FROM flow_versions WHERE workspace_id = $1"
    spec: Any = await api.parts.db.fetchval(query, api.workspace)
    assert [node["type"] for node in spec["nodes"]] == ["end", "start"]
    listed = await api.client.get("/api/v1/flows/welcome/versions")
    assert [item["dialect"] for item in listed.json()["items"]] == ["UI flow"]


async def test_a_canvas_without_an_id_is_known_by_its_name(api: Api) -> None:
    unnamed = UI_FLOW.replace('"id":"welcome","name":"Welcome",', "")
    named = UI_FLOW.replace('"id":"welcome","name":"Welcome",', '"name":"Say Hello!",')
    saved = await api.client.post("/api/v1/flows", content=body(named, None), headers=JSON)
    assert (saved.status_code, saved.json()["key"]) == (201, "say-hello")
    assert (await api.client.post("/api/v1/flows/say-hello/publish")).status_code == 200
    refused = await api.client.post("/api/v1/flows", content=body(unnamed, None), headers=JSON)
    assert (refused.status_code, refused.json()["code"]) == (422, "MISSING_FIELD")


async def test_a_bare_flow_comes_back_byte_for_byte(api: Api) -> None:
    await api.client.post("/api/v1/flows", content=f"\n {UI_FLOW}\t\n".encode(), headers=JSON)
    assert sent_back(await api.client.get("/api/v1/flows/welcome"))["flow"] == UI_FLOW


async def test_a_change_of_spelling_alone_is_a_change_and_what_was_put_last_comes_back(api: Api) -> None:
    flow, before, after = json.dumps(welcome()), '{"a":1,"b":2.0}', '{"b":2,"a":1}'
    first = await api.client.post("/api/v1/flows", content=body(flow, before), headers=JSON)
    headers = JSON | {"If-Match": first.headers["ETag"]}
    put = await api.client.put("/api/v1/flows/welcome", content=body(flow, after), headers=headers)
    assert (put.status_code, put.json()["version"]) == (200, 2)
    got = await api.client.get("/api/v1/flows/welcome")
    assert (sent_back(got)["ui"], got.headers["ETag"]) == (after, put.headers["ETag"])
    assert sent_back(await api.client.get("/api/v1/flows/welcome/versions/1"))["ui"] == before


async def test_the_same_bytes_again_are_no_change(api: Api) -> None:
    for ui in NASTY[:3]:
        sent = body(json.dumps(welcome()), ui)
        both = [await api.client.post("/api/v1/flows", content=sent, headers=JSON) for _ in range(2)]
        assert both[0].json()["version"] == both[1].json()["version"]


def test_members_are_the_texts_of_an_object() -> None:
    text = ' {"a" : [1, {"b":"}"}] ,\n"c\\u0041":"x" , "":null} '
    assert list(members(text)) == [("a", '[1, {"b":"}"}]'), ("cA", '"x"'), ("", "null")]
    assert list(members("{}")) == list(members(" { } ")) == []
