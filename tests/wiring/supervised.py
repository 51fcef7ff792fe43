"""A process of its own that supervises small parts: `python -m tests.wiring.supervised FOLDER NAME=SCRIPT …`.

Each part is a wave of its own, but for one written `+NAME=SCRIPT`, which joins the wave of the one before it.

Each part runs its Python script with FOLDER as argument. It is ready when FOLDER/NAME.ready exists, and sick
while FOLDER/NAME.sick does.
"""

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

from wiring.supervise.part import Part, PartError
from wiring.supervise.supervisor import Stopped, supervised
from wiring.talk import Talk


def part_of(folder: Path, name: str, script: str) -> Part:
    sign, illness = folder / f"{name}.ready", folder / f"{name}.sick"

    async def ready() -> bool:
        return sign.exists()

    async def sick() -> bool:
        return illness.exists()

    async def before() -> None:
        sign.unlink(missing_ok=True)
        illness.unlink(missing_ok=True)

    return Part(
        name=name,
        argv=(sys.executable, "-c", script, str(folder)),
        env=dict(os.environ),
        ready=ready,
        before=before,
        sick=sick,
        facts={"port": 1, "url": f"http://{name}", "uiUrl": "http://ui"},
        stop_within=float(os.environ.get("STOP_WITHIN", "10")),
        ready_within=float(os.environ.get("READY_WITHIN", "10")),
        stop_signal=signal.SIGTERM,
    )


async def main(folder: Path, scripts: list[str]) -> None:
    waves: list[list[Part]] = []
    for script in scripts:
        part = part_of(folder, *script.removeprefix("+").split("=", 1))
        if script.startswith("+"):
            waves[-1].append(part)
        else:
            waves.append([part])
    with contextlib.suppress(Stopped):
        async with supervised(waves, folder, Talk()):
            await asyncio.sleep(100)


if __name__ == "__main__":
    try:
        asyncio.run(main(Path(sys.argv[1]), sys.argv[2:]))
    except PartError as error:
        sys.exit(str(error))
