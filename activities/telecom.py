"""What reaches people by phone: the operator's application at Africa's Talking, and kinds that use it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from providers.africastalking.payments import PaymentProvider
from providers.africastalking.port import AfricasTalkingPort

PROVIDER = QUEUE = "africastalking"
"""Its name in the ledger, and the task queue of what it does: bounded and slowed down apart from others."""


class OptOuts(Protocol):
    """Who wants no more texts; phone numbers are E.164, a `sender` is a number or name of ours."""

    async def refuses(self, workspace: str, phone: str, sender: str | None) -> bool:
        """Whether that person wants nothing from that sender (None: the application's default)."""

    async def add(self, workspace: str, phone: str, sender: str | None) -> None:
        """Remember what the provider's refusal of a text told: they want no more from that sender."""


class Addresses(Protocol):
    """The addresses by which people reach a run on other channels."""

    async def point(
        self, workspace: str, connection: str, address: str, *, lane: str, execution_id: str
    ) -> Literal["pointed", "busy", "unsettled"]:
        """Lead what comes by the address to the lane of a run (`store.lanes.point_address`)."""


@dataclass(frozen=True)
class Telecom:
    """One application: `connection` names it in lanes, dedupe keys and the ledger."""

    connection: str
    port: AfricasTalkingPort
    opt_outs: OptOuts
    payments: PaymentProvider | None = None
    addresses: Addresses | None = None
    hashed: Callable[[str], str] | None = None
    """Of a phone number in E.164: what stands for it in the addresses of lanes."""
    sender: str | None = None
    """Short code or sender id of texts where the flow names none."""
    number: str | None = None
    """Our number for calls."""
    product: str | None = None
    """The product that payments are made for where the flow names none."""
    public_url: str | None = None
    """Where the provider reaches us."""
    keyed: bool = True
    """It knows the key of a top-up again, so that one whose answer got lost may be asked for once more."""
