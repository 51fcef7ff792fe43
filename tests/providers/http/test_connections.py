"""Credentials by name: they go to their hosts alone, and come back to nobody (SEC-05)."""

import json
from typing import Any

import pytest

from providers.errors import Failed, Unknown
from providers.http.connections import Connection, named, read_connections
from providers.http.safe import SafeHttp
from torture.raw import always, answer, serving

TOKEN = 'to"ken-canary/1'


def connection(*hosts: str, **written: Any) -> Connection:
    one = {"type": "bearer", "token": TOKEN, "hosts": list(hosts or ("a.example",)), **written}
    return read_connections(json.dumps({"crm": one}))["crm"]


@pytest.mark.parametrize(
    ("written", "header"),
    [
        ({"type": "bearer", "token": "abc"}, ("authorization", "Bearer abc")),
        ({"type": "header", "name": "X-Api-Key", "value": "abc"}, ("X-Api-Key", "abc")),
        (
            {"type": "basic", "user": "u", "password": "pass:word"},
            ("authorization", "Basic dTpwYXNzOndvcmQ="),
        ),
        ({"type": "basic", "user": "key"}, ("authorization", "Basic a2V5Og==")),
    ],
)
def test_a_connection_proves_who_asks_by_one_header(written: dict[str, Any], header: tuple[str, str]) -> None:
    found = read_connections(json.dumps({"x": {**written, "hosts": ["a.example"]}}))["x"]
    assert [(name, value.get_secret_value()) for name, value in found.headers().items()] == [header]
    assert header[1] not in repr(found)


@pytest.mark.parametrize(
    "wrong",
    [
        "canary",
        "[]",
        '{"crm": "canary"}',
        '{"crm": {"type": "bearer", "token": "canary"}}',
        '{"crm": {"type": "bearer", "token": "canary", "hosts": []}}',
        '{"crm": {"type": "bearer", "token": "canary", "hosts": ["https://a.example/canary"]}}',
        '{"crm": {"type": "bearer", "token": "canary", "hosts": ["ftp://a.example"]}}',
        '{"crm": {"type": "bearer", "token": "canary", "hosts": ["https://canary@a.example"]}}',
        '{"crm": {"type": "bearer", "token": {"a": "canary"}, "hosts": ["a.example"]}}',
        '{"crm": {"type": "bearer", "token": "canary", "hosts": ["a.example"], "more": "canary"}}',
        '{"crm": {"type": "digest", "token": "canary", "hosts": ["a.example"]}}',
        '{"c r m": {"type": "bearer", "token": "canary", "hosts": ["a.example"]}}',
    ],
)
def test_what_is_no_connection_is_refused_without_being_quoted(wrong: str) -> None:
    with pytest.raises(ValueError, match="is not a JSON object of connections") as refused:
        read_connections(wrong)
    assert "canary" not in str(refused.value)


def test_a_connection_that_is_not_there_is_named() -> None:
    with pytest.raises(Failed, match="UNKNOWN_CONNECTION") as caught:
        named({}, "crm")
    assert "'crm'" in caught.value.message


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("a.example", "http://a.example/"),
        ("a.example", "https://b.example/"),
        ("a.example", "https://a.example:8443/"),
        ("a.example", "https://a.example.b.example/"),
        ("a.example", "https://b.example/?a.example"),
        ("a.example:8443", "https://a.example/"),
        ("http://a.example:81", "https://a.example:81/"),
    ],
)
async def test_credentials_go_nowhere_but_to_their_hosts(host: str, url: str) -> None:
    async with SafeHttp(resolve=_nobody) as http:
        with pytest.raises(Failed, match="HOST_NOT_ALLOWED"):
            await http.request("GET", url, connection=connection(host))


async def _nobody(_: str, __: int) -> list[str]:
    raise AssertionError("its name was looked up")


@pytest.mark.parametrize("host", ["A.example", "https://a.example", "https://a.example:443/"])
async def test_a_host_is_the_same_however_it_is_written(host: str) -> None:
    async with SafeHttp(resolve=_unknown_host) as http:
        with pytest.raises(Exception, match="DNS_FAILED"):
            await http.request("GET", "https://a.example/x", connection=connection(host))


async def _unknown_host(_: str, __: int) -> list[str]:
    raise OSError


async def test_the_credentials_stand_above_a_header_of_the_author() -> None:
    async with serving(always(answer(200))) as raw, SafeHttp(allow=[raw.here]) as http:
        mine = {"Authorization": "Bearer of-the-author"}
        await http.request(
            "GET", raw.url(), headers=mine, connection=connection(raw.url(""), token="abc-def")
        )
    assert raw.seen[0].lower().count(b"authorization:") == 1
    assert b"authorization: Bearer abc-def" in raw.seen[0]


@pytest.mark.parametrize(("method", "kind"), [("GET", Failed), ("POST", Unknown)])
async def test_a_redirect_to_another_host_is_not_followed(method: str, kind: type[Exception]) -> None:
    async with serving(always(answer(200))) as far:
        redirect = always(answer(302, location=far.url()))
        async with serving(redirect) as near, SafeHttp(allow=[near.here, far.here]) as http:
            with pytest.raises(kind, match="HOST_NOT_ALLOWED"):
                await http.request(
                    method, near.url(), redirects=3, connection=connection(near.url(""), token="x")
                )
    assert (len(near.seen), far.seen) == (1, [])


async def test_a_redirect_within_its_hosts_is_followed_without_the_credentials() -> None:
    async with serving(always(answer(200))) as far:
        redirect = always(answer(302, location=far.url()))
        async with serving(redirect) as near, SafeHttp(allow=[near.here, far.here]) as http:
            both = connection(near.url(""), far.url(""), token="x")
            await http.request("GET", near.url(), redirects=3, connection=both)
    assert b"authorization" not in far.seen[0].lower()


def test_what_a_server_tells_back_is_hidden_wherever_it_stands() -> None:
    answer = {"a": [f"Bearer {TOKEN}", 7, None], TOKEN: {"b": TOKEN}, "c": "nothing"}
    shown = connection().hide(answer)
    assert shown == {"a": ["Bearer [hidden]", 7, None], "[hidden]": {"b": "[hidden]"}, "c": "nothing"}
    pair = {"type": "basic", "user": "somebody", "password": "pass-word", "hosts": ["a.example"]}
    basic = read_connections(json.dumps({"x": pair}))["x"]
    assert basic.hide("Basic c29tZWJvZHk6cGFzcy13b3Jk pass-word") == "Basic [hidden] [hidden]"
