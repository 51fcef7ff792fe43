"""One host of the provider: questions over kept connections, each effect on one of its own."""

import asyncio
from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, SecretStr, ValidationError

from dsl.model import Json
from providers.africastalking.refusal import PROVIDER, told
from providers.errors import Failed, NotSent
from providers.http.pooled import Pooled
from providers.http.request import Headers, Params
from providers.reply import Reply

M = TypeVar("M", bound=BaseModel)


class Door:
    """Asks and acts at `base`; both raise ProviderError unless the status is 2xx."""

    def __init__(self, base: str, key: SecretStr, seconds: float) -> None:
        headers = {"apikey": key, "accept": SecretStr("application/json")}
        self._asking = Pooled(base, provider=PROVIDER, headers=headers, seconds=seconds)
        # An idle connection that the server closes would leave it unknown whether money was sent.
        alone = {**headers, "connection": SecretStr("close")}
        self._acting = Pooled(base, provider=PROVIDER, headers=alone, seconds=seconds)

    async def ask(self, path: str, params: Params) -> Reply:
        """A question by GET."""
        try:
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
            return await self._acting.request(
                "POST", path, data=data, json=json, headers=headers, repeatable=repeatable
            )
        except Failed as refusal:
            raise told(refusal) from None

    async def aclose(self) -> None:
        """Close every connection."""
        await asyncio.gather(self._asking.aclose(), self._acting.aclose())


def parsed(model: type[M], reply: Reply) -> M | None:
    """The answer as a model; None where it cannot be read, though what was asked for is done."""
    try:
        return model.model_validate_json(reply.content)
    except ValidationError:
        return None


def asked(model: type[M], reply: Reply) -> M:
    """The answer to a question, which can be asked again where it cannot be read."""
    answer = parsed(model, reply)
    if answer is None:
        raise NotSent("UNREADABLE_ANSWER", "the answer could not be read", provider=PROVIDER, reply=reply)
    return answer
