"""What people send along is the answer of a question that expects it."""

from typing import Any

import pytest

from dsl.inputs import Input
from dsl.model import Json
from tests.workflows.world import flow, message, walked

PHOTO: dict[str, Json] = {"id": 3, "type": "image", "url": "https://files.example/y.jpg"}
PLACE: dict[str, Json] = {"type": "location", "latitude": -1.29, "longitude": 36.82}


def sent(seq: int, *attachments: Json) -> Input:
    """A message without words that has these with it."""
    input = message(seq, "")
    assert input.event is not None
    return input.but(event=input.event.but(attachments=list(attachments)))


@pytest.mark.parametrize(
    ("expects", "answer"),
    [("file", PHOTO), ("location", {"latitude": -1.29, "longitude": 36.82})],
)
async def test_a_file_and_a_place_are_taken_from_what_was_sent_along(expects: str, answer: Any) -> None:
    ask = {"id": "q", "type": "question", "config": {"text": "?", "saveTo": "x", "expects": expects}}
    document = flow([ask, {"id": "e", "type": "end"}], [("q", "answer", "e")], settings={"sessionTtl": "1d"})
    state, _ = await walked(document, [message(1, "here it comes"), sent(2, PHOTO, PLACE)])
    assert state.frame.vars["x"] == answer
