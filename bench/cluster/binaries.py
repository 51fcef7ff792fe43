"""Temporal's own server and its schema, built by Go once: the dev server knows no PostgreSQL."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

from wiring.embedded.cache import cache_dir, claimed
from wiring.embedded.errors import EmbeddedError
from wiring.embedded.fetch import BUILD_WITHIN, helper
from wiring.talk import Talk

VERSION = "v1.29.1"
MODULE = "go.temporal.io/server"
COMMANDS = (f"{MODULE}/cmd/server@{VERSION}", f"{MODULE}/cmd/tools/sql@{VERSION}")
SCHEMA = "schema/postgresql/v12"
LOG = "go-install.log"
ASKED_WITHIN = 30.0


class Programs(NamedTuple):
    """The server, the tool that writes its tables, and the folder that says which."""

    server: Path
    sql: Path
    schema: Path


async def find(talk: Talk, cache: Path | None = None) -> Programs:
    """What an earlier build left, else a build, which takes minutes. Raises `EmbeddedError`."""
    folder = (cache or cache_dir()) / f"temporal-server-{VERSION.removeprefix('v')}"
    programs = Programs(folder / "server", folder / "sql", folder / "schema")
    async with claimed(folder):
        if not all(file.exists() for file in programs):
            await _build(folder, talk)
    return programs


async def _build(folder: Path, talk: Talk) -> None:
    go = shutil.which("go")
    if go is None:
        raise EmbeddedError("Temporal's server on PostgreSQL is built by Go, which is not here")
    talk.say("Go builds Temporal's server for PostgreSQL: about four minutes of a processor, once")
    with tempfile.TemporaryDirectory(dir=folder) as draft, (folder / LOG).open("wb") as log:
        env = os.environ | {"CGO_ENABLED": "0", "GOBIN": draft}
        building = helper(go, "install", *COMMANDS, within=BUILD_WITHIN, env=env, output=log.fileno())
        async with talk.waiting("Building Temporal's server"), building as process:
            if await process.wait() != 0:
                raise EmbeddedError(f"Temporal's server could not be built, see {folder / LOG}")
        _keep(Path(draft), folder, _module(go) / SCHEMA)


def _keep(draft: Path, folder: Path, schema: Path) -> None:
    shutil.copytree(schema, draft / "schema")
    for made in draft.iterdir():
        made.rename(folder / made.name)


def _module(go: str) -> Path:
    """Where Go keeps the module's source: the tables are written there and nowhere in the programs."""
    told = subprocess.run(  # noqa: S603  a fixed command
        [go, "env", "GOMODCACHE"], capture_output=True, text=True, timeout=ASKED_WITHIN, check=True
    )
    return Path(told.stdout.strip()) / f"{MODULE}@{VERSION}"
