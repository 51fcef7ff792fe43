"""Temporal on PostgreSQL: its tables without an extension, and what is said where it cannot be had."""

import os
from pathlib import Path

import pytest

from bench.cluster.binaries import find
from bench.cluster.tables import without_extension
from wiring.embedded.errors import EmbeddedError
from wiring.talk import QUIET

WRITTEN = """
CREATE EXTENSION IF NOT EXISTS btree_gin;
CREATE INDEX by_type ON executions_visibility (namespace_id, workflow_type_name);
CREATE INDEX by_text ON executions_visibility USING GIN (namespace_id, Text01);
"""
READ = """

CREATE INDEX by_type ON executions_visibility (namespace_id, workflow_type_name);
CREATE INDEX by_text ON executions_visibility USING GIN (Text01);
"""


def test_the_schema_asks_for_no_extension() -> None:
    assert without_extension(WRITTEN) == READ


async def test_without_go_and_without_an_earlier_build_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    with pytest.raises(EmbeddedError, match="built by Go, which is not here"):
        await find(QUIET, tmp_path)
