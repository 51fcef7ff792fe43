"""An Africa's Talking application in memory, for tests and test mode: strict, and it can be told to fail."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from providers.africastalking.client import checked_text, duplicate, number_of, numbers_of, payable
from providers.africastalking.models import AirtimeSent, Call, Found, Queue, Recipient, SmsRow, SmsSent
from providers.africastalking.money import Money
from providers.africastalking.plans import Plans
from providers.africastalking.refusal import not_found
from providers.planned import strike


@dataclass(frozen=True)
class Text:
    """A text that was sent to one number."""

    id: str
    to: str
    text: str
    sender: str | None


@dataclass(frozen=True)
class TopUp:
    """A top-up that was taken."""

    phone: str
    value: Money
    sent: AirtimeSent
    retries: int | None


@dataclass(frozen=True)
class Placed:
    """A call that was queued."""

    phone: str
    sender: str
    request: str | None


class MemoryAfricasTalking(Plans):
    """Offers what the client offers; a number in `blocked` has opted out.

    `replays`: a top-up's key that comes again gets the first answer, else DUPLICATE_REQUEST; nobody knows.
    """

    def __init__(self, *, replays: bool = True) -> None:
        super().__init__()
        self._replays = replays
        self.texts: list[Text] = []
        self.inbox: list[SmsRow] = []
        self.topups: dict[str, TopUp] = {}
        """By key."""
        self.calls: dict[str, Placed] = {}
        """By session."""
        self.blocked: set[str] = set()
        self.waiting: dict[str, int] = {}
        self.holds = Money(amount=Decimal(1_000), currency="KES")

    def hear(self, phone: str, text: str, to: str = "28901") -> int:
        """A person writes; the id of the message."""
        row = {"id": len(self.inbox) + 1, "from": number_of(phone), "to": to, "text": text}
        self.inbox.append(SmsRow.model_validate(row))
        return len(self.inbox)

    async def send_sms(
        self, to: Sequence[str], text: str, *, sender: str | None = None, enqueue: bool = False
    ) -> SmsSent:
        failure = self.failure("send_sms")
        numbers_of(to)
        rows = [self._text(number, checked_text(text), sender, 102 if enqueue else 101) for number in to]
        strike(failure)
        return SmsSent.model_validate({"SMSMessageData": {"Message": "Sent", "Recipients": rows}})

    async def fetch_sms(self, after_id: int = 0) -> list[SmsRow]:
        self.fail_now("fetch_sms")
        return [row for row in self.inbox if row.id > after_id]

    async def send_airtime(
        self, phone: str, value: Money, *, key: str, retries: int | None = None, again: bool = False
    ) -> AirtimeSent:
        failure = self.failure("send_airtime")
        number, money = number_of(phone), payable(value)
        if key not in self.topups:
            sent = AirtimeSent(request_id=self.new_id("ATQid"), status="Sent", amount=money)
            self.topups[key] = TopUp(number, money, sent, retries)
        elif not self._replays:
            raise duplicate(again)
        strike(failure)
        return self.topups[key].sent

    async def find_transaction(self, transaction_id: str) -> Found:
        self.fail_now("find_transaction")
        for topup in self.topups.values():
            if topup.sent.request_id == transaction_id:
                data = {"phoneNumber": topup.phone, "amount": str(topup.value), "requestId": transaction_id}
                return Found(status="Success", data={**data, "status": "Success"})
        raise not_found()

    async def call(self, phone: str, *, sender: str, request: str | None = None) -> Call:
        failure = self.failure("call")
        queued = Call(session_id=self.new_id("ATVId"), status="Queued")
        self.calls[str(queued.session_id)] = Placed(number_of(phone), sender, request)
        strike(failure)
        return queued

    async def queues(self, numbers: Sequence[str]) -> list[Queue]:
        self.fail_now("queues")
        return [Queue(phone_number=number, num_calls=self.waiting.get(number, 0)) for number in numbers]

    async def balance(self) -> Money:
        self.fail_now("balance")
        return self.holds

    async def aclose(self) -> None:
        """Nothing to close."""

    def _text(self, number: str, text: str, sender: str | None, code: int) -> dict[str, object]:
        if number in self.blocked:
            return _row(number, 406, "UserInBlacklist", None)
        sent = Text(self.new_id("ATXid"), number, text, sender)
        self.texts.append(sent)
        return _row(number, code, "Success", sent.id)


def _row(number: str, code: int, status: str, message_id: str | None) -> dict[str, object]:
    row = Recipient(number=number, status_code=code, status=status, message_id=message_id)
    return row.model_dump(by_alias=True)
