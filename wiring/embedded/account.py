"""The system user PostgreSQL runs as where we are root (it refuses to run as root)."""

import os
import pwd
import shutil
import subprocess
from pathlib import Path

from wiring.embedded.errors import EmbeddedError
from wiring.supervise.part import Account

NAME = "tembea-pg"


def postgres_account() -> Account | None:
    """The account for PostgreSQL, made on first use; None where we are an ordinary user ourselves."""
    if os.geteuid() != 0:
        return None
    try:
        return _look_up()
    except KeyError:
        _create()
    return _look_up()


def _look_up() -> Account:
    entry = pwd.getpwnam(NAME)
    return Account(entry.pw_uid, entry.pw_gid)


def _create() -> None:
    tool = shutil.which("useradd") or shutil.which("useradd", path="/usr/sbin:/sbin")
    if tool is None:
        raise EmbeddedError(_advice("there is no useradd here"))
    command = [tool, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    made = subprocess.run(  # noqa: S603  a fixed command
        [*command, "--shell", "/usr/sbin/nologin", NAME],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    already_there = 9  # two first starts at once: the other one made it
    if made.returncode not in (0, already_there):
        raise EmbeddedError(_advice(made.stderr.strip()))


def _advice(why: str) -> str:
    return (
        f"PostgreSQL does not run as root and the user {NAME} cannot be made ({why}); "
        "run this as an ordinary user or set DATABASE_URL"
    )


def succeeds(account: Account, *argv: str) -> bool:
    """Whether `account` can run this command to a good end."""
    try:
        done = subprocess.run(  # noqa: S603  our own commands only
            argv,
            user=account.uid,
            group=account.gid,
            extra_groups=[],
            cwd="/",
            env={},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=30,
            check=False,
        )
    except PermissionError:
        return False
    return done.returncode == 0


def can_enter(account: Account, folder: Path) -> bool:
    """Whether `account` can reach `folder` through all its parents."""
    return succeeds(account, "/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder))
