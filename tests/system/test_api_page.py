"""docs/api.md against a running `tembea dev`: every curl line is run, and answers what the page says."""

import asyncio
import re
from typing import Any

import orjson
import pytest

from tests.servers import scratch_state_dir
from tests.system.local import Dev, running_dev
from tests.system.page import Step, differences, named_tests, steps_of
from wiring.files import ROOT

PAGE = (ROOT / "docs" / "api.md").read_text()
WRITTEN_FOR = "http://localhost:3000"
SECONDS = 30


async def run(dev: Dev, line: str, known: dict[str, str]) -> tuple[int, Any]:
    """Status and body of one curl line, as a shell runs it."""
    shell = await asyncio.create_subprocess_shell(
        line.replace(WRITTEN_FOR, dev.url("api")) + r" -sS -w '\n%{http_code}'",
        cwd=ROOT,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", **known},
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await shell.communicate()
    body, _, status = out.decode().rpartition("\n")
    return int(status), orjson.loads(body) if body else None


async def found_wanting(dev: Dev, step: Step, known: dict[str, str]) -> list[str]:
    """What of the answer is not as the page says; what it calls ids is known from then on."""
    status, answer = await run(dev, step.line, known)
    if status != step.status:
        return [f"{status}: {answer}"]
    wrong = list(differences(step.answer, answer))
    if not wrong and isinstance(answer, dict):
        known |= learned(step.line, answer, known)
    return wrong


def learned(line: str, answer: dict[str, Any], known: dict[str, str]) -> dict[str, str]:
    """`$FLOW_ID` of the first flow that was made, `$EXECUTION_ID` and `$SESSION_ID` of the newest."""
    if "-X POST" in line and line.split()[3].endswith("/flows"):
        return {"FLOW_ID": known.get("FLOW_ID", answer.get("id", ""))}
    if "-X POST" in line and line.split()[3].endswith("/sessions"):
        return {"SESSION_ID": answer["id"]}
    if "/execute" in line and "code" not in answer:
        return {"EXECUTION_ID": answer.get("executionId") or answer["id"]}
    return {}


@pytest.mark.real
@pytest.mark.timeout(300)
async def test_every_curl_line_of_the_page_answers_what_the_page_says() -> None:
    steps = steps_of(PAGE)
    assert len(steps) == PAGE.count("\ncurl ") > 30
    with scratch_state_dir() as folder:
        async with running_dev(folder) as dev:
            known = {"TEMBEA_API_KEY": dev.first_key}
            for step in steps:
                await answered(dev, step, known)


async def answered(dev: Dev, step: Step, known: dict[str, str]) -> None:
    wrong = await found_wanting(dev, step, known)
    if step.soon:
        async with asyncio.timeout(SECONDS):
            while wrong:
                await asyncio.sleep(0.1)
                wrong = await found_wanting(dev, step, known)
    assert wrong == [], step.line


def test_the_tests_that_the_page_names_are_there() -> None:
    sources = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    written = set(re.findall(r"def (test_[a-z0-9_]+)\(", sources))
    assert len(named_tests(PAGE)) > 30
    assert named_tests(PAGE) - written == set()


def test_every_section_names_its_tests() -> None:
    sections = re.split(r"\n##+ ", PAGE)
    assert [part.splitlines()[0] for part in sections if "```sh" in part and "\nTests: " not in part] == []


@pytest.mark.parametrize(
    ("said", "actual"),
    [
        ({"a": 1}, {"a": 2}), ({"a": 1}, {"a": 1, "b": 2}), ({"a": 1, "…": "…"}, {"b": 2}), ([1, "…"], []),
        ([1], [1, 2]), ({"a": [{"b": "x"}]}, {"a": [{"b": "y"}]}), (None, {}),
        ("2026-01-17T09:30:00Z", "now"),
    ],
)  # fmt: skip
def test_a_difference_is_seen(said: Any, actual: Any) -> None:
    assert list(differences(said, actual))
