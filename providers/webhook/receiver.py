"""The operator's receiver of events: posted to and signed after the Standard Webhooks convention."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

from pydantic import SecretStr
from standardwebhooks import Webhook

from dsl.model import Json
from dsl.plan import SPEAKING
from providers.http.pooled import Pooled
from providers.http.request import dumped
from providers.http.road import Network
from providers.reply import Reply

PROVIDER = "webhook_out"


def _now() -> datetime:
    return datetime.now(UTC)


class Receiver:
    """One address of the operator's that takes events; close it when done.

    Each of `secrets` (`whsec_…`) signs, so that one can be replaced while the other still counts.
    `idempotent`: it drops an event whose id it has seen, so that telling it twice is telling it once.
    """

    def __init__(
        self,
        url: str,
        secrets: Sequence[SecretStr],
        *,
        idempotent: bool = False,
        seconds: float = SPEAKING,
        network: Network | None = None,
        now: Callable[[], datetime] = _now,
    ) -> None:
        parts = urlsplit(url)
        self.idempotent = idempotent
        self._target = parts._replace(scheme="", netloc="", path=parts.path or "/").geturl()
        self._signers = [Webhook(secret.get_secret_value()) for secret in secrets]
        self._now = now
        self._http = Pooled(
            f"{parts.scheme}://{parts.netloc}", provider=PROVIDER, seconds=seconds, network=network
        )

    async def send(self, id: str, event: Json) -> Reply:
        """Post one event, under the same id on every try: a reply with a 2xx status, else a ProviderError."""
        body = dumped(PROVIDER, event)
        return await self._http.request(
            "POST", self._target, headers=self._head(id, body), content=body, repeatable=self.idempotent
        )

    def _head(self, id: str, body: bytes) -> dict[str, str]:
        at = self._now()
        return {
            "content-type": "application/json",
            "webhook-id": id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(signer.sign(id, at, body.decode()) for signer in self._signers),
        }

    async def aclose(self) -> None:
        """Close every connection."""
        await self._http.aclose()
