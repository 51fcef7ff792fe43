"""The first start: which key there is, and where the command line of this machine finds it."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from store import access
from store.database import Database
from wiring import local_key
from wiring.embedded.database import create_database
from wiring.embedded.postgres import Postgres
from wiring.first_start import FirstStart

pytestmark = pytest.mark.real

GIVEN = "tmb_0123456789ab_the-key-of-somebodys-own-choice"


@pytest.fixture
async def dsn(postgres: Postgres, request: pytest.FixtureRequest) -> str:
    """An empty database of the test's own."""
    return await create_database(postgres.dsn, f"first_{abs(hash(request.node.name)) % 10**8}")


async def started(dsn: str, folder: Path, key: str | None = None, *, own: bool = True) -> FirstStart:
    """The start of processes on a folder, done."""
    first = FirstStart(SecretStr(dsn), SecretStr(key) if key else None, folder, own)
    await first.over()
    return first


async def opens(dsn: str, key: str | None) -> bool:
    """Whether a key is taken."""
    db = await Database.open(dsn, size=2)
    try:
        return await access.verify(db, key or "") is not None
    finally:
        await db.close()


async def test_the_key_that_is_made_is_kept_for_its_owner_alone_and_made_once(
    dsn: str, tmp_path: Path
) -> None:
    first, second = await started(dsn, tmp_path), await started(dsn, tmp_path)
    assert (local_key.known(tmp_path), second.made) == (first.made, None)
    assert await opens(dsn, first.made)
    assert (tmp_path / local_key.FILE).stat().st_mode & 0o777 == 0o600


async def test_a_demo_with_a_key_of_its_own_leaves_the_first_key_to_be_made(dsn: str, tmp_path: Path) -> None:
    demo = await started(dsn, tmp_path, GIVEN)
    assert (demo.made, local_key.known(tmp_path)) == (None, None)
    dev = await started(dsn, tmp_path)
    assert dev.made
    assert await opens(dsn, dev.made)


async def test_a_database_of_others_gets_no_further_key(dsn: str, tmp_path: Path) -> None:
    await started(dsn, tmp_path, GIVEN)
    other = await started(dsn, tmp_path, own=False)
    assert (other.made, local_key.known(tmp_path)) == (None, None)


async def test_a_key_is_in_no_repr(dsn: str, tmp_path: Path) -> None:
    first = await started(dsn, tmp_path)
    assert first.made
    assert first.made not in repr(first)
