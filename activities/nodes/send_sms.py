"""Send a text to phones, whatever channel the flow is on."""

import re
from collections.abc import Iterable, Iterator
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field

from activities.base import Tools
from activities.telephone import Telephone, phone_issue, phone_of, refused
from activities.texting import measured, text_all
from dsl.durations import LONGEST, parse_duration
from dsl.issues import Issue, issue
from dsl.kind import Place
from dsl.messages import Outcome
from dsl.model import Json
from dsl.plan import Step, Wait
from dsl.templates import Text
from providers.africastalking.fitting import text_issues, written
from providers.errors import Failed

SENDER = re.compile(r"[A-Za-z0-9 ._&-]{1,11}|\+?[0-9]{3,15}")
REPORTED_WITHIN = 3_600
"""Seconds that `waitForDelivery: true` waits for the operator's report."""


def _patience(written: object) -> object:
    if isinstance(written, bool):
        return REPORTED_WITHIN if written else None
    return parse_duration(written)


Patience = Annotated[
    Annotated[int, Field(ge=1, le=LONGEST)] | None,
    BeforeValidator(_patience, json_schema_input_type=bool | str | int | None),
]


class SendSms(Telephone):
    """Send a text to one phone or several.

    By `sent` when the provider took it for every number, by `failed` when it refused one or all: its value
    has the `recipients` one by one, and the numbers that `failed`. With `waitForDelivery` the flow waits for
    the operator's report, and leaves by `delivered` or `failed`; where none comes in time, by `sent`. Who
    wrote STOP gets nothing (`OPTED_OUT`).
    """

    aliases: ClassVar[tuple[str, ...]] = ("SEND_SMS",)
    exits: ClassVar[tuple[str, ...]] = ("sent", "failed", "delivered")

    to: Text | Annotated[list[Text], Field(min_length=1, max_length=100)]
    """The phone number, with its country code, or a list of them."""
    message: Text = Field(min_length=1, max_length=4_000)
    """The text."""
    from_: Text | None = Field(default=None, alias="from", min_length=1, max_length=40)
    """Short code or sender id of ours; the operator's (`AT_SENDER_ID`) where absent."""
    wait_for_delivery: Patience = None
    """How long to wait for the report (`true`: an hour); for one number only."""

    def check(self, place: Place) -> Iterator[Issue]:
        """Numbers that are none, and a report that nobody could tell apart."""
        numbers = self.to if isinstance(self.to, list) else [self.to]
        for index, number in enumerate(numbers):
            found = phone_issue(number, f"/to/{index}" if isinstance(self.to, list) else "/to")
            yield from (found,) if found else ()
        if self.wait_for_delivery is not None and len(numbers) > 1:
            text = "The delivery of a text is waited for to one number, not to several."
            yield issue("INVALID_VALUE", text, pointer="/waitForDelivery")
        if self.wait_for_delivery is None and place.connected("delivered"):
            text = "`delivered` is never left by: the flow does not wait for the report."
            yield issue("DEAD_EXIT", text, pointer="/waitForDelivery")
        if self.from_ is not None and "{{" not in self.from_ and not SENDER.fullmatch(self.from_):
            text = "A sender is up to 11 letters and digits, a short code or a number."
            yield issue("INVALID_VALUE", text, pointer="/from")
        yield from text_issues(written(self.message), "/message")

    def lower(self, place: Place) -> Iterable[Step]:
        """Send [→ wait for the report]."""
        if self.wait_for_delivery is None:
            yield self.call(place, id=place.id())
            return
        waits = place.id("wait")
        ends = {"delivered": "!delivered", "failed": "!failed"}
        yield self.call(place, id=place.id(), to={"sent": waits, **ends})
        to = {**ends, "timeout": "!sent"}
        yield Wait(id=waits, node=place.node, expects="report", timeout=self.wait_for_delivery, to=to)

    async def execute(self, tools: Tools) -> Outcome:
        """One request for all of them."""
        written = self.to if isinstance(self.to, list) else [self.to]
        phones = list(dict.fromkeys(map(phone_of, written)))
        sender = self.from_ or tools.phones().sender
        try:
            rows = await text_all(tools, phones, self.message, sender)
        except Failed as error:
            return refused(error)
        lost = [row["number"] for row in rows if "code" in row]
        value = {"recipients": rows, "failed": lost, **measured(self.message), **self._one(rows)}
        return Outcome(exit="failed" if lost else "sent", value=value)

    def mock(self) -> Outcome:
        """The report comes at once."""
        return Outcome(exit="sent" if self.wait_for_delivery is None else "delivered")

    def _one(self, rows: list[dict[str, Json]]) -> dict[str, Json]:
        """Of a text to one number what its report is known by, and whether it is awaited."""
        id = rows[0].get("id") if len(rows) == 1 else None
        awaited = id is not None and self.wait_for_delivery is not None
        return {**({"id": id} if id else {}), **({"awaited": True} if awaited else {})}
