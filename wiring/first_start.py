"""What a database needs before it serves: tables of this version, and an API key."""

from pydantic import SecretStr

from store import access
from store.database import Database
from store.migrate import upgrade


async def prepare_database(dsn: str, key: SecretStr | None) -> str | None:
    """Bring the tables up to date and see to the first key; one that was made is returned, this once."""
    await upgrade(dsn)
    db = await Database.open(dsn, size=2)
    try:
        return await access.bootstrap(db, key)
    finally:
        await db.close()
