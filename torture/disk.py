"""A small disk of PostgreSQL's own, which can be filled to the last byte and freed."""

import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from store.ids import new_id
from wiring.embedded.place import FILE, Memory
from wiring.files import write_private

SIZE = 4 * 1024**3
"""Bytes; the file that holds the disk is sparse: it takes what is written."""
CHUNK = 64 * 1024**2


@dataclass(frozen=True)
class Disk:
    """A mounted file system."""

    folder: Path

    def fill(self) -> None:
        """Leave no byte to anybody."""
        size = CHUNK
        with (self.folder / "filler").open("ab") as file:
            while size >= 1:
                size = size if _taken(file.fileno(), size) else size // 8

    def free(self) -> None:
        """Give it back."""
        (self.folder / "filler").unlink(missing_ok=True)

    @property
    def left(self) -> int:
        """Bytes that PostgreSQL may still take."""
        return shutil.disk_usage(self.folder).free


def _taken(file: int, size: int) -> bool:
    try:
        os.posix_fallocate(file, os.fstat(file).st_size, size)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        return False
    return True


@contextmanager
def mounted(state_dir: Path) -> Iterator[Disk | None]:
    """PostgreSQL of that folder will live on a disk of its own; None where nothing can be mounted."""
    image, folder = state_dir / "disk.img", state_dir / "disk"
    folder.mkdir()
    if not _made(image, folder):
        yield None
        return
    try:
        (folder / "lost+found").rmdir()
        folder.chmod(0o711)
        memory = Memory(password=SecretStr(new_id()), elsewhere=folder / "home")
        write_private(state_dir / FILE, memory.model_dump_json())
        yield Disk(folder)
    finally:
        _ran("umount", "--lazy", str(folder))


def _made(image: Path, folder: Path) -> bool:
    if os.geteuid() != 0:
        return False
    with image.open("wb") as file:
        file.truncate(SIZE)
    return _ran("mkfs.ext4", "-q", "-F", "-m", "0", str(image)) and _ran(
        "mount", "-o", "loop", str(image), str(folder)
    )


def _ran(*command: str) -> bool:
    tool = shutil.which(command[0], path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")
    if tool is None:
        return False
    done = subprocess.run([tool, *command[1:]], capture_output=True, check=False, timeout=60)  # noqa: S603
    return done.returncode == 0
