"""What Temporal stores of our payloads: compressed, then encrypted with AES-256-GCM."""

import os
import zlib
from collections.abc import Mapping, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

from wiring.keys import Keys

ENCODING = b"binary/tembea-aesgcm"
KEY_ID = "tembea-key"
NONCE_BYTES = 12
MAX_BYTES = 64 * 1024 * 1024
"""Of one payload, decompressed."""


class CodecError(Exception):
    """A payload of ours cannot be decoded; the message names the key id and the reason, never content."""


class Codec(PayloadCodec):
    """Encrypts with the current key of the ring and decodes with any; what is not ours passes through.

    The namespace and the key id are authenticated: a payload moved elsewhere does not decode.
    """

    def __init__(self, namespace: str, ring: Mapping[str, bytes], current: str) -> None:
        self._namespace = namespace
        self._ciphers = {key_id: AESGCM(key) for key_id, key in ring.items()}
        self._current = current
        self._cipher = self._ciphers[current]

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Each payload, whole, inside one of ours."""
        return [self._seal(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """The payloads as they were; raises `CodecError`."""
        return [self._open(p) if p.metadata.get("encoding") == ENCODING else p for p in payloads]

    def _seal(self, payload: Payload) -> Payload:
        nonce = os.urandom(NONCE_BYTES)
        packed = zlib.compress(payload.SerializeToString(), level=1)
        sealed = self._cipher.encrypt(nonce, packed, self._bound_to(self._current))
        return Payload(metadata={"encoding": ENCODING, KEY_ID: self._current.encode()}, data=nonce + sealed)

    def _open(self, payload: Payload) -> Payload:
        key_id = payload.metadata.get(KEY_ID, b"").decode(errors="replace")
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise CodecError(f"payload key {key_id!r} is not in the ring")
        nonce, sealed = payload.data[:NONCE_BYTES], payload.data[NONCE_BYTES:]
        try:
            return Payload.FromString(_unpack(cipher.decrypt(nonce, sealed, self._bound_to(key_id))))
        except (InvalidTag, ValueError, zlib.error, DecodeError):
            raise CodecError(f"payload of key {key_id!r} is damaged, or of another namespace") from None

    def _bound_to(self, key_id: str) -> bytes:
        return b"\0".join((self._namespace.encode(), key_id.encode()))


def codec_of(keys: Keys, namespace: str) -> Codec:
    """The codec of an installation's keys in a namespace."""
    ring = {key_id: key.get_secret_value() for key_id, key in keys.data_keys.items()}
    return Codec(namespace, ring, keys.current_data_key)


def _unpack(packed: bytes) -> bytes:
    unzip = zlib.decompressobj()
    data = unzip.decompress(packed, MAX_BYTES)
    if not unzip.eof:
        raise CodecError(f"a payload is larger than {MAX_BYTES} bytes or cut short")
    return data
