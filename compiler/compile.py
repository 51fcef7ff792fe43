"""compile_flow: any JSON document to a plan, or to what is wrong with it."""

from collections.abc import Iterable
from itertools import chain, islice

from pydantic import ValidationError

from compiler.assemble import assemble, plan_of
from compiler.bounds import bounds, crowds
from compiler.checks import flow_issues, node_issues
from compiler.conditions import pattern_issues
from compiler.dialects.detect import read
from compiler.dialects.reading import Reading
from compiler.drawing import Drawing, edge_issues
from compiler.graph import Graph, endless_loops, graph_of
from compiler.kinds import Catalogue, configure
from compiler.lower import acts, lower
from compiler.scope import scope_issues
from compiler.structure import findings, respelled
from compiler.texts import text_issues
from dsl.issues import Issue, Severity
from dsl.model import Json, Message
from dsl.plan import Plan, plan_digest
from dsl.spec import FlowSpec

MOST = 200
"""Findings told of each check: who has more mends these first."""


class CompilationResult(Message):
    """What became of a document: a plan and its digest when there are no errors, and always the findings."""

    success: bool
    plan: Plan | None = None
    digest: str | None = None
    spec: FlowSpec | None = None
    dialect: str | None = None
    graph: Graph | None = None
    errors: tuple[Issue, ...] = ()
    warnings: tuple[Issue, ...] = ()


def compile_flow(document: Json, catalogue: Catalogue) -> CompilationResult:
    """Compile a flow of any dialect against the kinds of a catalogue; never raises, whatever the document.

    Pointers of issues point into the document as it was sent.
    """
    if unreadable := list(bounds(document)):
        return _result(unreadable)
    reading = read(document)
    if isinstance(reading, Issue):
        return _result([reading])
    if found := [*reading.issues, *crowds(reading.document)]:
        return _result(found, reading)
    try:
        spec = FlowSpec.model_validate(reading.document)
    except ValidationError as error:
        return _result(islice(findings(error, reading.document, FlowSpec), MOST), reading)
    return _compile(spec, reading, catalogue)


def _compile(spec: FlowSpec, reading: Reading, catalogue: Catalogue) -> CompilationResult:
    kinds, wrong = configure(spec, catalogue)
    drawing = Drawing(spec, kinds)
    lowered = lower(drawing)
    assembled = assemble(drawing, lowered, catalogue)
    acting = frozenset(id for id, steps in lowered.items() if acts(steps))
    checks: tuple[Iterable[Issue], ...] = (
        wrong,
        flow_issues(drawing, catalogue),
        edge_issues(drawing, acting),
        node_issues(drawing),
        text_issues(drawing),
        pattern_issues(drawing),
        scope_issues(drawing),
        assembled.issues,
        endless_loops(drawing, assembled.nodes, assembled.steps),
    )
    found = chain.from_iterable(islice(check, MOST) for check in checks)
    result = _result(found, reading).model_copy(update={"spec": spec, "graph": graph_of(drawing)})
    if result.errors:
        return result
    plan = plan_of(drawing, assembled)
    return result.model_copy(update={"success": True, "plan": plan, "digest": plan_digest(plan)})


def _sent(found: Issue, reading: Reading) -> Issue:
    pointer = reading.sent(respelled(found.pointer, reading.document))
    return found.model_copy(update={"pointer": pointer})


def _result(found: Iterable[Issue], reading: Reading | None = None) -> CompilationResult:
    """Findings, each once, with pointers into what was sent."""
    issues = dict.fromkeys(_sent(one, reading) if reading else one for one in found)
    return CompilationResult(
        success=False,
        dialect=reading.dialect if reading else None,
        errors=tuple(one for one in issues if one.severity is Severity.ERROR),
        warnings=tuple(one for one in issues if one.severity is Severity.WARNING),
    )
