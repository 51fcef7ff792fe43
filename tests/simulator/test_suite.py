"""Conversation tests of files: found, played, reported."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest

from simulator.flows import Flows
from simulator.junit import junit
from simulator.report import difference, lines_of
from simulator.suite import Suite, failures, found, run
from simulator.talks import TalkError
from tests.simulator.flows import ASK, END, flow, node
from wiring.catalog import catalogue
from wiring.files import ROOT

AGE = flow(
    [ASK, node("told", "message", text="{{age}} it is."), node("late", "message", text="Never mind."), END],
    [("ask", "answer", "told"), ("ask", "timeout", "late"), ("told", "end"), ("late", "end")],
)
ANSWERED = [{"say": "Hi"}, {"expect": "How old are you?"}, {"say": "12"}, {"expect": "12 it is."}]


def write(path: Path, content: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1))
    return path


async def tested(*paths: Path) -> list[Suite]:
    flows = Flows(catalogue())
    return [await run(flow, talks, flows, catalogue()) for flow, talks in found(paths).items()]


def test_conversations_are_found_in_folders_beside_flows_and_by_name(tmp_path: Path) -> None:
    one = write(tmp_path / "a" / "one.happy.talk.json", ANSWERED)
    sad = write(tmp_path / "a" / "one.sad.talk.json", ANSWERED)
    two = write(tmp_path / "b" / "two.happy.talk.json", ANSWERED)
    first, second = tmp_path / "a" / "one.json", tmp_path / "b" / "two.json"
    write(first, AGE)
    assert found([tmp_path]) == {first: [one, sad], second: [two]}
    assert found([first]) == {first: [one, sad]}
    assert found([sad, tmp_path]) == {first: [sad, one], second: [two]}


@pytest.mark.parametrize("path", ["empty", "none.json", "alone.json"])
def test_a_path_without_conversations_is_told(tmp_path: Path, path: str) -> None:
    (tmp_path / "empty").mkdir()
    write(tmp_path / "alone.json", AGE)
    with pytest.raises(TalkError, match="there is no"):
        found([tmp_path / path])


async def test_a_report_tells_what_went_how_and_where(tmp_path: Path) -> None:
    write(tmp_path / "age.json", AGE)
    write(tmp_path / "age.happy.talk.json", ANSWERED)
    write(tmp_path / "age.wrong.talk.json", [*ANSWERED[:3], {"expect": "It is 12."}])
    report = list(lines_of(await tested(tmp_path), coverage=True))
    assert report[:3] == [f"{tmp_path / 'age.json'}", "  ok    happy", "  FAIL  wrong"]
    shown = [line.strip() for line in report[3:]]
    assert shown[0] == "age.wrong.talk.json:11: the bot said something else"
    assert {"- It is 12.", "+ 12 it is."} <= set(shown)
    assert shown[shown.index("the conversation until then:") + 1 :][:2] == [
        "contact  Hi",
        "bot  How old are you?",
    ]
    assert shown[-4:] == [
        "coverage 70 %: 4 of 5 nodes, 3 of 5 exits",
        "no conversation comes to late",
        "no conversation leaves by ask.timeout, late.next",
        "1 passed, 1 failed",
    ]


async def test_all_of_a_flow_is_covered_by_all_its_conversations_together(tmp_path: Path) -> None:
    write(tmp_path / "age.json", AGE)
    write(tmp_path / "age.happy.talk.json", ANSWERED)
    write(tmp_path / "age.late.talk.json", [{"say": "Hi"}, {"advance": "1h"}, {"expectExit": "completed"}])
    [one] = await tested(tmp_path)
    assert one.coverage
    assert (one.coverage.percent, list(failures([one]))) == (100.0, [])


async def test_what_cannot_be_played_is_an_error_and_the_rest_goes_on(tmp_path: Path) -> None:
    write(tmp_path / "age.json", AGE)
    write(tmp_path / "age.bad.talk.json", [{"shout": "Hi"}])
    write(tmp_path / "age.good.talk.json", ANSWERED)
    write(tmp_path / "gone.one.talk.json", ANSWERED)
    write(tmp_path / "broken.json", {**AGE, "edges": []})
    write(tmp_path / "broken.one.talk.json", ANSWERED)
    everything = await tested(tmp_path)
    problems = {case.talk.name: case.problem or "" for one in everything for case in one.cases}
    assert problems["age.bad.talk.json"].startswith("age.bad.talk.json:2: a line is one of")
    assert "the flow does not compile:" in problems["broken.one.talk.json"]
    assert "cannot be read" in problems["gone.one.talk.json"]
    assert problems["age.good.talk.json"] == ""
    assert len(list(failures(everything))) == 3


async def test_a_junit_report_is_well_formed_whatever_was_said(tmp_path: Path) -> None:
    write(tmp_path / "age.json", AGE)
    nasty = "<b>&\x00\x1b\U0001f600]]>\n"
    write(tmp_path / "age.nasty.talk.json", [{"say": nasty}, {"expect": nasty}])
    write(tmp_path / "age.bad.talk.json", [{"shout": "Hi"}])
    write(tmp_path / "age.happy.talk.json", ANSWERED)
    root = fromstring(junit(await tested(tmp_path)))
    assert {name: root.get(name) for name in ("tests", "failures", "errors")} == {
        "tests": "3",
        "failures": "1",
        "errors": "1",
    }
    [suite] = root.findall("testsuite")
    assert [case.get("name") for case in suite] == ["bad", "happy", "nasty"]
    assert [[problem.tag for problem in case] for case in suite] == [["error"], [], ["failure"]]
    text = suite[2][0].text or ""
    assert "<b>&" in text
    assert "\U0001f600]]>" in text


async def test_a_flow_walks_the_flows_beside_it(tmp_path: Path) -> None:
    inner = {**AGE, "id": "inner", "settings": {"outputs": {"age": {"type": "integer"}}}}
    inner["nodes"] = [*AGE["nodes"][:-1], node("end", "end", outputs={"age": "{{age | default:0}}"})]
    outer = flow(
        [
            node("sub", "subflow", flow="inner@3", outputs={"years": "age"}),
            node("hi", "message", text="{{years}}"),
            END,
        ],
        [("sub", "hi"), ("hi", "end")],
    )
    write(tmp_path / "inner.json", inner)
    write(tmp_path / "outer.json", outer)
    write(
        tmp_path / "outer.both.talk.json",
        [*ANSWERED, {"expect": "12"}, {"expectExit": {"sub": "done", "sub/ask": "answer"}}],
    )
    [one] = await tested(tmp_path / "outer.json")
    assert [case.failure or case.problem for case in one.cases] == [None]


async def test_flows_that_walk_each_other_are_told(tmp_path: Path) -> None:
    for name, other in (("one", "two"), ("two", "one")):
        document = flow([node("sub", "subflow", flow=other), END], [("sub", "end")])
        write(tmp_path / f"{name}.json", {**document, "id": name})
    write(tmp_path / "one.talk.talk.json", ANSWERED)
    [found] = await tested(tmp_path)
    assert found.cases[0].problem == "one.json comes back to itself by its subflows"


async def test_flows_that_share_flows_below_them_are_each_looked_at_once(tmp_path: Path) -> None:
    """Each of a level walks all of the next: 6 to the power of 12 ways, which nobody could count."""
    levels = [[f"f{level}-{number}" for number in range(6)] for level in range(12)]
    for ids, below in pairwise([*levels, []]):
        for id in ids:
            subs = [node(f"s{number}", "subflow", flow=flow_id) for number, flow_id in enumerate(below)]
            nodes = [*subs, node("say", "message", text=id), END]
            document = flow(nodes, list(pairwise(one["id"] for one in nodes)))
            write(tmp_path / f"{id}.json", {**document, "id": id})
    write(
        tmp_path / "top.json", {**flow([node("s", "subflow", flow="f0-0"), END], [("s", "end")]), "id": "top"}
    )
    compiled = Flows(catalogue()).compiled(tmp_path / "top.json")
    assert len(compiled.plans) == 67
    assert len(compiled.files) == 68


def test_long_values_are_compared_in_one_look() -> None:
    before = [f"{number} of the list" for number in range(2_000)]
    after = [f"{number}, on the list" for number in range(2_000)]
    shown = list(difference("\n".join([*before, "same"]), "\n".join([*after, "same"])))
    assert (shown[1], shown[-2], shown[-1]) == ("-0 of the list", "+1999, on the list", " same")


async def test_the_conversations_of_all_examples_go_as_they_say() -> None:
    everything = await tested(ROOT / "examples")
    assert len(everything) >= 5
    assert list(lines_of([one for one in everything if any(failures([one]))], coverage=False)) == [
        "0 passed, 0 failed"
    ]
