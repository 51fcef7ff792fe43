"""Payloads as they are: histories of a run are exported decoded."""

from collections.abc import Sequence

from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec


class Clear(PayloadCodec):
    """Leaves payloads as they are, so that a stored history can be read by people."""

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return list(payloads)

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return list(payloads)
