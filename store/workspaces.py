"""The only way to a tenant's rows: every statement begins here, with its workspace already in it."""

from typing import Any

from sqlalchemy import Delete, Select, Table, Update, delete, select, update
from sqlalchemy.dialects.postgresql import Insert, insert


def rows(table: Table, workspace: str, *columns: Any) -> Select[Any]:
    """SELECT of a workspace's rows: all columns, or those given."""
    return select(*(columns or (table,))).select_from(table).where(table.c.workspace_id == workspace)


def add(table: Table, workspace: str, **values: Any) -> Insert:
    """INSERT of a row into a workspace; `.on_conflict_do_nothing()` and the like may follow."""
    return insert(table).values(workspace_id=workspace, **values)


def change(table: Table, workspace: str) -> Update:
    """UPDATE of a workspace's rows; `.where(...)` and `.values(...)` follow."""
    return update(table).where(table.c.workspace_id == workspace)


def remove(table: Table, workspace: str) -> Delete:
    """DELETE of a workspace's rows; `.where(...)` follows."""
    return delete(table).where(table.c.workspace_id == workspace)
