"""Whether something on this machine answers."""

from dsl.model import Json
from providers.errors import ProviderError
from providers.http.pooled import Pooled


async def answered(url: str, method: str, path: str, body: Json = None) -> bool:
    """Whether a request is answered with success."""
    async with Pooled(url, provider="local") as client:
        try:
            await client.request(method, path, json=body)
        except ProviderError:
            return False
    return True
