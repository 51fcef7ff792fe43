"""API keys: `tmb_<prefix>_<secret>`. Only a SHA-256 is stored; 256 random bits need no slow hash."""

import hashlib
import hmac
import re
import secrets
from typing import NamedTuple

from pydantic import SecretStr
from sqlalchemy import ColumnElement, and_, func, or_, select, text
from sqlalchemy.dialects.postgresql import Insert

from store.database import Database
from store.ids import new_id
from store.tables import api_keys
from store.workspaces import add, change, rows

KEY = re.compile(r"tmb_(?P<prefix>[0-9a-z]{8,32})_(?P<secret>[A-Za-z0-9_-]{20,128})")
FORM = "tmb_<8 to 32 small letters or digits>_<20 to 128 letters, digits, - or _>"
_NOBODY = hashlib.sha256(b"").hexdigest()


class BadKeyError(ValueError):
    """A key handed to us has not the form of one; the message does not repeat it."""

    def __init__(self) -> None:
        super().__init__(f"an API key is written {FORM}")


class ApiKey(NamedTuple):
    """A key that was found valid, and the workspace that it opens."""

    workspace: str
    id: str


async def verify(db: Database, key: str) -> ApiKey | None:
    """Whose key this is; None for one that is malformed, unknown, wrong or revoked."""
    written = KEY.fullmatch(key)
    if written is None:
        return None
    # The one query that has no workspace yet: the key is what names it.
    query = select(api_keys, _stale().label("stale")).where(
        api_keys.c.prefix == written["prefix"], api_keys.c.revoked_at.is_(None)
    )
    async with db.begin() as connection:
        row = (await connection.execute(query)).one_or_none()
        # An unknown prefix costs the same comparison as a wrong secret.
        right = hmac.compare_digest(row.hash if row else _NOBODY, _digest(written["secret"]))
        if row is None or not right:
            return None
        if row.stale:
            used = change(api_keys, row.workspace_id).where(api_keys.c.id == row.id, _stale())
            await connection.execute(used.values(last_used_at=func.now()))
    return ApiKey(row.workspace_id, row.id)


async def create(db: Database, workspace: str, name: str) -> str:
    """Makes a key and returns it: it is shown this once and cannot be read again."""
    key = f"tmb_{secrets.token_hex(6)}_{secrets.token_urlsafe(32)}"
    await _put(db, workspace, name, key)
    return key


async def revoke(db: Database, workspace: str, key_id: str) -> None:
    """Ends a key; a revoked one stays revoked."""
    mine = (api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None))
    async with db.begin() as connection:
        await connection.execute(change(api_keys, workspace).where(*mine).values(revoked_at=func.now()))


async def bootstrap(db: Database, given: SecretStr | None, workspace: str = "default") -> str | None:
    """Sees to the first key: a given one is stored (returns None); without one a key is
    made, and returned this once, if the workspace has none. Raises BadKeyError."""
    if given:
        await _put(db, workspace, "bootstrap", given.get_secret_value())
        return None
    async with db.connect() as connection:
        known = await connection.scalar(rows(api_keys, workspace, func.count()))
    return None if known else await create(db, workspace, "first")


async def _put(db: Database, workspace: str, name: str, key: str) -> None:
    written = KEY.fullmatch(key)
    if written is None:
        raise BadKeyError
    made = add(
        api_keys,
        workspace,
        id=new_id(),
        prefix=written["prefix"],
        name=name,
        hash=_digest(written["secret"]),
    )
    async with db.begin() as connection:
        await connection.execute(_replacing(made))


def _replacing(made: Insert) -> Insert:
    """The same prefix again is a new secret for it; a revoked key is not brought back."""
    mine = and_(api_keys.c.workspace_id == made.excluded.workspace_id, api_keys.c.revoked_at.is_(None))
    return made.on_conflict_do_update(
        index_elements=["prefix"], set_={"hash": made.excluded.hash}, where=mine
    )


def _stale() -> ColumnElement[bool]:
    """Not used, as far as is written down, within the last minute."""
    return or_(
        api_keys.c.last_used_at.is_(None), api_keys.c.last_used_at < func.now() - text("interval '1 minute'")
    )


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
