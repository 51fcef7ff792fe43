"""`tembea validate` and `tembea graph`: flow files, without any server."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from wiring.cli.app import app, main
from wiring.cli.changes import changes
from wiring.files import ROOT

EXAMPLES = [
    str(path) for path in sorted(ROOT.glob("examples/*/*.json")) if not path.name.endswith(".talk.json")
]
LEAD = ROOT / "examples" / "lead_capture" / "lead_capture.json"
WRONG = """\
{"id": "wrong", "name": "Wrong", "settings": {"sessionTtl": "1h"},
 "nodes": [
  {"id": "start", "type": "start"},
  {"id": "hello", "type": "message", "config": {"text": "Hi {{nobody}}"}},
  {"id": "lost", "type": "end"}
 ],
 "edges": [
  {"from": "start", "to": "hello"},
  {"from": "hello", "to": "nowhere"}
 ]}
"""


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """A flow with two errors and a warning."""
    path = tmp_path / "wrong.json"
    path.write_text(WRONG)
    return path


def test_the_examples_are_good() -> None:
    done = CliRunner().invoke(app, ["validate", *EXAMPLES])
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr.count(": good") == len(EXAMPLES) >= 5


def test_conversation_tests_are_no_flows_and_are_passed_over() -> None:
    talks = [str(path) for path in ROOT.glob("examples/*/*.talk.json")]
    done = CliRunner().invoke(app, ["validate", *talks])
    assert (done.exit_code, done.output) == (0, "")


def test_errors_come_with_their_line_and_how_to_mend_them(wrong: Path) -> None:
    done = CliRunner().invoke(app, ["validate", str(wrong)])
    told = done.stdout.splitlines()
    assert done.exit_code == 1
    assert f"{wrong}:4: error: UNKNOWN_VARIABLE: Nothing sets 'nobody'. (/nodes/1/config/text)" in told
    assert any(line.startswith(f"{wrong}:9: error: MISSING_NODE: ") for line in told)
    assert any(line.startswith(f"{wrong}:5: warning: UNUSED_NODE: ") for line in told)
    assert sum(line.startswith("    ") for line in told) == 3, "a hint below each"
    assert done.stderr.strip().endswith("2 errors, 1 warnings")


def test_warnings_alone_are_no_failure(wrong: Path) -> None:
    wrong.write_text(WRONG.replace("{{nobody}}", "there").replace("nowhere", "start"))
    document = json.loads(wrong.read_text())
    document["nodes"].append({"id": "end", "type": "end"})
    document["edges"][-1]["to"] = "end"
    wrong.write_text(json.dumps(document))
    done = CliRunner().invoke(app, ["validate", str(wrong)])
    assert done.exit_code == 0
    assert "warning: UNUSED_NODE" in done.stdout


def test_findings_are_json_for_programs(wrong: Path) -> None:
    broken = wrong.with_name("broken.json")
    broken.write_text('{\n"id": }')
    done = CliRunner().invoke(app, ["validate", "--json", str(wrong), str(LEAD), str(broken)])
    first, second, third = json.loads(done.stdout)
    assert (done.exit_code, done.stderr) == (1, "")
    assert (first["valid"], second["valid"], third["valid"]) == (False, True, False)
    assert second == {"file": str(LEAD), "valid": True, "issues": []}
    issue = first["issues"][0]
    assert (issue["code"], issue["pointer"], issue["line"]) == ("UNKNOWN_VARIABLE", "/nodes/1/config/text", 4)
    assert issue["hint"]
    assert [(one["code"], one["line"]) for one in third["issues"]] == [("INVALID_JSON", 2)]


def test_a_flow_is_drawn_to_standard_output_or_by_the_ending_of_a_file(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["graph", str(LEAD)])
    assert done.stdout.startswith("flowchart TD\n")
    assert done.stdout == (ROOT / "tests/golden/drawings/lead_capture.mmd").read_text()
    out = tmp_path / "lead.svg"
    done = CliRunner().invoke(app, ["graph", str(LEAD), "--out", str(out)])
    assert (done.exit_code, done.stdout) == (0, "")
    assert out.read_text() == LEAD.with_suffix(".svg").read_text()


def test_a_drawing_has_the_format_that_was_asked_for() -> None:
    svg = CliRunner().invoke(app, ["graph", str(LEAD), "--format", "svg"]).stdout
    assert ElementTree.fromstring(svg).tag.endswith("svg")
    told = json.loads(CliRunner().invoke(app, ["graph", str(LEAD), "--format", "json"]).stdout)
    assert told["start"] == "start-1"
    assert CliRunner().invoke(app, ["graph", str(LEAD), "--format", "png"]).exit_code == 2


def test_a_flow_with_errors_is_drawn_with_its_errors(wrong: Path) -> None:
    done = CliRunner().invoke(app, ["graph", str(wrong), "--format", "svg"])
    assert done.exit_code == 0
    assert 'class="node wrong" data-node="hello"' in done.stdout


@pytest.mark.parametrize("text", ["{", '{"nodes": 7}', "[]"])
def test_what_cannot_be_drawn_is_one_line(
    wrong: Path, text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong.write_text(text)
    monkeypatch.setattr("sys.argv", ["tembea", "graph", str(wrong)])
    with pytest.raises(SystemExit) as ended:
        main()
    out, talk = capsys.readouterr()
    assert (ended.value.code, out) == (1, "")
    assert talk.startswith("tembea: ")
    assert "Traceback" not in talk


@pytest.mark.parametrize(
    ("after", "told"),
    [
        ({}, []),
        ({"name": "New"}, ["changed: name"]),
        ({"nodes": [{"id": "a"}, {"id": "b", "x": 2}]}, ["nodes: 1 changed (b)"]),
        ({"nodes": [{"id": "c"}]}, ["nodes: 1 added (c), 2 removed (a, b)"]),
        ({"edges": []}, ["edges: 1 removed"]),
        ({"edges": [{"to": "b", "from": "a"}, {"from": "a", "to": "c"}]}, ["edges: 1 added"]),
        ({"nodes": {"a": {"id": "a"}, "b": {"id": "b", "x": 1}}}, []),
        ({"nodes": [{"id": str(n)} for n in range(7)]}, None),
    ],
)
def test_what_has_changed_is_told_in_a_few_words(after: dict[str, Any], told: list[str] | None) -> None:
    before = {"name": "Old", "nodes": [{"id": "a"}, {"id": "b", "x": 1}], "edges": [{"from": "a", "to": "b"}]}
    found = changes(before, {**before, **after})
    if told is None:
        assert found == ["nodes: 7 added (0, 1, 2, 3, 4, …), 2 removed (a, b)"]
    else:
        assert found == told
