"""Africa's Talking's REST API: what a flow does by text, call and top-up."""

import asyncio
from collections.abc import Mapping, Sequence

import orjson

from providers.africastalking.config import AfricasTalkingConfig
from providers.africastalking.door import Door
from providers.africastalking.models import (
    AirtimeAnswer,
    AirtimeSent,
    Balance,
    Call,
    Calls,
    Found,
    Queue,
    Queues,
    SmsRow,
    SmsRows,
    SmsSent,
)
from providers.africastalking.money import Money
from providers.africastalking.phone import e164
from providers.africastalking.refusal import PROVIDER, failed, invalid, not_found
from providers.errors import Failed, NotSent, ProviderError, Unknown
from providers.reading import asked, parsed
from providers.reply import Reply

MOST_NUMBERS = 100
MOST_TEXT = 4_000
DUPLICATE = "duplicate request"


class AfricasTalking:
    """One application over HTTP; texts, calls and top-ups each go on a connection of their own."""

    def __init__(self, config: AfricasTalkingConfig, *, seconds: float = 4.0) -> None:
        bases = config.bases()
        self._username = config.username
        self._api = Door(bases.api, config.api_key, seconds, config.breaker("api"))
        self._voice = Door(bases.voice, config.api_key, seconds, config.breaker("voice"))

    async def send_sms(
        self, to: Sequence[str], text: str, *, sender: str | None = None, enqueue: bool = False
    ) -> SmsSent:
        form = {"to": numbers_of(to), "message": checked_text(text), "bulkSMSMode": "1"}
        form["enqueue"] = str(int(enqueue))
        if sender is not None:
            form["from"] = sender
        reply = await self._api.act("/version1/messaging", data=self._mine(form))
        sent = parsed(SmsSent, reply) or SmsSent()
        if sent.refused:
            raise failed(sent.message or "", reply)
        return sent

    async def fetch_sms(self, after_id: int = 0) -> list[SmsRow]:
        reply = await self._api.ask("/version1/messaging", self._mine({"lastReceivedId": str(after_id)}))
        return asked(SmsRows, reply, PROVIDER).rows

    async def send_airtime(
        self, phone: str, value: Money, *, key: str, retries: int | None = None, again: bool = False
    ) -> AirtimeSent:
        recipient = {"phoneNumber": number_of(phone), "amount": str(payable(value))}
        form = {"recipients": orjson.dumps([recipient]).decode()}
        if retries is not None:
            form["maxNumRetry"] = str(retries)
        headers = {"idempotency-key": key}
        reply = await self._api.act("/version1/airtime/send", data=self._mine(form), headers=headers)
        answer = parsed(AirtimeAnswer, reply)
        return _topped_up(answer, reply, again) if answer else AirtimeSent()

    async def find_transaction(self, transaction_id: str) -> Found:
        params = self._mine({"transactionId": transaction_id})
        reply = await self._api.ask("/query/transaction/find", params)
        found = asked(Found, reply, PROVIDER)
        if found.status != "Success" or not found.data:
            raise not_found(reply)
        return found

    async def call(self, phone: str, *, sender: str, request: str | None = None) -> Call:
        form = {"to": number_of(phone), "from": sender}
        if request is not None:
            form["clientRequestId"] = request
        reply = await self._voice.act("/call", data=self._mine(form))
        answer = parsed(Calls, reply)
        return _queued(answer, reply) if answer else Call()

    async def queues(self, numbers: Sequence[str]) -> list[Queue]:
        form = self._mine({"phoneNumbers": numbers_of(numbers)})
        reply = await self._voice.act("/queueStatus", data=form, repeatable=True)
        return asked(Queues, reply, PROVIDER).entries

    async def balance(self) -> Money:
        reply = await self._api.ask("/version1/user", self._mine({}))
        found = asked(Balance, reply, PROVIDER).balance
        if found is None:
            text = "the balance could not be read"
            raise NotSent("UNREADABLE_ANSWER", text, provider=PROVIDER, reply=reply)
        return found

    async def aclose(self) -> None:
        """Close the connections."""
        await asyncio.gather(self._api.aclose(), self._voice.aclose())

    def _mine(self, fields: Mapping[str, str]) -> dict[str, str]:
        return {"username": self._username.get_secret_value(), **fields}


def payable(value: Money) -> Money:
    """The amount if it can be paid: above nothing, in a currency; else Failed(INVALID_REQUEST)."""
    if value.currency is None or value.amount <= 0:
        raise invalid("an amount is above 0 and has a currency")
    return value


def number_of(phone: str) -> str:
    """The number if it is one in E.164; else Failed(INVALID_REQUEST)."""
    number = e164(phone)
    if number is None or not phone.startswith("+"):
        raise invalid("a phone number is not in the international format")
    return number


def checked_text(text: str) -> str:
    """The text of a message, without NUL, if it can be one; else Failed(INVALID_REQUEST)."""
    text = text.replace("\x00", "")
    if not text.strip() or len(text) > MOST_TEXT:
        raise invalid(f"a text has 1 to {MOST_TEXT} characters")
    return text


def numbers_of(phones: Sequence[str]) -> str:
    """Several numbers as the provider takes them; else Failed(INVALID_REQUEST)."""
    if not 0 < len(set(phones)) == len(phones) <= MOST_NUMBERS:
        raise invalid(f"there are 1 to {MOST_NUMBERS} numbers, each once")
    return ",".join(map(number_of, phones))


def _topped_up(answer: AirtimeAnswer, reply: Reply, again: bool) -> AirtimeSent:
    if not answer.responses:
        message = answer.error_message or ""
        raise duplicate(again, reply) if DUPLICATE in message else failed(message, reply, message)
    [row, *_] = answer.responses
    if row.request_id is None or row.error_message is not None:
        raise failed(row.status, reply, row.error_message)
    return row


def duplicate(again: bool, reply: Reply | None = None) -> ProviderError:
    """The error for an amount that this phone got, or was to get, less than five minutes ago."""
    kind = Unknown if again else Failed
    text = "the same amount for the same phone was asked for less than five minutes ago"
    return kind("DUPLICATE_REQUEST", text, provider=PROVIDER, reply=reply)


def _queued(answer: Calls, reply: Reply) -> Call:
    if not answer.entries:
        raise failed(answer.error_message or "", reply, answer.error_message)
    [entry, *_] = answer.entries
    if entry.session_id is None:
        raise failed(entry.status, reply)
    return entry
