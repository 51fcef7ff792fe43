"""Small files that hold secrets, and the folder they live in."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def write_private(path: Path, text: str) -> None:
    """Put `text` at `path`, readable by its owner alone; a reader sees the old file or the whole new one."""
    with _draft(path, text) as draft:
        draft.replace(path)


def create_private(path: Path, text: str) -> bool:
    """The same where there is no such file yet; false, and nothing is changed, where another was faster."""
    with _draft(path, text) as draft:
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            return False
    return True


@contextlib.contextmanager
def _draft(path: Path, text: str) -> Iterator[Path]:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        yield draft
    finally:
        draft.unlink(missing_ok=True)


def open_state_dir(path: Path) -> Path:
    """Make the state folder where it is missing and give its absolute path.

    Root's may be passed through by the account which runs PostgreSQL (0711), anybody else's is closed (0700).
    A folder which is there already keeps its mode.
    """
    folder = path.expanduser().absolute()
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
    return folder
