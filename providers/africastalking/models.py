"""What we read of the provider's REST answers: little, and tolerantly."""

from typing import Annotated, Any

from pydantic import AfterValidator, AliasPath, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from providers.africastalking.money import Money, read_money
from providers.africastalking.phone import e164
from providers.africastalking.refusal import failed
from providers.errors import Failed


def _told(value: object) -> str | None:
    """The provider writes None as a text."""
    text = str(value) if isinstance(value, str | int) else ""
    return None if text in ("", "None") else text


def _in_e164(written: str) -> str:
    """As we write numbers, so that nobody's refusal is overlooked; what is no number stays as it is."""
    return e164(written) or written


Told = Annotated[str | None, BeforeValidator(_told)]
Cost = Annotated[Money | None, BeforeValidator(read_money)]
ACCEPTED = frozenset({100, 101, 102})


class Answer(BaseModel):
    """An answer of which we read a few fields."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        alias_generator=to_camel,
        populate_by_name=True,
        hide_input_in_errors=True,
    )


class Recipient(Answer):
    """One number of a sending: what became of it."""

    number: Annotated[str, AfterValidator(_in_e164)]
    status_code: int
    status: str
    cost: Cost = None
    message_id: Told = None

    @property
    def accepted(self) -> bool:
        """Whether the provider took it for this number."""
        return self.status_code in ACCEPTED

    def refusal(self) -> Failed | None:
        """The error of a number that was not taken."""
        return None if self.accepted else failed(self.status)


class SmsSent(Answer):
    """A sending: the numbers one by one; none where the answer could not be read though it was sent."""

    recipients: list[Recipient] = Field(
        default=[], validation_alias=AliasPath("SMSMessageData", "Recipients")
    )
    message: Told = Field(default=None, validation_alias=AliasPath("SMSMessageData", "Message"))

    @property
    def refused(self) -> bool:
        """Nobody was to get it, which the provider tells by an empty list."""
        return "recipients" in self.model_fields_set and not self.recipients

    @property
    def flagged(self) -> bool:
        """It was sent, but we cannot say under which ids."""
        return not self.recipients

    def of(self, number: str) -> Recipient | None:
        """What became of one number."""
        return next((row for row in self.recipients if row.number == number), None)


class SmsRow(Answer):
    """A message as the inbox lists it."""

    id: int
    sender: str = Field(validation_alias="from")
    to: str
    text: str = Field(repr=False)
    link_id: Told = None


class SmsRows(Answer):
    """A page of the inbox, as it came."""

    rows: list[SmsRow] = Field(validation_alias=AliasPath("SMSMessageData", "Messages"))


class AirtimeSent(Answer):
    """A top-up that was taken; without `request_id` when the answer could not be read."""

    request_id: Told = None
    status: str = ""
    amount: Cost = None
    discount: Cost = None
    error_message: Told = None

    @property
    def flagged(self) -> bool:
        """It was taken, but we cannot say under which id."""
        return self.request_id is None


class AirtimeAnswer(Answer):
    """The answer to a top-up: one response each, none where all was refused."""

    error_message: Told = None
    responses: list[AirtimeSent]


class Found(Answer):
    """A transaction as a query finds it; `data` is the provider's own, of no fixed shape."""

    status: str
    data: dict[str, Any] = Field(default={}, repr=False)


class Call(Answer):
    """A call that was queued; without `session_id` when the answer could not be read."""

    session_id: Told = None
    status: str = ""

    @property
    def flagged(self) -> bool:
        """It was queued, but we cannot say under which id."""
        return self.session_id is None


class Calls(Answer):
    """The answer to a call: an entry for each number."""

    entries: list[Call]
    error_message: Told = None


class Queue(Answer):
    """How many calls wait at a number."""

    phone_number: str
    queue_name: str = ""
    num_calls: int


class Queues(Answer):
    """The queues asked for."""

    entries: list[Queue]


class Balance(Answer):
    """What the application's account holds."""

    balance: Cost = Field(validation_alias=AliasPath("UserData", "balance"))
