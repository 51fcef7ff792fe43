"""There is one door to the network: nothing but `providers/http` imports a client of HTTP (SEC-01)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import modules
from wiring.files import ROOT

CLIENTS = frozenset({"httpx", "httpcore", "requests", "aiohttp", "urllib3", "urllib.request", "http.client"})
DOOR = ("providers", "http")
OTHERS = ("tests", "bench", "emulators")
"""What flows never come to: the emulators stand in for somebody else's server, and import nothing of ours."""


def clients_in(text: str) -> Iterator[str]:
    """The clients of HTTP that a module imports, wherever in it and by whatever name."""
    for node in ast.walk(ast.parse(text)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            yield from (client for client in CLIENTS if f"{name}.".startswith(f"{client}."))


def back_doors(root: Path, paths: list[Path]) -> list[str]:
    """Modules of the product beside the door that open one of their own."""
    product = (path for path in paths if path.relative_to(root).parts[0] not in OTHERS)
    return [
        f"{path.relative_to(root)}: {client}"
        for path in product
        if path.relative_to(root).parts[:2] != DOOR
        for client in sorted(set(clients_in(path.read_text(encoding="utf-8"))))
    ]


def test_nothing_beside_the_door_imports_a_client() -> None:
    found = modules()
    assert len(found) > 50, "the house is looked at, not an empty folder"
    assert back_doors(ROOT, found) == []


@pytest.mark.parametrize(
    ("line", "client"),
    [
        ("import httpx", "httpx"),
        ("import httpcore as h", "httpcore"),
        ("from requests import get", "requests"),
        ("def f():\n    from aiohttp.client import ClientSession", "aiohttp"),
        ("import urllib.request", "urllib.request"),
        ("from urllib import request", "urllib.request"),
        ("from urllib.request import urlopen", "urllib.request"),
        ("from http import client", "http.client"),
    ],
)
def test_a_back_door_is_found_wherever_it_is(tmp_path: Path, line: str, client: str) -> None:
    rooms = ("activities/nodes/x.py", "providers/chatwoot/x.py", "wiring/x.py", "worker.py")
    for name in (*rooms, "providers/http/x.py", "tests/x.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(line)
    found = back_doors(tmp_path, sorted(tmp_path.rglob("*.py")))
    assert found == [f"{name}: {client}" for name in sorted(rooms)]


def test_parsing_addresses_opens_nothing(tmp_path: Path) -> None:
    assert list(clients_in("from urllib.parse import urlsplit\nimport httpx_like")) == []
