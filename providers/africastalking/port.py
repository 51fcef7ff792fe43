"""What the rest of the house may ask of Africa's Talking; the client and the in-memory one both offer it."""

from collections.abc import Sequence
from typing import Protocol

from providers.africastalking.models import AirtimeSent, Call, Found, Queue, SmsRow, SmsSent
from providers.africastalking.money import Money


class AfricasTalkingPort(Protocol):
    """One application. Phone numbers are E.164. Every method raises ProviderError."""

    async def send_sms(
        self, to: Sequence[str], text: str, *, sender: str | None = None, enqueue: bool = False
    ) -> SmsSent:
        """One text to at most 100 numbers, each with its own result; Failed where all of it was refused.

        No key makes it safe to repeat. `enqueue`: do not wait for the operator.
        """

    async def fetch_sms(self, after_id: int = 0) -> list[SmsRow]:
        """A page of what people wrote, above the id."""

    async def send_airtime(
        self, phone: str, value: Money, *, key: str, retries: int | None = None, again: bool = False
    ) -> AirtimeSent:
        """A top-up; `key` is the same on every try of it, `again` tells that this is not the first.

        The provider may refuse the same amount for the same phone within five minutes (DUPLICATE_REQUEST): of
        a first try nothing was sent, a later one is Unknown, for the earlier may be what it remembers.
        """

    async def find_transaction(self, transaction_id: str) -> Found:
        """A top-up as the provider keeps it; Failed(NOT_FOUND) where there is none."""

    async def call(self, phone: str, *, sender: str, request: str | None = None) -> Call:
        """Call a phone from a number of ours; `request` comes back in the call's events."""

    async def queues(self, numbers: Sequence[str]) -> list[Queue]:
        """The calls that wait at numbers of ours."""

    async def balance(self) -> Money:
        """What the application's account holds."""
