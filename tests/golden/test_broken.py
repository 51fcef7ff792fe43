"""Every way to be wrong, one file each, and the exact words that are said about it."""

import json
from functools import cache

import pytest

from compiler.compile import CompilationResult, compile_flow
from compiler.structure import at
from dsl.issues import MEANINGS
from dsl.meanings.meaning import Severity
from tests.golden.published import PUBLISHED
from tests.goldens import FOLDER, Golden
from wiring.catalog import catalogue

FILES = {path.stem: json.loads(path.read_text()) for path in sorted((FOLDER / "broken").glob("*.json"))}
MESSAGES = "broken_messages.json"
CONNECTIONS = frozenset({"crm"})
ELSEWHERE = {"TRIGGER_CONFLICT", "UNKNOWN_INBOX", "INBOX_NOT_CHECKED", "CHOICES_SHOWN_AS_TEXT"}
"""Codes found where flows are published, not compiled."""


@cache
def compiled(name: str) -> CompilationResult:
    """What the compiler says of one broken flow."""
    return compile_flow(FILES[name], catalogue(), PUBLISHED, CONNECTIONS)


def told(name: str) -> list[str]:
    """Its findings as people read them, the errors first."""
    result = compiled(name)
    return [f"{i.code} {i.pointer or '(document)'}: {i.message}" for i in (*result.errors, *result.warnings)]


def test_every_broken_flow_is_told_in_the_recorded_words(golden: Golden) -> None:
    golden.compare(MESSAGES, {name: told(name) for name in FILES})


@pytest.mark.parametrize("name", FILES)
def test_broken_flow_has_findings_and_no_plan_where_one_is_an_error(name: str) -> None:
    result = compiled(name)
    assert result.errors or result.warnings
    assert result.success is not bool(result.errors)
    assert (result.plan is None) is (result.digest is None) is bool(result.errors)


@pytest.mark.parametrize("name", FILES)
def test_every_pointer_points_into_the_document_as_it_was_sent(name: str) -> None:
    for found in (*compiled(name).errors, *compiled(name).warnings):
        absent = found.code in ("MISSING_FIELD", "INVALID_CONFIG")
        pointer = found.pointer.rpartition("/")[0] if absent else found.pointer
        assert at({"": FILES[name]}, f"/{pointer}") is not None, found


def test_every_code_has_a_broken_flow_that_shows_it() -> None:
    shown = {i.code for name in FILES for i in (*compiled(name).errors, *compiled(name).warnings)}
    assert set(MEANINGS) - shown == ELSEWHERE


def test_every_finding_has_the_severity_of_its_code_and_a_hint() -> None:
    for name in FILES:
        result = compiled(name)
        assert all(i.severity is Severity.ERROR and i.hint for i in result.errors)
        assert all(i.severity is Severity.WARNING and i.hint for i in result.warnings)
