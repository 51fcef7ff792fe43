"""`tembea validate`: what the compiler thinks of flow files, line by line."""

import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from simulator.flows import Flows
from simulator.talks import ENDING, TalkError
from wiring.catalog import catalogue
from wiring.cli.findings import Finding, are_errors, as_json, placed, unreadable
from wiring.cli.source import SourceError, read_source
from wiring.talk import Talk


def run(files: Sequence[Path], *, json: bool) -> None:
    """Tell the findings of each file; raises `typer.Exit` (1) where one has errors."""
    flows = Flows(catalogue())
    report = {path: examine(flows, path) for path in files if not path.name.endswith(ENDING)}
    if json:
        sys.stdout.write(as_json(report) + "\n")
    else:
        _show(report)
    if any(map(are_errors, report.values())):
        raise typer.Exit(1)


def examine(flows: Flows, path: Path) -> list[Finding]:
    """The findings of a file; flows beside it count as published."""
    try:
        source = read_source(path)
        result = flows.compiled(path).result
    except SourceError as error:
        return [unreadable(str(error), error.line)]
    except TalkError as error:  # of a flow beside it
        return [unreadable(str(error), 1)]
    return placed(source, (*result.errors, *result.warnings))


def _show(report: dict[Path, list[Finding]]) -> None:
    talk = Talk()
    for path, findings in report.items():
        for finding in findings:
            sys.stdout.write("\n".join(finding.shown(path)) + "\n")
        errors = sum(are_errors([finding]) for finding in findings)
        warnings = len(findings) - errors
        talk.say(f"{path}: {'good' if not findings else f'{errors} errors, {warnings} warnings'}")
