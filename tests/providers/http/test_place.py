"""Addresses are read one way, and the short way to a path comes to the same."""

from typing import Any

import httpx
import pytest

from providers.http.place import Place, read

BASE = "http://host.example:3000/api/v1"
PATHS = (
    "",
    "/",
    "/conversations/7/messages",
    "/a//b",
    "/a/../b",
    "/a/./b",
    "/.hidden",
    "/a b",
    "/ü/%41%zz",
    "/a?b=c",
    "/a?b=c d#e",
    "/a\\b",
    "/a;b,c@d:e",
    "//other.example/x",
)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("params", [{}, {"after": 7, "q": "x y&ü", "on": True, "many": ["a", 1], "no": None}])
def test_a_path_leads_where_the_whole_address_does(path: str, params: dict[str, Any]) -> None:
    whole = httpx.URL(BASE + path)
    expected = whole.copy_merge_params(params) if params else whole
    found = read(BASE).under(path, params)
    assert (found.target, found.netloc) == (expected.raw_path.decode(), expected.netloc.decode())
    assert found.url().raw_path_qs == found.target


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("HTTPS://A.Example:443/x", Place("https", "a.example", None, "/x")),
        ("http://a.example:443", Place("http", "a.example", 443, "/")),
        ("http://bücher.example/ä#f", Place("http", "xn--bcher-kva.example", None, "/%C3%A4")),
        ("http://[2606:4700::1111]:8080/", Place("http", "2606:4700::1111", 8080, "/")),
        ("http://u:p@a.example/", Place("http", "a.example", None, "/", personal=True)),
    ],
)
def test_an_address_is_read_into_its_parts(text: str, place: Place) -> None:
    assert read(text) == place
    assert "u:p" not in place.written


def test_a_literal_address_stands_in_for_the_host() -> None:
    place = read("https://a.example/x?y=%20z")
    assert str(place.url("2606:4700::1111")) == "https://[2606:4700::1111]/x?y=%20z"
    assert place.url("8.8.8.8").raw_host == "8.8.8.8"


@pytest.mark.parametrize("text", ["http://[::1/", "http://a.example/\r\nx", "http://a.example:x/"])
def test_what_cannot_be_read_is_not_quoted(text: str) -> None:
    with pytest.raises(ValueError, match=r"^is no address$") as caught:
        read(text)
    assert caught.value.__suppress_context__
