"""A page of this machine is read, or it is not there."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from providers.http import page as pages
from providers.http.page import page

pytestmark = pytest.mark.real


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/metrics" else 500)
        self.end_headers()
        self.wfile.write(b"up 1\n")

    def log_message(self, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = Thread(target=http.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()
        thread.join()


def test_what_is_there_is_read_whatever_proxy_the_environment_names(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert page(f"{server}/metrics", 2) == "up 1\n"


def test_an_error_nobody_there_and_too_much_are_no_page(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert page(f"{server}/other", 2) is None
    assert page("http://127.0.0.1:1/metrics", 2) is None
    monkeypatch.setattr(pages, "PAGE_BYTES", 2)
    assert page(f"{server}/metrics", 2) is None
