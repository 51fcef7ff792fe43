"""The operator's application at Africa's Talking, with all that reaches people by phone."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from activities.telecom import Telecom
from providers.africastalking.client import AfricasTalking
from providers.africastalking.config import AfricasTalkingConfig
from providers.africastalking.legacy import LegacyPayments
from store.addresses import Addresses
from store.database import Database
from store.opt_outs import OptOuts
from wiring.settings import Settings


@asynccontextmanager
async def telephony(
    settings: Settings, connection: str, db: Database, hashed: Callable[[str], str]
) -> AsyncIterator[Telecom | None]:
    """What the settings name, closed at the end; None where they name nothing."""
    config = settings.africas_talking()
    if config is None:
        yield None
        return
    client, payments = AfricasTalking(config), _payments(settings, config)
    async with AsyncExitStack() as until_the_end:
        until_the_end.push_async_callback(client.aclose)
        if payments:
            until_the_end.push_async_callback(payments.aclose)
        yield Telecom(
            connection,
            client,
            OptOuts(db, connection, hashed),
            payments=payments,
            addresses=Addresses(db),
            hashed=hashed,
            sender=settings.at_sender_id,
            number=settings.at_phone_number,
            product=settings.at_product,
            public_url=settings.tembea_public_url,
            keyed=settings.at_airtime_keyed,
        )


def _payments(settings: Settings, config: AfricasTalkingConfig) -> LegacyPayments | None:
    """The provider offers them no more: only whoever names a product, or where they are, has them still."""
    return LegacyPayments(config) if settings.at_product or settings.at_payments_url else None
