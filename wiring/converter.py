"""How values become Temporal payloads: pydantic models as JSON by alias, plans by digest."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import PydanticJSONPlainPayloadConverter
from temporalio.converter import (
    CompositePayloadConverter,
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    DefaultPayloadConverter,
    JSONPlainPayloadConverter,
    PayloadCodec,
)

from dsl.state import PLANS, RunInput
from wiring.plans import PlanCache

PLAN = "tembea-plan"
"""Metadata of a payload that names plans: their digests, by comma. Written before encryption, read after."""


class _Json(PydanticJSONPlainPayloadConverter):
    """JSON of whatever pydantic can say; a model may ask for the plans that it names."""

    def __init__(self, plans: PlanCache) -> None:
        super().__init__()
        self._context = {PLANS: plans.get}

    def to_payload(self, value: Any) -> Payload | None:
        payload = super().to_payload(value)
        if payload is not None and isinstance(value, RunInput):
            named = dict.fromkeys(each.digest for each in (value.plan, *value.plans))
            payload.metadata[PLAN] = ",".join(named).encode()
        return payload

    def from_payload(self, payload: Payload, type_hint: type | None = None) -> Any:
        if isinstance(type_hint, type) and issubclass(type_hint, BaseModel):
            return type_hint.model_validate_json(payload.data, context=self._context)
        return super().from_payload(payload, type_hint)


class _PlanCodec(PayloadCodec):
    """Has the plans that payloads name in the cache: decoding precedes the workflow, on replay too."""

    def __init__(self, inner: PayloadCodec, plans: PlanCache) -> None:
        self._inner = inner
        self._plans = plans

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return await self._inner.encode(payloads)

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        decoded = await self._inner.decode(payloads)
        for payload in decoded:
            if named := payload.metadata.get(PLAN):
                await self._plans.ensure(*named.decode().split(","))
        return decoded


def data_converter(codec: PayloadCodec, plans: PlanCache) -> DataConverter:
    """The converter of client, worker and replayer alike; texts of failures go through the codec too."""
    json = _Json(plans)

    class Converter(CompositePayloadConverter):
        """Temporal's converters with ours for JSON, which all workflows share: it caches type adapters."""

        def __init__(self) -> None:
            stock = DefaultPayloadConverter.default_encoding_payload_converters
            super().__init__(*(json if isinstance(c, JSONPlainPayloadConverter) else c for c in stock))

    return DataConverter(
        payload_converter_class=Converter,
        payload_codec=_PlanCodec(codec, plans),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )
