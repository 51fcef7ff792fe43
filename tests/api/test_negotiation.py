"""Which form a caller gets, by what it says it takes."""

import pytest

from api.errors import Problem
from api.negotiation import preferred

OFFERS = ("application/json", "text/vnd.mermaid", "image/svg+xml")


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        (None, "application/json"),
        ("", "application/json"),
        ("*/*", "application/json"),
        ("image/svg+xml", "image/svg+xml"),
        ("IMAGE/SVG+XML; charset=utf-8", "image/svg+xml"),
        ("image/*", "image/svg+xml"),
        ("text/html, text/*;q=0.5, */*;q=0.1", "text/vnd.mermaid"),
        ("application/json;q=0.2, image/svg+xml;q=0.9", "image/svg+xml"),
        ("*/*, application/json;q=0", "text/vnd.mermaid"),
        ("image/svg+xml;q=x, text/vnd.mermaid;q=0.1", "text/vnd.mermaid"),
        ("nonsense, */*", "application/json"),
    ],
)
def test_a_caller_gets_what_it_likes_best(accept: str | None, form: str) -> None:
    assert preferred(accept, OFFERS) == form


@pytest.mark.parametrize("accept", ["text/html", "*/*;q=0", "image/png, text/plain", "nonsense"])
def test_a_caller_whom_nothing_suits_is_told_what_there_is(accept: str) -> None:
    with pytest.raises(Problem) as refused:
        preferred(accept, OFFERS)
    assert (refused.value.status_code, refused.value.code) == (406, "NOT_ACCEPTABLE")
    assert "image/svg+xml" in refused.value.message
