"""What becomes of reports that come later: early, late, twice, in any order, forged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from structlog.testing import capture_logs

from dsl.model import Json
from intake.beliefs import Beliefs
from intake.metrics import REPORTS
from intake.reports import Reporter
from providers.africastalking.delivery import standing
from providers.africastalking.memory import MemoryAfricasTalking
from providers.africastalking.memory_payments import MemoryPayments
from providers.africastalking.money import Money
from providers.errors import Failed, NotSent, ProviderError
from store import ledger, reports
from store.ledger import Entry
from store.record import apply
from store.reports import Kept, Kind
from tests.intake.office import Office
from tests.store.made import CONNECTION, NOON, flush, line, message, scene

pytestmark = pytest.mark.real

PHONE, OTHER = "+254700000111", "+254700000999"
FIFTY = Money(amount=Decimal(50), currency="KES")
ATX = "ATXid_1"


def of_text(status: str) -> dict[str, Json]:
    """A report on a text."""
    return {"status": status, "standing": standing(status)}


@dataclass
class Desk:
    """A run that waits to hear what became of an effect of its node `it`."""

    office: Office
    reporter: Reporter
    payments: MemoryPayments
    phones: MemoryAfricasTalking
    lane: str
    run: str

    async def did(
        self, ref: str, kind: str = "send_sms", *, awaited: bool = True, value: Money | None = None
    ) -> None:
        """The effect, as its executor left it."""
        place = (self.office.db, self.office.workspace, self.run)
        await ledger.begin(*place, [Entry("it", 1, 1, kind, "digest")], 5)
        money = {"amount": float(value.amount), "currency": value.currency} if value else {}
        told = {"id": ref, "awaited": awaited, **money}
        done = await ledger.settle(
            *place, "it", 1, 1, 1,
            state="done", outcome={"exit": "sent", "value": told},
            provider="africastalking", provider_ref=f"{CONNECTION}:{ref}",
        )  # fmt: skip
        assert done

    async def accepted(self, kind: Kind, ref: str, report: dict[str, Json]) -> Kept | None:
        """A report comes in; None if it came before."""
        key = f"{kind}:{ref}:{report['status']}"
        place = (self.office.db, self.office.workspace, CONNECTION)
        return await reports.accept(*place, key, kind, ref, report)

    async def told(self, kind: Kind, ref: str, report: dict[str, Json]) -> None:
        """A report comes in and is routed, unless it came before."""
        kept = await self.accepted(kind, ref, report)
        if kept is not None:
            await self.reporter.route(kept)

    async def delivered(self, *statuses: str) -> None:
        for status in statuses:
            await self.told("delivery", ATX, of_text(status))

    async def notified(
        self, id: str, status: str = "Success", amount: str = "50", source: str = PHONE
    ) -> None:
        """A notice about a payment."""
        value = {"amount": amount, "currency": "KES"}
        about = {"key": f"pay:{id}", "id": id, "category": "MobileCheckout", "product": "Duka"}
        parties: dict[str, Json] = {
            "source": source,
            "destination": None,
            "description": None,
            "metadata": {},
        }
        await self.told("payment", id, {**about, **parties, "status": status, "value": value})

    async def asked_to_pay(self, kind: str = "request_payment", value: Money = FIFTY) -> str:
        """To pay `value`, of an order over fifty."""
        payment = await self.payments.checkout(PHONE, FIFTY, product="Duka")
        assert payment.id
        await self.did(payment.id, kind, value=value)
        return payment.id

    async def later(self) -> int:
        """The relay looks after a while; at how many reports."""
        await self.office.db.execute("UPDATE reports SET retry_at = now() WHERE state = 'received'")
        return await self.reporter.once()

    async def fates(self) -> list[str | None]:
        """What became of every report, in the order they first came."""
        query = "SELECT how FROM reports WHERE workspace_id = $1 ORDER BY id"
        return [row[0] for row in await self.office.db.fetch(query, self.office.workspace)]

    async def noted(self) -> str | None:
        """What is on the effect's record."""
        query = "SELECT report->>'raw' FROM effects WHERE workspace_id = $1"
        raw: str | None = await self.office.db.fetchval(query, self.office.workspace)
        return raw

    async def heard(self) -> list[str]:
        """What the flow was told, each time."""
        query = """SELECT event->'value' FROM inbound_events
            WHERE workspace_id = $1 AND event->>'kind' = 'report' ORDER BY seq"""
        values = [row[0] for row in await self.office.db.fetch(query, self.office.workspace)]
        assert all((value["node"], value["visit"], value["number"]) == ("it", 1, 1) for value in values)
        return [value["status"] for value in values]

    async def leave(self, exit: str) -> None:
        """The flow waits no longer: it has left the node, and goes on."""
        where = scene(self.lane, self.run).model_copy(update={"workspace": self.office.workspace})
        await apply(self.office.db, flush(where, line(1, "it", exit=exit), at=1))


