"""The in-memory parts behave as the client's answers do."""

from decimal import Decimal

import pytest

from providers.africastalking.memory import MemoryAfricasTalking
from providers.africastalking.memory_payments import MemoryPayments
from providers.africastalking.money import Money
from providers.africastalking.payments import PaymentProvider
from providers.africastalking.port import AfricasTalkingPort
from providers.errors import Failed, NotSent, ProviderError, Unknown

ASHA, JUMA = "+254700000111", "+254700000112"
KES_50 = Money(amount=Decimal(50), currency="KES")


async def test_a_text_is_kept_and_one_who_opted_out_is_refused() -> None:
    memory = MemoryAfricasTalking()
    memory.blocked.add(JUMA)
    port: AfricasTalkingPort = memory
    sent = await port.send_sms([ASHA, JUMA], "Habari", sender="DUKA")
    assert [(row.number, row.status_code) for row in sent.recipients] == [(ASHA, 101), (JUMA, 406)]
    [text] = memory.texts
    assert (text.to, text.text, text.sender, text.id) == (
        ASHA,
        "Habari",
        "DUKA",
        sent.recipients[0].message_id,
    )
    refusal = sent.recipients[1].refusal()
    assert refusal is not None
    assert refusal.code == "USER_IN_BLACKLIST"


async def test_what_people_write_is_fetched_from_an_id_on() -> None:
    memory = MemoryAfricasTalking()
    first = memory.hear(ASHA, "one")
    memory.hear(ASHA, "two")
    assert [row.text for row in await memory.fetch_sms(first)] == ["two"]


async def test_one_key_is_one_top_up_and_another_key_another() -> None:
    memory = MemoryAfricasTalking()
    first = await memory.send_airtime(ASHA, KES_50, key="a", retries=4)
    assert await memory.send_airtime(ASHA, KES_50, key="a", again=True) == first
    await memory.send_airtime(ASHA, KES_50, key="b")
    assert [(topup.phone, topup.retries) for topup in memory.topups.values()] == [(ASHA, 4), (ASHA, None)]
    assert (await memory.find_transaction(str(first.request_id))).data["phoneNumber"] == ASHA
    with pytest.raises(Failed):
        await memory.find_transaction("ATQid_none")


async def test_a_key_that_is_refused_the_second_time_leaves_it_unknown() -> None:
    memory = MemoryAfricasTalking(replays=False)
    await memory.send_airtime(ASHA, KES_50, key="a")
    with pytest.raises(Unknown):
        await memory.send_airtime(ASHA, KES_50, key="a", again=True)
    assert len(memory.topups) == 1


async def test_calls_queues_and_balance() -> None:
    memory = MemoryAfricasTalking()
    memory.waiting["+254711000000"] = 2
    queued = await memory.call(ASHA, sender="+254711000000", request="effect-1")
    assert memory.calls[str(queued.session_id)].request == "effect-1"
    assert [queue.num_calls for queue in await memory.queues(["+254711000000", ASHA])] == [2, 0]
    assert await memory.balance() == memory.holds


@pytest.mark.parametrize("done", [False, True])
async def test_a_planned_failure_strikes_before_or_after_the_work_and_once(done: bool) -> None:
    memory, money = MemoryAfricasTalking(), MemoryPayments()
    lost = Unknown("TIMEOUT", "no answer came", provider="africastalking")
    memory.fail("send_sms", lost, done=done)
    money.fail("checkout", lost, done=done)
    with pytest.raises(Unknown):
        await memory.send_sms([ASHA], "Habari")
    with pytest.raises(Unknown):
        await money.checkout(ASHA, KES_50, product="Duka")
    assert len(memory.texts) == len(money.payments) == int(done)
    await memory.send_sms([ASHA], "Habari")
    assert len(memory.texts) == 1 + int(done)


async def test_a_question_fails_as_it_was_told() -> None:
    memory = MemoryAfricasTalking()
    memory.fail("balance", NotSent("TIMEOUT", "no answer came", provider="africastalking"))
    with pytest.raises(NotSent):
        await memory.balance()


async def test_money_is_asked_for_settled_and_given_back() -> None:
    memory = MemoryPayments()
    money: PaymentProvider = memory
    asked = await money.checkout(ASHA, KES_50, product="Duka", metadata={"order": "7"})
    with pytest.raises(Failed):
        await money.refund(str(asked.id))
    paid = memory.settle(str(asked.id))
    assert await money.find(str(asked.id)) == paid
    back = await money.refund(str(asked.id))
    assert (back.destination, back.value) == (ASHA, KES_50)


@pytest.mark.parametrize("transaction", ["ATPid_none", ""])
async def test_no_such_money(transaction: str) -> None:
    with pytest.raises(ProviderError) as caught:
        await MemoryPayments().find(transaction)
    assert caught.value.code == "NOT_FOUND"
