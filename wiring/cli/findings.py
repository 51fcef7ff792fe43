"""What is wrong with a flow's file, as people and programs read it."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from dsl.issues import Issue
from dsl.meanings.meaning import Severity
from wiring.cli.source import Source


class Finding(NamedTuple):
    """An issue, and where in the file it is."""

    issue: Issue
    line: int

    def shown(self, path: Path) -> Iterator[str]:
        """As compilers say it, then what to do."""
        one = self.issue
        where = f" ({one.pointer})" if one.pointer else ""
        yield f"{path}:{self.line}: {one.severity}: {one.code}: {one.message}{where}"
        if one.hint:
            yield f"    {one.hint}"

    def document(self) -> dict[str, Any]:
        """The issue's JSON, and its line."""
        return {**self.issue.model_dump(mode="json", by_alias=True), "line": self.line}


def placed(source: Source, issues: Iterable[Issue]) -> list[Finding]:
    """The issues of a file's flow, by line."""
    found = (Finding(one, source.line(one.pointer)) for one in issues)
    return sorted(found, key=lambda one: (one.issue.severity is Severity.WARNING, one.line))


def unreadable(message: str, line: int) -> Finding:
    """The finding for a file that is no document."""
    return Finding(Issue(code="INVALID_JSON", severity=Severity.ERROR, message=message), line)


def are_errors(findings: Iterable[Finding]) -> bool:
    """Whether any of them keeps the flow from being published."""
    return any(one.issue.severity is Severity.ERROR for one in findings)


def as_json(report: Mapping[Path, list[Finding]]) -> str:
    """One entry for each file: whether it is valid, and its findings."""
    return json.dumps(
        [
            {
                "file": str(path),
                "valid": not are_errors(findings),
                "issues": [finding.document() for finding in findings],
            }
            for path, findings in report.items()
        ],
        indent=2,
        ensure_ascii=False,
    )
