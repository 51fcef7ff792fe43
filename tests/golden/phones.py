"""The account by which executors of golden cases reach people by phone, all of it in memory."""

from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any, Literal

from activities.telecom import Telecom
from providers.africastalking.memory import MemoryAfricasTalking
from providers.africastalking.memory_payments import MemoryPayments
from providers.africastalking.money import Money
from providers.africastalking.payments import Payment
from providers.errors import Failed, NotSent, ProviderError, Refused, Unknown
from providers.reply import Reply

NUMBER = "+254711082000"
PRICE = Money(amount=Decimal(500), currency="KES")
STANDINGS = {"not_sent": NotSent, "refused": Refused, "failed": Failed, "unknown": Unknown}


@dataclass
class Led:
    """Addresses that were led to a run, as a case says they can be."""

    answer: Literal["pointed", "busy", "unsettled"]
    addresses: list[str] = field(default_factory=list)

    async def point(
        self, workspace: str, connection: str, address: str, *, lane: str, execution_id: str
    ) -> Literal["pointed", "busy", "unsettled"]:
        assert (workspace, connection, lane, execution_id) == ("w", "at-duka", "l", "run")
        self.addresses.append(address)
        return self.answer


@dataclass
class Unwilling:
    """Who wants no texts, as a case says and as refusals told."""

    phones: list[str]
    told: list[str] = field(default_factory=list)

    async def refuses(self, _workspace: str, phone: str, _sender: str | None) -> bool:
        return phone in self.phones

    async def add(self, _workspace: str, phone: str, _sender: str | None) -> None:
        self.told.append(phone)


@dataclass
class Phones:
    """What a case says of the phone network, and what was done in it."""

    network: MemoryAfricasTalking
    led: Led
    telecom: Telecom
    unwilling: Unwilling
    payments: MemoryPayments

    def shown(self) -> dict[str, Any]:
        """The calls made, the addresses that lead here, and what else was done."""
        topped = [f"{key}: {one.value} for {one.phone}" for key, one in self.network.topups.items()]
        moved = [f"{one.status}: {one.value} of {one.product}" for one in self.payments.payments.values()]
        also = {
            "texts": [asdict(text) for text in self.network.texts],
            "topUps": topped,
            "payments": moved,
            "optedOut": self.unwilling.told,
        }
        calls = [asdict(call) for call in self.network.calls.values()]
        return {"calls": calls, "led": self.led.addresses, **{name: one for name, one in also.items() if one}}


def phones_of(case: dict[str, Any]) -> Phones:
    """`phones` of a case: {number, sender, product, pointed, blocked, optedOut, paid, fails: [{method,
    standing, code, status}]}.
    """
    told = case["phones"]
    network, led, payments = MemoryAfricasTalking(), Led(told.get("pointed", "pointed")), MemoryPayments()
    unwilling = Unwilling(told.get("optedOut", []))
    network.blocked |= set(told.get("blocked", []))
    for id, status in told.get("paid", {}).items():
        payments.payments[id] = Payment(
            id=id, status=status, value=PRICE, source="+254711000111", product="Duka"
        )
    for planned in told.get("fails", []):
        plans = payments if planned["method"] in ("checkout", "refund", "find") else network
        plans.fail(planned["method"], _error(planned))
    telecom = Telecom(
        "at-duka",
        network,
        unwilling,
        payments=payments if told.get("payments", True) else None,
        addresses=led,
        hashed=lambda phone: f"hash-of-{phone[-3:]}",
        sender=told.get("sender"),
        number=told.get("number", NUMBER),
        product=told.get("product"),
    )
    return Phones(network, led, telecom, unwilling, payments)


def _error(planned: dict[str, Any]) -> ProviderError:
    """The error of a plan; `status`: the provider has answered with it."""
    reply = Reply(planned["status"], {}, b"") if "status" in planned else None
    code = planned.get("code", "SCRIPTED")
    return STANDINGS[planned["standing"]](code, "as the case says", provider="africastalking", reply=reply)
