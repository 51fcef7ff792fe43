"""Where the data of PostgreSQL lives, and what the state folder remembers about it."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, SecretStr, field_serializer

from wiring.embedded.account import can_enter
from wiring.embedded.errors import EmbeddedError
from wiring.files import create_private
from wiring.supervise.part import Account

SHELTER = Path("/var/lib/tembea")
FILE = "postgres.json"
Say = Callable[[str], None]


class Memory(BaseModel):
    """`postgres.json` of the state folder: how to log in, and where the data is when it is not beside it."""

    password: SecretStr
    elsewhere: Path | None = None

    @field_serializer("password", when_used="json")
    def _reveal(self, password: SecretStr) -> str:
        return password.get_secret_value()


@dataclass(frozen=True)
class Ground:
    """What the choice of a place depends on; `explicit` tells whether the user named the state folder."""

    state_dir: Path
    account: Account | None
    explicit: bool
    shelter: Path = SHELTER

    def closed(self) -> bool:
        """Whether the account which runs PostgreSQL cannot get at the state folder."""
        return self.account is not None and not can_enter(self.account, self.state_dir)


def settle(ground: Ground, say: Say) -> tuple[Path, SecretStr]:
    """Home of the data and password, as an earlier start decided or now. Raises `EmbeddedError`."""
    file = ground.state_dir / FILE
    if not file.exists():
        # Of two first starts at once, one decides for both.
        create_private(file, _decide(ground, say).model_dump_json(exclude_none=True))
    memory = Memory.model_validate_json(file.read_bytes())
    if memory.elsewhere:
        return memory.elsewhere, memory.password
    if ground.closed():
        raise EmbeddedError(_closed(ground.state_dir))
    return ground.state_dir / "postgres", memory.password


def _decide(ground: Ground, say: Say) -> Memory:
    memory = Memory(password=SecretStr(secrets.token_urlsafe(24)))
    home = ground.state_dir / "postgres"
    if ground.closed():
        if ground.explicit:
            raise EmbeddedError(_closed(ground.state_dir))
        home = open_shelter(ground.shelter) / hashlib.sha256(bytes(ground.state_dir)).hexdigest()[:16]
        memory.elsewhere = home
        say(f"Only root can enter {ground.state_dir}; the database lives in {home}")
    if home.exists():  # its password went with an older state folder
        home.rename(aside := home.with_name(f"{home.name}.{secrets.token_hex(4)}.old"))
        say(f"Data of an earlier state folder is kept in {aside}")
    return memory


def _closed(state_dir: Path) -> str:
    return (
        f"{state_dir} lies under a folder which only root can enter, and PostgreSQL does not run as root: "
        "choose another folder with --state-dir, or set DATABASE_URL"
    )


def open_shelter(shelter: Path) -> Path:
    """Make the folder for what cannot stay where the clone is, and give it back."""
    if not shelter.exists():
        shelter.mkdir(parents=True, exist_ok=True)
        shelter.chmod(0o755)
    return shelter
