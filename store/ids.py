"""Ids, made here and not in the database."""

import uuid_utils


def new_id() -> str:
    """A UUIDv7 as text: sorts by the time it was made."""
    return str(uuid_utils.uuid7())
