"""docs/cli.md: every command is in it with an example, and every example is a command with its options."""

import re
import shlex
from importlib import import_module

import pytest
import typer
from typer.testing import CliRunner

from wiring.cli.app import app
from wiring.cli.expected import EXPECTED
from wiring.files import ROOT

PAGE = (ROOT / "docs" / "cli.md").read_text()
EXAMPLES = [
    shlex.split(line, comments=True)[1:]
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
]
COMMANDS = sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
PASSED_ON = {"-k"}


def test_every_command_has_an_example() -> None:
    assert sorted({example[0] for example in EXAMPLES}) == COMMANDS
    assert {"validate", "graph", "push", "publish", "tail", "play", "test-flow", "dev"} <= set(COMMANDS)


@pytest.mark.parametrize("example", EXAMPLES, ids=" ".join)
def test_every_option_of_an_example_is_one_of_its_command(example: list[str]) -> None:
    told = CliRunner().invoke(app, [example[0], "--help"], env={"COLUMNS": "200"}).stdout
    options = {word for word in example if word.startswith("-")} - PASSED_ON
    assert all(f"{option} " in told for option in options)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_error_that_is_told_in_a_line_is_one(name: str) -> None:
    module, _, error = name.rpartition(".")
    assert issubclass(getattr(import_module(module), error), Exception)
