"""What a database needs before it serves: tables of this version, and an API key."""

import asyncio
from dataclasses import dataclass, field

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


@dataclass
class FirstStart:
    """The same for several processes that start together: done once, by whichever is first."""

    dsn: SecretStr
    key: SecretStr | None
    made: str | None = field(default=None, repr=False)
    _done: bool = False
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def over(self) -> None:
        """Return when the database is prepared; `made` is then the key that was made, if one was."""
        async with self._lock:
            if not self._done:
                self.made = await prepare_database(self.dsn.get_secret_value(), self.key)
                self._done = True
