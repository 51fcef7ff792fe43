"""What conversation tests came to, for people."""

import json
from collections.abc import Iterator, Sequence
from difflib import ndiff, unified_diff
from itertools import islice

from dsl.model import Json
from simulator.coverage import Coverage
from simulator.suite import Case, Suite

LAST = 8
"""Lines of a failed conversation that are shown."""
COMPARED = 60
"""Lines of a value up to which each is compared with each; that takes minutes for a few hundred."""


def lines_of(tested: Sequence[Suite], *, coverage: bool) -> Iterator[str]:
    """The report, flow by flow, and the sum."""
    for one in tested:
        yield str(one.flow)
        for case in one.cases:
            yield f"  {'ok  ' if case.passed else 'FAIL'}  {case.scenario}"
            yield from (f"        {line}" for line in why(case))
        if coverage and one.coverage is not None:
            yield from (f"  {line}" for line in _covered(one.coverage))
    cases = [case for one in tested for case in one.cases]
    passed = sum(case.passed for case in cases)
    yield f"{passed} passed, {len(cases) - passed} failed"


def why(case: Case) -> Iterator[str]:
    """Why a conversation failed: the place, the difference, what was said before. Nothing if it did not."""
    if case.problem is not None:
        yield from case.problem.splitlines()
    failure, played = case.failure, case.played
    if failure is None or played is None:
        return
    yield f"{case.talk.name}:{case.number}: {failure.message}"
    if failure.expected is not None or failure.actual is not None:
        yield from difference(failure.expected, failure.actual)
    yield "the conversation until then:"
    for said in played.transcript[-LAST:]:
        yield from (f"  {said.who:>7}  {line}" for line in said.text.splitlines() or [""])


def difference(expected: Json, actual: Json) -> Iterator[str]:
    """`-` before what was expected, `+` before what came; of short values `?` points at where they differ."""
    before, after = _shown(expected), _shown(actual)
    if max(len(before), len(after)) <= COMPARED:
        lines = ndiff(before, after)
    else:
        lines = islice(unified_diff(before, after, n=1, lineterm=""), 2, None)  # without names of files
    yield from map(str.rstrip, lines)


def _shown(value: Json) -> list[str]:
    if value is None:
        return []
    if isinstance(value, str):
        return value.split("\n")
    return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True).split("\n")


def _covered(coverage: Coverage) -> Iterator[str]:
    nodes, exits = len(coverage.nodes), len(coverage.exits)
    came, left = nodes - len(coverage.missed_nodes), exits - len(coverage.missed_exits)
    yield f"coverage {coverage.percent:g} %: {came} of {nodes} nodes, {left} of {exits} exits"
    if coverage.missed_nodes:
        yield f"  no conversation comes to {', '.join(coverage.missed_nodes)}"
    if coverage.missed_exits:
        shown = (f"{node}.{exit}" for node, exit in coverage.missed_exits)
        yield f"  no conversation leaves by {', '.join(shown)}"
