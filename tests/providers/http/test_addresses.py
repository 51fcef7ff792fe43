"""Which addresses SafeHttp connects to (SEC-01)."""

from collections.abc import Iterable

import pytest

from providers.errors import Failed, NotSent, ProviderError
from providers.http.addresses import is_public
from providers.http.guard import system_resolve
from providers.http.safe import SafeHttp
from tests.providers.http.hostile import INSIDE, NO_ADDRESS
from tests.providers.http.standin import StandIn
from torture.raw import always, answer, serving


def spy() -> StandIn:
    """A network that answers everything with 200 and keeps the addresses connected to."""
    return StandIn(lambda: always(answer(200, b"ok")))


class Names:
    """A resolver with scripted answers: each asking of a name takes the next one."""

    def __init__(self, *answers: Iterable[str]) -> None:
        self.answers = [list(answer) for answer in answers]
        self.asked = 0

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked += 1
        return self.answers.pop(0)


async def verdict(url: str, *, allow: tuple[str, ...] = (), names: Names | None = None) -> str:
    """Where a GET went (`address:port`), or the code of its refusal."""
    network = spy()
    async with SafeHttp(allow=allow, network=network.network, resolve=names or system_resolve) as http:
        try:
            await http.request("GET", url)
        except ProviderError as error:
            assert network.connected == []
            return error.code
    return ":".join(map(str, network.connected[0]))


@pytest.mark.parametrize("url", INSIDE)
async def test_an_address_inside_is_never_connected_to(url: str) -> None:
    assert await verdict(url) in ("ADDRESS_BLOCKED", "INVALID_REQUEST")


@pytest.mark.parametrize("url", [*NO_ADDRESS, "http://8.8.8.8/\x00", "http://8.8.8.8/" + "a" * 9000])
async def test_what_is_no_plain_web_address_is_refused_before_it_is_resolved(url: str) -> None:
    names = Names(["8.8.8.8"])
    assert await verdict(url, names=names) == "INVALID_REQUEST"
    assert names.asked == 0


@pytest.mark.parametrize(
    ("url", "reached"),
    [
        ("http://8.8.8.8/", "8.8.8.8:80"),
        ("http://8.8.8.8:443/", "8.8.8.8:443"),
        ("http://[2606:4700::1111]/", "2606:4700::1111:80"),
    ],
)
async def test_a_public_address_is_reached(url: str, reached: str) -> None:
    assert await verdict(url) == reached


async def test_the_address_that_was_checked_is_the_one_connected_to() -> None:
    rebinding = Names(["93.184.216.34"], ["127.0.0.1"])
    assert await verdict("http://rebind.example/", names=rebinding) == "93.184.216.34:80"
    assert rebinding.asked == 1
    assert await verdict("http://rebind.example/", names=rebinding) == "ADDRESS_BLOCKED"


@pytest.mark.parametrize("inside", ["10.0.0.7", "::1", "fe80::1%eth0", "not an address", ""])
async def test_one_forbidden_answer_among_public_ones_forbids_the_name(inside: str) -> None:
    names = Names(["93.184.216.34", inside])
    assert await verdict("http://mixed.example/", names=names) == "ADDRESS_BLOCKED"


async def test_a_name_without_address_is_not_sent() -> None:
    async with SafeHttp(resolve=Names([])) as http:
        with pytest.raises(NotSent) as caught:
            await http.request("POST", "http://gone.example/")
    assert caught.value.code == "DNS_FAILED"


@pytest.mark.parametrize(
    ("allow", "url", "verdict_of_it"),
    [
        ("127.0.0.1:8999", "http://127.0.0.1:8999/", "127.0.0.1:8999"),
        ("127.0.0.1:8999", "http://127.1:8999/", "127.0.0.1:8999"),
        ("127.0.0.1:8999", "http://127.0.0.1:8998/", "ADDRESS_BLOCKED"),
        ("127.0.0.1:8999", "http://127.0.0.1/", "ADDRESS_BLOCKED"),
        ("127.0.0.1:8999", "http://127.0.0.2:8999/", "ADDRESS_BLOCKED"),
        ("127.0.0.1:8999", "http://8.8.8.8:8999/", "ADDRESS_BLOCKED"),
        ("[::1]:8999", "http://[::1]:8999/", "::1:8999"),
    ],
)
async def test_the_operator_opens_one_host_at_one_port(allow: str, url: str, verdict_of_it: str) -> None:
    assert await verdict(url, allow=(allow,)) == verdict_of_it


async def test_an_opened_name_is_opened_wherever_it_leads() -> None:
    opened, names = ("stub.internal:8080",), Names(["10.0.0.9"], ["10.0.0.9"])
    assert await verdict("http://stub.internal:8080/", allow=opened, names=names) == "10.0.0.9:8080"
    assert await verdict("http://other.internal:8080/", allow=opened, names=names) == "ADDRESS_BLOCKED"


@pytest.mark.parametrize("entry", ["", "127.0.0.1", ":80", "host:0", "host:99999", "host:x"])
def test_an_opening_without_host_or_port_is_a_mistake(entry: str) -> None:
    with pytest.raises(ValueError, match="host:port"):
        SafeHttp(allow=[entry])


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "8.8.8.8", "2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8"]
)
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


async def test_a_blocked_address_is_a_failure_that_does_not_say_what_was_found() -> None:
    async with SafeHttp(resolve=Names(["10.1.2.3"])) as http:
        with pytest.raises(Failed) as caught:
            await http.request("POST", "http://probe.example/")
    assert "10.1" not in str(caught.value)


async def test_the_environment_cannot_send_requests_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(always(answer(200))) as proxy, serving(always(answer(204))) as raw:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url())
        async with SafeHttp(allow=[raw.here]) as http:
            assert (await http.request("GET", raw.url())).status == 204
    assert proxy.seen == []
