"""An answer that cannot be read: nothing is lost of what is done, and a question may be asked again."""

import pytest
from pydantic import BaseModel

from providers.errors import NotSent
from providers.reading import asked, parsed
from providers.reply import Reply


class Room(BaseModel):
    """What an answer should be."""

    number: int


def test_an_answer_is_read_as_its_model() -> None:
    reply = Reply(200, content=b'{"number": 7}')
    assert parsed(Room, reply) == asked(Room, reply, "hotel") == Room(number=7)


@pytest.mark.parametrize("content", [b"", b"<html>", b"\xff", b"[]", b'{"number": "seven"}'])
def test_what_cannot_be_read_is_nothing_to_a_deed_and_a_failure_to_a_question(content: bytes) -> None:
    reply = Reply(200, content=content)
    assert parsed(Room, reply) is None
    with pytest.raises(NotSent) as caught:
        asked(Room, reply, "hotel")
    assert (caught.value.code, caught.value.provider) == ("UNREADABLE_ANSWER", "hotel")
    assert caught.value.reply is reply
