"""Conversations as files, and how they are played."""

import json
from pathlib import Path

import pytest

from wiring.scenario import Click, Expect, Line, Say, TalkError, first_talk, play, read_talk


class Person:
    """A contact in memory, to whom a bot says what was prepared for each thing that the person does."""

    def __init__(self, answers: dict[str, list[str]], slow: int = 0) -> None:
        self.done: list[str] = []
        self._answers = answers
        self._said: list[str] = []
        self._asked = 0
        self._slow = slow

    async def say(self, text: str) -> None:
        self.done.append(text)
        self._said += self._answers.get(text, [])

    async def click(self, choice: str) -> None:
        self._wait()
        await self.say(f"[{choice}]")

    async def heard(self) -> list[str]:
        try:
            self._wait()
        except LookupError:
            return []
        return list(self._said)

    def _wait(self) -> None:
        """Nothing has come yet the first few times."""
        self._asked += 1
        if self._asked <= self._slow:
            raise LookupError


async def played(lines: list[Line], person: Person) -> list[tuple[str, str]]:
    told: list[tuple[str, str]] = []
    await play(lines, person, lambda who, text: told.append((who, text)), patience=0.2)
    return told


@pytest.mark.parametrize("slow", [0, 2])
async def test_a_conversation_is_played_line_by_line_and_followed(slow: int) -> None:
    person = Person({"Hi": ["Hello.", "What is it?"], "[A bill]": ["Thanks."]}, slow)
    lines: list[Line] = [
        *(Say(say="Hi"), Expect(expect="Hello."), Expect(expect="What is it?")),
        *(Click(click="A bill"), Expect(expect="Thanks.")),
    ]
    assert await played(lines, person) == [
        *(("contact", "Hi"), ("bot", "Hello."), ("bot", "What is it?")),
        *(("contact", "[A bill]"), ("bot", "Thanks.")),
    ]
    assert person.done == ["Hi", "[A bill]"]


async def test_another_message_than_the_expected_one_ends_it_there() -> None:
    person = Person({"Hi": ["Go away."]})
    with pytest.raises(TalkError, match=r"expected 'Hello.', the bot said 'Go away.'"):
        await played([Say(say="Hi"), Expect(expect="Hello."), Say(say="So?")], person)
    assert person.done == ["Hi"]


@pytest.mark.parametrize("line", [Expect(expect="Hello."), Click(click="Hello.")])
async def test_a_message_or_choice_that_does_not_come_is_not_waited_for_forever(line: Line) -> None:
    with pytest.raises(TalkError, match=r"waited 0\.2 s for .*'Hello\.'"):
        await played([line], Person({}, slow=1_000))


def write(folder: Path, name: str, talk: object) -> Path:
    path = folder / name
    path.write_text(json.dumps(talk))
    return path


def test_a_file_is_a_list_of_what_is_said_clicked_and_expected(tmp_path: Path) -> None:
    path = write(tmp_path, "a.b.talk.json", [{"say": "Hi"}, {"expect": "Yes?"}, {"click": "No"}])
    assert read_talk(path) == [Say(say="Hi"), Expect(expect="Yes?"), Click(click="No")]


@pytest.mark.parametrize("wrong", [[], {}, [{"shout": "Hi"}], [{"say": ""}], [{"say": "a", "expect": "b"}]])
def test_anything_else_is_refused_by_the_name_of_the_file(tmp_path: Path, wrong: object) -> None:
    with pytest.raises(TalkError, match=r"^a\.b\.talk\.json: "):
        read_talk(write(tmp_path, "a.b.talk.json", wrong))


def test_a_flows_first_conversation_is_the_first_by_name(tmp_path: Path) -> None:
    for name in ("flow.b.talk.json", "flow.a.talk.json", "other.a.talk.json"):
        write(tmp_path, name, [])
    assert first_talk(tmp_path / "flow.json") == tmp_path / "flow.a.talk.json"
    with pytest.raises(TalkError, match=r"no none\.<scenario>\.talk\.json beside"):
        first_talk(tmp_path / "none.json")
