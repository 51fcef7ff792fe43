"""One host of the provider: questions over kept connections, each effect on one of its own."""

import asyncio
from collections.abc import Mapping

from pydantic import SecretStr

from dsl.model import Json
from providers.africastalking.refusal import PROVIDER, told
from providers.breaker import Breaker
from providers.errors import Failed
from providers.http.place import Params
from providers.http.pooled import Pooled
from providers.http.request import Headers
from providers.reply import Reply


class Door:
    """Asks and acts at `base`; both raise ProviderError unless the status is 2xx."""

    def __init__(self, base: str, key: SecretStr, seconds: float, breaker: Breaker) -> None:
        self._breaker = breaker
        headers = {"apikey": key, "accept": SecretStr("application/json")}
        self._asking = Pooled(base, provider=PROVIDER, headers=headers, seconds=seconds)
        # An idle connection that the server closes would leave it unknown whether money was sent.
        alone = {**headers, "connection": SecretStr("close")}
        self._acting = Pooled(base, provider=PROVIDER, headers=alone, seconds=seconds)

    async def ask(self, path: str, params: Params) -> Reply:
        """A question by GET."""
        try:
            with self._breaker.guarding(effect=False):
                return await self._asking.request("GET", path, params=params)
        except Failed as refusal:
            raise told(refusal) from None

    async def act(
        self,
        path: str,
        *,
        data: Mapping[str, str] | None = None,
        json: Json = None,
        headers: Headers | None = None,
        repeatable: bool = False,
    ) -> Reply:
        """A POST of a form or of JSON; `repeatable` where it is only a question."""
        try:
            with self._breaker.guarding(effect=not repeatable):
                return await self._acting.request(
                    "POST", path, data=data, json=json, headers=headers, repeatable=repeatable
                )
        except Failed as refusal:
            raise told(refusal) from None

    async def aclose(self) -> None:
        """Close every connection."""
        await asyncio.gather(self._asking.aclose(), self._acting.aclose())