@pytest.fixture
async def desk(office: Office) -> Desk:
    await office.publish()
    row = await office.arrive(message("1"))
    payments, phones = MemoryPayments(), MemoryAfricasTalking()
    reporter = Reporter(office.db, office.gateway, Beliefs(payments, phones))
    desk = Desk(office, reporter, payments, phones, row.lane, row.id)
    where = scene(row.lane, row.id).model_copy(update={"workspace": office.workspace})
    await apply(office.db, flush(where, status="waiting_time", last_seq=row.seq))
    return desk


async def test_a_report_is_kept_with_the_servers_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process's own clock may be wrong by hours."""

    async def told() -> datetime:
        return NOON

    monkeypatch.setattr(desk.office.db, "now", told)
    await desk.did(ATX)
    await desk.delivered("Success")
    assert await desk.office.db.fetchval("SELECT report->>'at' FROM effects") == NOON.isoformat()


@pytest.mark.parametrize(
    ("statuses", "noted", "fates", "heard"),
    [
        (["Sent"], "Sent", ["applied"], []),
        (["Sent", "Success"], "Success", ["applied", "applied"], ["delivered"]),
        (["Success"], "Success", ["applied"], ["delivered"]),
        (["Success", "Success"], "Success", ["applied"], ["delivered"]),
        (["Success", "Sent", "Buffered"], "Success", ["applied", "superseded", "superseded"], ["delivered"]),
        (["Buffered", "Submitted"], "Buffered", ["applied", "superseded"], []),
        (["Buffered", "Failed", "Buffered"], "Failed", ["applied", "applied"], ["failed"]),
        (["Failed", "Success"], "Failed", ["applied", "superseded"], ["failed"]),
        (["Success", "Failed"], "Success", ["applied", "superseded"], ["delivered"]),
        (["AbsentSubscriber", "Success"], "Success", ["applied", "applied"], ["delivered"]),
        (["Rejected"], "Rejected", ["applied"], ["failed"]),
        (["Expired"], "Expired", ["applied"], ["failed"]),
        (["Teleported", "Sent"], "Sent", ["applied", "applied"], []),
    ],
)
async def test_statuses_of_a_text_only_climb_and_its_end_is_told_once(
    desk: Desk, statuses: Sequence[str], noted: str, fates: Sequence[str], heard: Sequence[str]
) -> None:
    await desk.did(ATX)
    await desk.delivered(*statuses)
    assert (await desk.noted(), await desk.fates(), await desk.heard()) == (noted, fates, heard)


async def test_a_report_that_is_faster_than_the_answer_to_the_send_waits_for_it(desk: Desk) -> None:
    await desk.delivered("Sent", "Success")
    assert await desk.fates() == [None, None]
    assert await desk.later() == 2
    assert await desk.fates() == [None, None]
    await desk.did(ATX)
    assert await desk.later() == 2
    assert (await desk.noted(), await desk.heard()) == ("Success", ["delivered"])
    assert set(await desk.fates()) <= {"applied", "superseded"}


