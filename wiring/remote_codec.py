"""The codec for people who look at Temporal: its Web UI and command line ask in protobuf's JSON."""

import asyncio
import base64
import hmac
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field, PlainSerializer, SecretStr, WithJsonSchema
from temporalio.api.common.v1 import Payload

from dsl.model import Message
from wiring.codec import ENCODING, Codec, codec_of
from wiring.keys import Keys

MANY = 1_000
"""Payloads in one request."""
LARGEST = 32 * 1024 * 1024
"""Bytes that one request may become."""
_STANDARD = str.maketrans("-_", "+/")


class TooLargeError(Exception):
    """What was asked for would be larger than `LARGEST`."""


def _bytes(written: object) -> object:
    """Either alphabet, padded or not: protobuf's JSON allows it all."""
    if not isinstance(written, str):
        return written
    text = written.translate(_STANDARD).rstrip("=")
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


Base64 = Annotated[
    bytes,
    BeforeValidator(_bytes),
    PlainSerializer(_text, return_type=str),
    WithJsonSchema({"type": "string", "contentEncoding": "base64"}),
]


class PayloadJson(Message):
    """One payload; what is not ours comes back as it was, with members that we do not know."""

    model_config = ConfigDict(extra="allow")

    metadata: dict[str, Base64] = Field(default_factory=dict, examples=[{"encoding": "anNvbi9wbGFpbg=="}])
    data: Base64 = Field(default=b"", examples=["IkFzaGEi"])

    @classmethod
    def of(cls, payload: Payload) -> "PayloadJson":
        """A payload as JSON."""
        return cls(metadata=dict(payload.metadata), data=payload.data)

    def payload(self) -> Payload:
        """It as Temporal's own."""
        return Payload(metadata=self.metadata, data=self.data)


class Payloads(Message):
    """Payloads in the order in which they were asked for."""

    payloads: list[PayloadJson] = Field(default_factory=list, max_length=MANY)
    """None is written as no member at all."""


@dataclass(frozen=True)
class RemoteCodec:
    """The keys of one installation, for whoever may read its payloads.

    They are those of `workspace` only. `token` opens it without an API key, for the Web UI.
    """

    keys: Keys = field(repr=False)
    namespace: str
    workspace: str
    token: SecretStr | None = None

    def opens(self, token: str) -> bool:
        """Whether this is the token; takes as long whatever is wrong with it."""
        expected = self.token.get_secret_value() if self.token else ""
        return hmac.compare_digest(expected.encode(), token.encode()) and bool(expected)

    async def decode(self, asked: Payloads, namespace: str | None) -> Payloads:
        """Ours as they were before they were sealed in a namespace; `CodecError`, `TooLargeError`."""
        codec, opened, size = self._codec(namespace), [], 0
        for payload in asked.payloads:
            opened.append(await _opened(codec, payload))
            size += len(opened[-1].data)
            if size > LARGEST:
                raise TooLargeError
            await asyncio.sleep(0)  # others have their turn between two large ones
        return Payloads(payloads=opened)

    async def encode(self, asked: Payloads, namespace: str | None) -> Payloads:
        """Every payload sealed for a namespace."""
        sealed = await self._codec(namespace).encode([payload.payload() for payload in asked.payloads])
        return Payloads(payloads=[PayloadJson.of(payload) for payload in sealed])

    def _codec(self, namespace: str | None) -> Codec:
        return codec_of(self.keys, namespace or self.namespace)


async def _opened(codec: Codec, payload: PayloadJson) -> PayloadJson:
    if payload.metadata.get("encoding") != ENCODING:
        return payload
    [opened] = await codec.decode([payload.payload()])
    return PayloadJson.of(opened)
