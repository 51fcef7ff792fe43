"""Conversations as files."""

import json
from pathlib import Path

import pytest

from simulator.lines import Advance, Click, Desk, Expect, ExpectExit, ExpectVariables, Mock, Say
from simulator.mocks import Mocked
from simulator.talks import TalkError, first_talk, read_flow, read_placed, read_talk, scenario_of


def write(folder: Path, name: str, talk: object) -> Path:
    path = folder / name
    path.write_text(json.dumps(talk))
    return path


def test_a_file_is_a_list_of_what_is_said_clicked_and_expected(tmp_path: Path) -> None:
    path = write(tmp_path, "a.b.talk.json", [{"say": "Hi"}, {"expect": "Yes?"}, {"click": "No"}])
    assert read_talk(path) == [Say(say="Hi"), Expect(expect="Yes?"), Click(click="No")]


@pytest.mark.parametrize("wrong", [[], {}, [{"shout": "Hi"}], [{"say": ""}], [{"say": "a", "expect": "b"}]])
def test_anything_else_is_refused_by_the_name_of_the_file_and_the_line(tmp_path: Path, wrong: object) -> None:
    with pytest.raises(TalkError, match=r"^a\.b\.talk\.json:1: "):
        read_talk(write(tmp_path, "a.b.talk.json", wrong))


def test_a_flows_first_conversation_is_the_first_by_name(tmp_path: Path) -> None:
    for name in ("flow.b.talk.json", "flow.a.talk.json", "other.a.talk.json"):
        write(tmp_path, name, [])
    assert first_talk(tmp_path / "flow.json") == tmp_path / "flow.a.talk.json"
    with pytest.raises(TalkError, match=r"no none\.<scenario>\.talk\.json beside"):
        first_talk(tmp_path / "none.json")


def test_every_kind_of_line_is_read(tmp_path: Path) -> None:
    lines = [
        {"advance": "3d"},
        {"desk": "resolved"},
        {"mock": {"ask": {"exit": "failure", "takes": "5s"}, "other": [1]}},
        {"expectVariables": {"a.b": 1}},
        {"expectExit": "completed"},
        {"expectExit": {"ask": "answer"}},
    ]
    assert read_talk(write(tmp_path, "a.b.talk.json", lines)) == [
        Advance(advance=259_200),
        Desk(desk="resolved"),
        Mock(mock={"ask": Mocked(exit="failure", takes=5), "other": [1]}),
        ExpectVariables(expect_variables={"a.b": 1}),
        ExpectExit(expect_exit="completed"),
        ExpectExit(expect_exit={"ask": "answer"}),
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('[\n {"say": "Hi"},\n {"shout": "Hi"}\n]', "3: a line is one of say, click, desk, expect, advance"),
        ('[\n {"say": "Hi",\n  "expect": "b"}]', "2: expect: Extra inputs are not permitted"),
        ('[{"say": "Hi"},\n {"advance": "3 days"}]', "2: advance: .*a duration is written like"),
        ('[{"mock": {"a": {"exit": "x", "valeu": 1}}}]', "1: mock/a/outcome/valeu: Extra inputs"),
        ('[{"say": "Hi"},\n]', "2: Expecting value"),
        ('[{"say": "Hi"}\n', "2: expected , or ]"),
        ('[{"say": "Hi"}] x', "1: something follows the list"),
        ('{"say": "Hi"}', "1: a conversation is a list of lines"),
        ("[" * 100_000, " it is nested too deep"),
        ("[" + ",".join(['{"say": "a"}'] * 501) + "]", "1: there are more than 500 lines"),
        (" " * 1_100_000, " it is larger than"),
        ("[" + "é" * 600_000, " it is larger than"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "a.b.talk.json"
    path.write_text(text)
    with pytest.raises(TalkError, match=rf"^a\.b\.talk\.json:{complaint}"):
        read_talk(path)


def test_a_line_knows_where_in_its_file_it_begins(tmp_path: Path) -> None:
    path = tmp_path / "a.b.talk.json"
    path.write_text('\n[{"say": "a"}, {"say": "b"},\n{\n"say": "c"},\n{"say": "d"}]\n')
    assert [placed.number for placed in read_placed(path)] == [2, 2, 3, 5]


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.b.talk.json"
    path.write_bytes(b'[{"say": "\xff"}]')
    with pytest.raises(TalkError, match="not UTF-8"):
        read_talk(path)


def test_the_name_of_a_file_tells_flow_and_scenario(tmp_path: Path) -> None:
    assert scenario_of(tmp_path / "a.v2.happy.talk.json") == (tmp_path / "a.v2.json", "happy")
    for name in ("happy.talk.json", ".talk.json", "a.b.json"):
        with pytest.raises(TalkError, match="is named <flow>"):
            scenario_of(tmp_path / name)


@pytest.mark.parametrize(("text", "complaint"), [("{", "is not JSON"), ("[]", "is not a flow")])
def test_a_file_that_is_no_flow_is_told(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "flow.json").write_text(text)
    with pytest.raises(TalkError, match=complaint):
        read_flow(tmp_path / "flow.json")
    with pytest.raises(TalkError, match="cannot be read"):
        read_flow(tmp_path / "none.json")
