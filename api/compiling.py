"""Compiling inside a request: beside the event loop, for a large flow takes a second."""

import asyncio
from collections.abc import Sequence
from typing import Any

from api.errors import Problem
from api.inboxes import inbox_issues
from api.parts import Parts
from compiler.compile import CompilationResult, compile_flow
from compiler.subflows import references
from dsl.issues import Issue, issue
from dsl.meanings.meaning import Severity
from dsl.model import Json
from dsl.spec import FlowSpec
from dsl.words import folded
from store.flows import Version
from store.publications import Publication
from store.references import published
from store.triggers import Trigger

MAX_INBOX = 2**31 - 1


async def compiled(parts: Parts, workspace: str, document: dict[str, Any]) -> CompilationResult:
    """What the compiler makes of a document, findings included, with the flows as they are published now."""
    asked = await asyncio.to_thread(references, document, parts.catalogue)
    known = await published(parts.db, workspace, asked)
    return await asyncio.to_thread(compile_flow, document, parts.catalogue, known, parts.connections)


async def checked(parts: Parts, workspace: str, document: dict[str, Any]) -> CompilationResult:
    """The same, and what the provider says of the trigger's inbox."""
    result = await compiled(parts, workspace, document)
    found = await inbox_issues(parts, workspace, document, result)
    errors = [one for one in found if one.severity is Severity.ERROR]
    warnings = [one for one in found if one.severity is Severity.WARNING]
    return result.but(errors=(*result.errors, *errors), warnings=(*result.warnings, *warnings))


async def runnable(
    parts: Parts, workspace: str, version: Version, *, outside: bool = False
) -> tuple[Publication, tuple[Issue, ...]]:
    """A version ready to run, and what to be warned of; 422 with every error where it has one.

    `outside`: whether the provider is asked too.
    """
    compiling = checked if outside else compiled
    result = await compiling(parts, workspace, version.document)
    if result.plan is None or result.spec is None or result.digest is None or result.errors:
        raise refusal(result.errors)
    plan = result.plan.model_dump(mode="json", by_alias=True)
    made = Publication(version.version, canonical(result.spec), result.digest, plan, _trigger(result.spec))
    return made, result.warnings


def canonical(spec: FlowSpec) -> dict[str, Json]:
    """The JSON of a flow's canonical form."""
    return spec.model_dump(mode="json", by_alias=True)


def issues_of(found: Sequence[Issue]) -> dict[str, Json]:
    """`details` of a problem: the first hundred findings, pointers into the flow that was sent."""
    return {"issues": [issue.model_dump(mode="json", by_alias=True) for issue in found[:100]]}


def refusal(errors: Sequence[Issue]) -> Problem:
    """The first error gives code and message."""
    first = errors[0]
    return Problem(422, first.code, first.message, error="CompilationError", details=issues_of(errors))


def _trigger(spec: FlowSpec) -> Trigger | None:
    asked = spec.trigger
    if asked is None:
        return None
    if asked.inbox_id is not None and not 0 < asked.inbox_id <= MAX_INBOX:
        raise refusal([issue("INVALID_VALUE", "No inbox has this id.", pointer="/trigger/inboxId")])
    return Trigger(
        asked.channel,
        asked.event,
        inbox_id=asked.inbox_id,
        keyword=keyword_of(asked.keyword),
        service_code=asked.service_code,
    )


def keyword_of(written: str | None) -> str | None:
    """A keyword as triggers are compared by it: small letters, single spaces; None for an empty one."""
    return folded(written or "") or None


def taken(flow: str) -> Problem:
    """409: a published flow has the trigger already."""
    message = f"The published flow '{flow}' has the same trigger."
    found = issue("TRIGGER_CONFLICT", message, pointer="/trigger")
    return Problem(409, found.code, found.message, details={"flow": flow, **issues_of([found])})
