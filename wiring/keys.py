"""The secret keys of an installation: made on the first start, or given by whoever runs it."""

import base64
import hmac
import secrets
import stat
from pathlib import Path
from typing import Annotated

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SecretBytes,
    ValidationError,
    model_validator,
)
from pydantic.alias_generators import to_camel

from wiring.files import create_private

FILE = "keys.json"
KEY_BYTES = 32


class KeysError(Exception):
    """The keys cannot be used; the message never repeats any of them."""


def _decode(value: object) -> object:
    if not isinstance(value, str):
        return value
    key = base64.b64decode(value, validate=True)
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key is {KEY_BYTES} bytes in base64, this one has {len(key)}")
    return key


def _encode(key: SecretBytes) -> str:
    return base64.b64encode(key.get_secret_value()).decode()


Key = Annotated[SecretBytes, BeforeValidator(_decode), PlainSerializer(_encode, when_used="json")]


class Keys(BaseModel):
    """The ring that encrypts payloads (by key id), the key that hashes ids, the key that signs logins."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    current_data_key: str
    data_keys: dict[str, Key] = Field(min_length=1)
    id_hash_key: Key
    jwt_key: Key

    def hashed(self, text: str) -> str:
        """32 hex digits that stand for a text (a phone number) wherever others may read them."""
        return hmac.digest(self.id_hash_key.get_secret_value(), text.encode(), "sha256").hex()[:32]

    @model_validator(mode="after")
    def _current_is_there(self) -> "Keys":
        if self.current_data_key not in self.data_keys:
            raise ValueError("currentDataKey is not one of dataKeys")
        return self


def new_keys() -> Keys:
    """Keys nobody has seen before."""

    def key() -> SecretBytes:
        return SecretBytes(secrets.token_bytes(KEY_BYTES))

    key_id = f"k{secrets.token_hex(4)}"
    return Keys(current_data_key=key_id, data_keys={key_id: key()}, id_hash_key=key(), jwt_key=key())


def load_or_create(state_dir: Path, setting: str = "") -> Keys:
    """The keys in `setting` (`TEMBEA_KEYS`: JSON, or the path of a file of it), else in the state folder.

    Raises `KeysError` where they are malformed or others can read the file.
    """
    if setting.lstrip().startswith("{"):
        return _parse(setting, "TEMBEA_KEYS")
    if setting:
        return _read(Path(setting))
    file = state_dir / FILE
    if not file.exists():
        create_private(file, new_keys().model_dump_json(by_alias=True))
    return _read(file)


def _read(file: Path) -> Keys:
    try:
        mode, text = stat.S_IMODE(file.stat().st_mode), file.read_text(encoding="utf-8")
    except OSError as error:
        raise KeysError(f"{file}: {error.strerror}") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeysError(f"{file} is open to others: chmod 600 {file}")
    return _parse(text, str(file))


def _parse(text: str, where: str) -> Keys:
    try:
        return Keys.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        raise KeysError(f"{where}: {place or 'the keys'}: {first['msg']}") from None
