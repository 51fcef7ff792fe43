"""The service that a command talks to, as it was named."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr


@dataclass(frozen=True)
class Target:
    """What is not given is that of the `tembea dev` on the state folder."""

    url: str | None
    key: SecretStr | None
    state_dir: Path
