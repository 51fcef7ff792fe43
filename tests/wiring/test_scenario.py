"""Conversations as files, and how they are played."""

import pytest

from simulator.lines import (
    Advance,
    Channel,
    Click,
    Desk,
    Dial,
    Expect,
    ExpectExit,
    ExpectVariables,
    HangUp,
    Line,
    Mock,
    Press,
    Report,
    Reported,
    Say,
)
from simulator.talks import TalkError
from wiring.scenario import play


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


class Book:
    """A record that knows more each time it is looked at."""

    def __init__(self, *variables: dict[str, object]) -> None:
        self._pages = list(variables)

    async def variables(self) -> dict[str, object]:
        return self._pages.pop(0) if len(self._pages) > 1 else self._pages[0]

    async def exits(self) -> dict[str, str]:
        return {"ask": "timeout"}

    async def reason(self) -> str:
        return "completed"


async def recorded(line: Line) -> None:
    book = Book({}, {"a": {"b": 1}})
    await play([line], Person({}), lambda who, text: None, record=book, patience=0.2)


@pytest.mark.parametrize(
    "line",
    [
        ExpectVariables(expect_variables={"a.b": 1}),
        ExpectExit(expect_exit={"ask": "timeout"}),
        ExpectExit(expect_exit="completed"),
        Mock(mock={"anything": 1}),
        Advance(advance=0),
    ],
)
async def test_the_record_is_read_until_it_says_so(line: Line) -> None:
    await recorded(line)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (ExpectVariables(expect_variables={"a.b": True}), "waited 0.2 s for .*a.b"),
        (ExpectExit(expect_exit={"ask": "answer"}), "waited"),
        (ExpectExit(expect_exit="failed"), "waited"),
        (Advance(advance=1), "1 s are to pass: that takes `tembea test-flow`"),
        (Desk(desk="resolved"), "nobody is at the desk here"),
    ],
)
async def test_what_does_not_come_so_in_real_time_is_told(line: Line, complaint: str) -> None:
    with pytest.raises(TalkError, match=complaint):
        await recorded(line)


class Owner(Person):
    """The same with a phone, on which a prompt comes after a while."""

    async def dial(self, dialled: str) -> None:
        await self.say(f"dials {dialled}")

    async def hang_up(self) -> None:
        await self.say("hangs up")

    async def report(self, status: str) -> None:
        self._wait()
        await self.say(status)


PAID = Report(report=Reported(node="pay", status="paid"))


async def test_with_a_phone_people_dial_press_and_pay() -> None:
    owner = Owner({"dials *1#": ["Which?"], "paid": ["Thanks."]}, slow=2)
    lines: list[Line] = [
        *(Channel(channel="ussd"), Dial(dial="*1#"), Press(press="1"), HangUp(hang_up=True)),
        *(PAID, Expect(expect="Which?"), Expect(expect="Thanks.")),
    ]
    told = await played(lines, owner)
    assert owner.done == ["dials *1#", "1", "hangs up", "paid"]
    assert [text for who, text in told if who == "contact"] == [
        *("(dials *1#)", "1", "(hangs up)", "(pay: paid)")
    ]


@pytest.mark.parametrize("line", [Dial(dial="*1#"), HangUp(hang_up=True), PAID])
async def test_in_a_chat_nobody_has_a_phone(line: Line) -> None:
    with pytest.raises(TalkError, match="that takes a phone, and this is a chat"):
        await played([line], Person({}))


async def test_what_never_happens_on_the_phone_is_not_waited_for_forever() -> None:
    with pytest.raises(TalkError, match=r"waited 0\.2 s for something that 'pay' waits for"):
        await played([PAID], Owner({}, slow=1_000))


async def test_without_a_record_nothing_can_be_compared() -> None:
    with pytest.raises(TalkError, match="nothing is recorded here"):
        await played([ExpectExit(expect_exit="completed")], Person({}))