async def test_of_two_ends_the_one_that_came_first_counts_whichever_is_routed_first(desk: Desk) -> None:
    await desk.did(ATX)
    first, second = [
        await desk.accepted("delivery", ATX, of_text(status)) for status in ("Success", "Failed")
    ]
    assert first
    assert second
    for kept in (second, first):
        await desk.reporter.route(kept)
        assert (await desk.noted(), await desk.heard()) == ("Success", ["delivered"])
    assert await desk.fates() == ["applied", "superseded"]


async def test_a_report_on_nothing_of_ours_is_given_up_after_ten_minutes(desk: Desk) -> None:
    await desk.delivered("Success")
    await desk.office.db.execute("UPDATE reports SET accepted_at = now() - interval '599 s'")
    await desk.later()
    assert await desk.fates() == [None]
    await desk.office.db.execute("UPDATE reports SET accepted_at = now() - interval '601 s'")
    await desk.later()
    assert await desk.fates() == ["unknown_effect"]


async def test_what_nobody_waits_for_is_on_record_and_told_to_nobody(desk: Desk) -> None:
    await desk.did(ATX, awaited=False)
    await desk.delivered("Sent", "Success")
    assert (await desk.noted(), await desk.fates(), await desk.heard()) == ("Success", ["applied"] * 2, [])


async def test_the_run_is_told_at_once(desk: Desk) -> None:
    await desk.did(ATX)
    await desk.delivered("Success")
    assert await desk.office.told() == [1, 2]


async def test_a_router_that_died_after_telling_the_flow_does_not_tell_it_twice(desk: Desk) -> None:
    await desk.did(ATX)
    await desk.delivered("Success")
    await desk.leave("expired")
    await desk.office.db.execute("UPDATE reports SET state = 'received', how = NULL")
    await desk.later()
    assert (await desk.fates(), await desk.heard()) == (["applied"], ["delivered"])


@pytest.mark.parametrize(
    ("status", "paid", "kind", "heard"),
    [
        ("Success", True, "request_payment", "paid"),
        ("Failed", False, "request_payment", "failed"),
        ("Success", True, "refund_payment", "refunded"),
        ("Failed", False, "refund_payment", "failed"),
    ],
)
async def test_money_that_the_provider_knows_of_is_told_in_the_words_of_its_node(
    desk: Desk, status: str, paid: bool, kind: str, heard: str
) -> None:
    id = await desk.asked_to_pay(kind)
    desk.payments.settle(id, paid=paid)
    await desk.notified(id, status)
    assert (await desk.noted(), await desk.fates(), await desk.heard()) == (status, ["applied"], [heard])


@pytest.mark.parametrize(("amount", "currency"), [("500", "KES"), ("49.9999", "KES"), ("50", "UGX")])
async def test_another_amount_than_was_asked_for_is_not_paid_though_the_provider_has_it(
    desk: Desk, amount: str, currency: str
) -> None:
    id = await desk.asked_to_pay(value=Money(amount=Decimal(amount), currency=currency))
    desk.payments.settle(id)
    await desk.notified(id)
    assert (await desk.noted(), await desk.heard()) == ("Failed", ["failed"])


@pytest.mark.parametrize("forged", [{"amount": "5000"}, {"source": OTHER}])
async def test_a_forged_notice_is_refused_and_does_not_stand_in_the_way_of_the_true_one(
    desk: Desk, forged: dict[str, Any]
) -> None:
    id = await desk.asked_to_pay()
    await desk.notified(id, **forged)
    assert (await desk.noted(), await desk.fates(), await desk.heard()) == (None, ["refused"], [])
    desk.payments.settle(id)
    await desk.notified(id)
    assert (await desk.noted(), await desk.fates(), await desk.heard()) == ("Success", ["applied"], ["paid"])


async def test_a_forged_failure_of_money_that_was_paid_leads_to_the_truth(desk: Desk) -> None:
    id = await desk.asked_to_pay()
    desk.payments.settle(id)
    await desk.notified(id, "Failed")
    assert (await desk.noted(), await desk.fates(), await desk.heard()) == ("Success", ["refused"], ["paid"])


