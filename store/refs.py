"""What people write in place of an id, and where they are in a list."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, tuple_

Place = tuple[datetime, str]
"""When a row was made, and its id."""


def as_id(ref: str) -> str | None:
    """The id that a text spells, in the one form that columns hold; None when it spells none."""
    try:
        return str(UUID(ref)) if len(ref) <= 45 else None
    except ValueError:
        return None


def older(table: Table, place: Place) -> ColumnElement[bool]:
    """Rows that come after a place in a list, newest first."""
    columns = (table.c.created_at, table.c.id)
    return tuple_(*columns) < tuple_(*place, types=[column.type for column in columns])


def newest_first(table: Table) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """The order of such a list: ids make it total."""
    return table.c.created_at.desc(), table.c.id.desc()
