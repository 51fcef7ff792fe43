"""What the guarded client surely refuses, told when a flow is compiled."""

from collections.abc import Iterator, Mapping
from urllib.parse import SplitResult, urlsplit

from dsl.issues import Issue, issue
from dsl.model import Json
from providers.http.addresses import is_public, literal
from providers.http.guard import PORTS
from providers.http.safe import OWN_HEADERS

SCHEMES = ("https://", "http://")
OWN_NAMES = ("localhost",)


def request_issues(method: str, url: str, headers: Mapping[str, str], body: Json) -> Iterator[Issue]:
    """Of a request as its author wrote it; what templates make of it is known only when it is sent."""
    yield from _url_issues(url)
    for name in headers:
        if name.lower().strip() in OWN_HEADERS:
            pointer = f"/headers/{name.replace('~', '~0').replace('/', '~1')}"
            yield issue("INVALID_VALUE", "Only the client itself sets this header.", pointer=pointer)
    if method == "GET" and body is not None:
        yield issue("BODY_OF_A_GET", pointer="/body")


def _url_issues(url: str) -> Iterator[Issue]:
    before = url.partition("{{")[0].lstrip()
    if "{{" in url and any(scheme.startswith(before.lower()) for scheme in SCHEMES):
        return
    if not before.lower().startswith(SCHEMES):
        yield issue("INVALID_VALUE", "An address begins with `https://` or `http://`.", pointer="/url")
    elif _is_whole(url, before) and not _is_open(before):
        yield issue("ADDRESS_NOT_PUBLIC", pointer="/url")


def _is_whole(url: str, before: str) -> bool:
    """Whether host and port are written out."""
    return before == url.lstrip() or any(end in before.partition("://")[2] for end in "/?#")


def _is_open(url: str) -> bool:
    """Whether the host may be a public one and the port is one that is open to everybody."""
    try:
        parts = urlsplit(url)
        return _port(parts) in PORTS and _may_be_public((parts.hostname or "").removesuffix("."))
    except ValueError:
        return True  # whatever it is, it is not known to be refused for its address


def _port(parts: SplitResult) -> int:
    return parts.port or {"http": 80}.get(parts.scheme.lower(), 443)


def _may_be_public(host: str) -> bool:
    if host in OWN_NAMES or host.endswith(".localhost"):
        return False
    return is_public(host) or not literal(host)