async def test_a_notice_ahead_of_the_providers_books_waits_for_them(desk: Desk) -> None:
    id = await desk.asked_to_pay()
    await desk.notified(id)
    await desk.later()
    assert (await desk.noted(), await desk.fates(), await desk.heard()) == (None, [None], [])
    desk.payments.settle(id)
    await desk.later()
    assert (await desk.fates(), await desk.heard()) == (["applied"], ["paid"])


async def test_money_that_the_provider_has_never_heard_of_is_refused(desk: Desk) -> None:
    await desk.did("ATPid_forged", "request_payment")
    await desk.notified("ATPid_forged")
    assert (await desk.noted(), await desk.fates(), await desk.heard()) == (None, ["refused"], [])


@pytest.mark.parametrize(
    "failure",
    [
        NotSent("CONNECTION_LOST", "gone", provider="payments"),
        Failed("UNAUTHORIZED", "the key is another one", provider="payments"),
        Failed("RATE_LIMITED", "not so fast", provider="payments"),
    ],
)
async def test_a_provider_that_does_not_tell_is_asked_again(desk: Desk, failure: ProviderError) -> None:
    id = await desk.asked_to_pay()
    desk.payments.settle(id)
    desk.payments.fail("find", failure)
    await desk.notified(id)
    await desk.office.db.execute("UPDATE reports SET accepted_at = now() - interval '1 hour'")
    assert await desk.fates() == [None]
    await desk.later()
    assert (await desk.fates(), await desk.heard()) == (["applied"], ["paid"])


async def test_without_anybody_to_ask_no_notice_of_money_is_believed(desk: Desk) -> None:
    id = await desk.asked_to_pay()
    desk.payments.settle(id)
    desk.reporter = Reporter(desk.office.db, desk.office.gateway, Beliefs())
    await desk.notified(id)
    assert (await desk.noted(), await desk.fates(), await desk.heard()) == (None, ["refused"], [])


async def test_money_that_comes_after_the_flow_went_on_is_on_record_and_told_apart(desk: Desk) -> None:
    id = await desk.asked_to_pay()
    await desk.leave("expired")
    desk.payments.settle(id)
    before = REPORTS.labels("payment", "late")._value.get()
    with capture_logs() as logs:
        await desk.notified(id)
    assert REPORTS.labels("payment", "late")._value.get() == before + 1
    assert [(log["event"], log["kind"]) for log in logs] == [("report_late", "payment")]
    assert PHONE not in str(logs)
    assert (await desk.noted(), await desk.fates(), await desk.heard()) == ("Success", ["late"], [])


async def test_money_that_the_flow_has_asked_for_itself_is_not_late(desk: Desk) -> None:
    id = await desk.asked_to_pay()
    desk.payments.settle(id)
    await desk.leave("paid")
    await desk.notified(id)
    assert (await desk.noted(), await desk.fates(), await desk.heard()) == ("Success", ["applied"], [])


async def test_a_top_up_is_believed_when_the_provider_lists_it(desk: Desk) -> None:
    sent = await desk.phones.send_airtime(PHONE, FIFTY, key="k")
    assert sent.request_id
    await desk.did(sent.request_id, "send_airtime")
    told = {"key": "air", "id": sent.request_id, "phone": PHONE, "status": "Success",
            "value": {"amount": "50", "currency": "KES"}, "discount": None, "description": None}  # fmt: skip
    await desk.told("airtime", sent.request_id, {**told, "phone": OTHER})
    await desk.told("airtime", sent.request_id, told)
    assert (await desk.noted(), await desk.fates(), await desk.heard()) == (
        "Success",
        ["applied"],
        ["delivered"],
    )
    await desk.told("airtime", "ATQid_nobodys", {**told, "id": "ATQid_nobodys"})
    assert await desk.fates() == ["applied", None]
