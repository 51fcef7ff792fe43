"""What a database needs before it serves: tables of this version, and an API key."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from store import access
from store.database import Database
from store.migrate import upgrade
from wiring import local_key
from wiring.embedded.database import answers
from wiring.settings import SettingsError


async def prepare_database(dsn: str, key: SecretStr | None, *, another: bool = False) -> str | None:
    """Bring the tables up to date and see to the first key; one that was made is returned, this once.

    `another`: where none is given one is made, though there be keys. Raises `SettingsError` where no
    PostgreSQL answers, and `BadKeyError`.
    """
    if not await answers(dsn):
        raise SettingsError("DATABASE_URL: no PostgreSQL answers there, or not to this login")
    await upgrade(dsn)
    db = await Database.open(dsn, size=2)
    try:
        if another and key is None:
            return await access.create(db, "default", "local")
        return await access.bootstrap(db, key)
    finally:
        await db.close()


@dataclass
class FirstStart:
    """The same for several processes that start together: done once, by whichever is first."""

    dsn: SecretStr | None
    key: SecretStr | None
    folder: Path
    """The state folder, where a key that was made is kept."""
    own: bool
    """Whether the database is one of that folder, for which the kept key must be there."""
    made: str | None = field(default=None, repr=False)
    _done: bool = False
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def over(self) -> None:
        """Return when the database is prepared; `made` is then the key that was made, if one was."""
        async with self._lock:
            if self._done:
                return
            assert self.dsn, "named or made"
            another = self.own and local_key.known(self.folder) is None
            self.made = await prepare_database(self.dsn.get_secret_value(), self.key, another=another)
            if self.made:
                local_key.keep(self.folder, self.made)
            self._done = True
