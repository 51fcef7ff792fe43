"""compile_flow: any JSON document to a plan, or to what is wrong with it."""

from collections.abc import Collection, Iterable, Mapping
from itertools import chain, islice
from types import MappingProxyType

from pydantic import ValidationError

from compiler.assemble import assemble, plan_of
from compiler.bounds import bounds, crowds
from compiler.checks import flow_issues, node_issues
from compiler.conditions import pattern_issues
from compiler.connections import connection_issues
from compiler.dialects.detect import read
from compiler.dialects.reading import Reading
from compiler.drawing import Drawing, edge_issues
from compiler.endless import endless_loops
from compiler.graph import Graph, graph_of
from compiler.inside import region_issues
from compiler.kinds import Catalogue, by_type, configure
from compiler.lints.every import lints
from compiler.lower import acts, lower
from compiler.regions import Regions
from compiler.scope import scope_issues
from compiler.structure import findings, respelled, standing
from compiler.subflows import contract_issues
from compiler.texts import text_issues
from dsl.digests import plan_digest
from dsl.issues import Issue
from dsl.meanings.meaning import Severity
from dsl.model import Json, Message
from dsl.plan import Plan
from dsl.published import Published
from dsl.spec import FlowSpec

NONE: Mapping[str, Published] = MappingProxyType({})
FOUND = ("errors", "warnings")
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


def compile_flow(
    document: Json,
    catalogue: Catalogue,
    published: Mapping[str, Published] = NONE,
    connections: Collection[str] | None = None,
) -> CompilationResult:
    """Compile a flow of any dialect against the kinds of a catalogue; never raises, whatever the document.

    `published`: the flows that it may refer to, by reference (`id`, `id@version`); `references` tells which
    it asks for. `connections`: names of those there are, None where nobody can tell.
    Pointers of issues point into the document as it was sent: to a missing field where it belongs, else to
    what is there.
    """
    result = _answer(document, catalogue, published, connections)
    placed = {name: tuple(_placed(one, document) for one in getattr(result, name)) for name in FOUND}
    return result.but(**placed)


def _placed(found: Issue, document: Json) -> Issue:
    if found.code == "MISSING_FIELD":
        return found
    return found.but(pointer=standing(found.pointer, document))


def _answer(
    document: Json,
    catalogue: Catalogue,
    published: Mapping[str, Published],
    connections: Collection[str] | None,
) -> CompilationResult:
    if unreadable := list(bounds(document)):
        return _result(unreadable)
    reading = read(document, by_type(catalogue))
    if isinstance(reading, Issue):
        return _result([reading])
    if reading.issues:
        return _result(reading.issues, Reading(reading.dialect, {}))
    if found := list(crowds(reading.document)):
        return _result(found, reading)
    try:
        spec = FlowSpec.model_validate(reading.document)
    except ValidationError as error:
        return _result(islice(findings(error, reading.document, FlowSpec), MOST), reading)
    kinds, wrong = configure(spec, catalogue)
    drawing = Drawing(spec, kinds, published)
    wrong += islice(connection_issues(drawing, connections), MOST)
    return _compile(drawing, wrong, reading, catalogue)


def _compile(
    drawing: Drawing, wrong: list[Issue], reading: Reading, catalogue: Catalogue
) -> CompilationResult:
    regions, lowered = Regions(drawing), lower(drawing)
    assembled = assemble(drawing, regions, lowered, catalogue)
    acting = frozenset(id for id, steps in lowered.items() if acts(steps))
    checks: tuple[Iterable[Issue], ...] = (
        wrong,
        flow_issues(drawing, catalogue),
        edge_issues(drawing, acting),
        node_issues(drawing),
        text_issues(drawing),
        pattern_issues(drawing),
        scope_issues(drawing, regions),
        region_issues(drawing, regions, lowered),
        contract_issues(drawing),
        assembled.issues,
        endless_loops(drawing, regions, assembled.nodes, assembled.steps),
        *lints(drawing, lowered),
    )
    found = chain.from_iterable(islice(check, MOST) for check in checks)
    result = _result(found, reading).model_copy(update={"spec": drawing.spec, "graph": graph_of(drawing)})
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
