"""An emulator that stands in where no provider is configured: run, furnished, and made a channel of ours."""

import os
import secrets
import sys
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from dsl.model import Json
from wiring.files import ROOT
from wiring.probe import answered
from wiring.supervise.part import Part
from wiring.supervise.ports import LOOPBACK


def token() -> str:
    """A secret nobody has seen before: 32 characters that may stand in a path."""
    return secrets.token_urlsafe(24)


@dataclass(frozen=True)
class Emulated(ABC):
    """A provider on this machine. `name`: of its part, its folder, and its module in `emulators`."""

    name: ClassVar[str]
    port: int

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{LOOPBACK}:{self.port}"

    @abstractmethod
    def environment(self, api_url: str) -> dict[str, str]:
        """The settings that make it the channel `main` of the API at that address."""

    @abstractmethod
    def furniture(self, api_url: str) -> dict[str, Json]:
        """What it is seeded with, so that it calls that API."""

    def part(self, home: Path, api_url: str) -> Part:
        """The emulator as a child process; it forgets all when it ends, and is furnished at each start."""
        home.mkdir(exist_ok=True)

        async def furnished() -> bool:
            return await answered(self.url, "POST", "/_control/reset", self.furniture(api_url))

        return Part(
            name=self.name,
            argv=(
                *(sys.executable, "-m", f"emulators.{self.name}"),
                *("--port", str(self.port), "--state-dir", str(home)),
            ),
            env={"PATH": os.defpath, "PYTHONPATH": str(ROOT)},
            ready=furnished,
            facts={"port": self.port, "url": self.url},
            cwd=ROOT,
        )
