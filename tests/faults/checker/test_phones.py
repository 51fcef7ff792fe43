"""What phones, programs and probes tell turns a figure red where it should, and only there."""

from datetime import timedelta
from typing import Any

import pytest

from tests.faults.checker.planted import at, effect, execution, good, row, tables
from torture.checker import phones
from torture.checker.drawn import complaints
from torture.checker.facts import Facts, Figure
from torture.checker.recorded import Recorded, case_of
from torture.checker.tables import Idempotency, Report, Tables
from torture.checker.told import Callback, Fault, Probe, Start, Taken, Turn
from torture.checker.verdict import report, violated
from torture.reference.case import Account, Line

PHONE = "+254700000001"
STEP = Turn(at(20), "S", "1*2", "CON Which?")
SAFE = STEP._replace(answer="END Please try again later.")
AWAY = [Fault("stop postgres", at(15), at(25), "stood still")]
TEXT = Callback(at(20), "sms", {"id": "T1", "text": "hello"}, True)
PAID = Callback(at(20), "payment", {"transactionId": "P1", "status": "Success"}, True)
KEPT = Report(dedupe_key="pay:P1:Success", kind="payment", ref="P1", state="settled", accepted_at=at(20))
KEY = Idempotency(key="k", execution_id="run", status=202)


def _start(execution: str | None = "run", status: int = 202) -> Start:
    return Start(at(9), "k", status, execution, {})


def _rows(*keys: str) -> Tables:
    """With further rows of the lane, which moved nothing."""
    told = enumerate(keys, 3)
    more = [row(seq, f"x:{seq}", "busy").model_copy(update={"dedupe_key": key}) for seq, key in told]
    return tables(inbound_events=[*tables().inbound_events, *more])


def _stepped(turn: Turn) -> Tables:
    """With the row of a step, which shows this answer."""
    db = _rows(f"ussd:{turn.session}:2:hash")
    assert turn.answer
    step = db.inbound_events[-1].model_copy(update={"screen": {"said": [{"text": turn.answer[4:]}]}})
    return db.model_copy(update={"inbound_events": [*db.inbound_events[:-1], step]})


def _texted(*refs: str, state: str = "done", known: str | None = "desk:X1") -> Facts:
    """A run whose thanks went out by text, under these ids of the network's."""
    thanks = effect("thank", 22, 104, state=state, provider_ref=known)
    someone = execution(context={"variables": {"name": "Asha"}, "contact": {"phone": PHONE}})
    db = tables(effects=[effect("ask", 11, 102), thanks], executions=[someone])
    sent = [Taken(at(22), ref, PHONE, "Thank you, Asha") for ref in refs]
    return good(db=db, calls=good().calls[:1], taken=sent)


FOUND: dict[str, tuple[Figure, Facts]] = {
    "a text was acknowledged and has no row": ("lost", good(callbacks=[TEXT])),
    "a report was acknowledged and is not kept": ("lost", good(callbacks=[PAID])),
    "a step was answered and has no row": ("lost", good(turns=[STEP])),
    "a start was acknowledged and is not there": (
        "lost", good(starts=[_start("gone")], db=tables(idempotency_keys=[KEY])),
    ),
    "one key started two executions": ("double_transitions", good(starts=[_start(), _start("other")])),
    "nobody's key and no event started an execution": (
        "double_transitions", good(starts=[_start(None, 409)]),
    ),
    "a text came twice": ("silent_duplicates", _texted("X1", "X2")),
    "a step had two answers": ("divergent", good(turns=[STEP, STEP._replace(answer="CON What?")])),
    "a step was refused while nothing was broken": ("divergent", good(turns=[STEP, SAFE])),
    "a step was refused, which was kept, and then answered": (
        "divergent", good(turns=[SAFE, STEP], faults=AWAY, db=_stepped(SAFE)),
    ),
    "a step had two answers while something was broken": (
        "divergent", good(turns=[STEP, STEP._replace(answer="CON What?")], faults=AWAY, db=_stepped(STEP)),
    ),
    "a step had no answer although nothing was broken": (
        "divergent", good(turns=[STEP._replace(answer=None)]),
    ),
    "a report of a payment of ours rests": (
        "stuck",
        good(db=tables(
            reports=[KEPT.model_copy(update={"state": "received"})],
            effects=[effect("ask", 11, 102), effect("thank", 22, 104, provider_ref="desk:P1")],
        )),
    ),
    "a row was heard a minute too late": (
        "stuck",
        good(db=tables(inbound_events=[row(1, "msg:101", "start", "Hello", consumed_at=at(125))])),
    ),
    "what the ledger calls texted was texted by nobody": ("orphans", _texted()),
    "a probe came through": (
        "leaks", good(probes=[Probe("ranges", "10.0.0.1", "ADDRESS_BLOCKED", "success")]),
    ),
}  # fmt: skip


@pytest.mark.parametrize("planted", FOUND)
async def test_what_is_planted_is_found(planted: str) -> None:
    figure, facts = FOUND[planted]
    assert (await violated(facts))[figure], planted


FINE: dict[str, Facts] = {
    "a text, a report and a step that are there": good(
        callbacks=[TEXT, PAID], turns=[STEP, STEP], webhooks=[],
        db=_rows("sms:T1", "ussd:S:2:x").model_copy(update={"reports": [KEPT]}),
    ),
    "what nobody acknowledged": good(callbacks=[TEXT._replace(acknowledged=False)]),
    "a start that was told twice, and one that was refused": good(
        starts=[_start(), _start(), _start(None, 422)], db=tables(idempotency_keys=[KEY]),
    ),
    "a text that is in the ledger": _texted("X1"),
    "a step that nobody answered while all was broken": good(turns=[STEP._replace(at=at(55), answer=None)]),
    "a report of something unknown may wait": good(
        db=tables(reports=[KEPT.model_copy(update={"state": "received"})])
    ),
    "a row that a fault kept": good(
        db=tables(inbound_events=[
            row(1, "msg:101", "start", "Hello", consumed_at=at(90)), row(2, "msg:103", "answer", "Asha",
                                                                         consumed_at=at(91)),
        ]),
        faults=[Fault("stop worker", at(15), at(85), "stood still")], quiet_since=at(90),
    ),
    "a step whose row could not be read when it was repeated": good(
        turns=[STEP, SAFE], faults=AWAY, db=_stepped(STEP),
    ),
    "a probe that was refused": good(probes=[Probe("strangers", "GET /x", "404", "404")]),
}  # fmt: skip


@pytest.mark.parametrize("what", FINE)
async def test_what_is_well_is_not_found(what: str) -> None:
    found = await violated(FINE[what])
    assert not any(found.values()), found


async def test_a_text_that_came_twice_of_which_nobody_knows_is_counted_and_no_silent_one() -> None:
    found = await violated(_texted("X2", state="unknown", known=None))
    assert (found["silent_duplicates"], len(found["unknown"])) == ([], 1)
    assert (await violated(_texted("X2", "X3", state="unknown", known=None)))["silent_duplicates"]


# A drawing that the reference does not know: somebody dials and pays.

PAYING: dict[str, Any] = {
    "name": "paying",
    "nodes": [
        {"id": "start", "type": "start"},
        {"id": "sum", "type": "question", "config": {"saveTo": "amount", "expects": "integer", "max": 100}},
        {"id": "pay", "type": "request_payment", "config": {}},
        {"id": "thanks", "type": "message", "config": {}},
        {"id": "end", "type": "end"},
    ],
    "edges": [
        {"from": "start", "to": "sum"}, {"from": "sum", "to": "pay"}, {"from": "pay", "to": "thanks"},
        {"from": "pay", "exit": "failed", "to": "end"}, {"from": "thanks", "to": "end"},
    ],
}  # fmt: skip
WAY = (
    Line("start", "done", "next"), Line("sum", "waiting", None), Line("sum", "waiting", None),
    Line("sum", "done", "answer"), Line("pay", "waiting", None), Line("pay", "done", "paid"),
    Line("thanks", "done", "next"), Line("end", "done", None),
)  # fmt: skip
ASKED = effect("pay", 22, 1, kind="request_payment", provider_ref="at:P1")


def _paying(
    *path: Line, amount: int | None = 40, state: str = "done", answers: tuple[str, ...] = ("200", "40")
) -> Recorded:
    rows = [row(seq, f"msg:{seq}", "answer", text) for seq, text in enumerate(answers, 2)]
    rows = [row(1, "msg:1", "start"), *rows]
    asked = ASKED.model_copy(update={"state": state})
    account = Account(status="completed", variables={"amount": amount}, path=list(path or WAY))
    return Recorded(PAYING, execution(channel="ussd"), rows, [asked], account)


def test_a_way_through_the_drawing_is_well() -> None:
    assert complaints(_paying(), {"P1": "Success"}) == []
    assert complaints(_paying(), {}) == []


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(_paying(amount=200), id="another amount"),
        pytest.param(_paying(*WAY[:3], *WAY[4:]), id="a step was left out"),
        pytest.param(_paying(answers=("40",)), id="an answer too few"),
        pytest.param(_paying(answers=("200", "40", "50")), id="an answer too many"),
        pytest.param(_paying(*WAY[:5], Line("pay", "done", "failed"), *WAY[6:]), id="another way out"),
        pytest.param(_paying(state="failed"), id="paid, and the ledger says that it failed"),
        pytest.param(_paying(*WAY[:4], WAY[-1], amount=40), id="an effect where the way never led"),
    ],
)
def test_what_is_no_way_through_the_drawing_is_seen(one: Recorded) -> None:
    assert complaints(one, {"P1": "Success"})


def test_an_end_that_the_network_knows_otherwise_is_seen() -> None:
    assert complaints(_paying(), {"P1": "Failed"})


# The journal of a network.


def _line(**told: Any) -> dict[str, Any]:
    return {"at": at(1).isoformat(), **told}


def _callback(id: str, outcome: str, channel: str = "sms", **more: Any) -> dict[str, Any]:
    return _line(kind="delivery", channel=channel, delivery=id, outcome=outcome, fields={"id": id}, **more)


def test_a_callback_counts_as_it_ended_and_turns_are_told_apart() -> None:
    step = {"sessionId": "S", "text": "1"}
    journal = [
        _callback("a", "retry"), _callback("a", "delivered"), _callback("b", "failed"),
        {"kind": "fault", "delivery": "b", "action": "drop"},
        _callback("c", "turn", "ussd", status=200, answer="CON Hi") | {"fields": step},
        _callback("d", "turn", "ussd", status=None, answer="") | {"fields": step},
    ]  # fmt: skip
    told = [(one.id, one.acknowledged, one.faulty) for one in phones.callbacks(journal)]
    assert told == [("a", True, False), ("b", False, True)]
    assert [one.answer for one in phones.turns(journal)] == ["CON Hi", None]


def test_what_a_network_took_is_known_by_its_own_ids() -> None:
    texts = {"Recipients": [{"statusCode": 101, "messageId": "X1", "number": PHONE},
                            {"statusCode": 406, "messageId": "None", "number": PHONE}]}  # fmt: skip
    journal = [
        _line(kind="api", method="POST", status=201, route="/api/version1/messaging",
              body={"message": "Hi"}, answer={"SMSMessageData": texts}, fault="error_after"),
        _line(kind="api", method="POST", status=201, route="/payments/mobile/checkout/request",
              body={"phoneNumber": PHONE}, answer={"transactionId": "P1"}),
        _line(kind="api", method="POST", status=200, route="/api/version1/airtime/send", body={},
              answer={"responses": [{"requestId": "A1", "phoneNumber": PHONE}, {"requestId": "None"}]}),
        _line(kind="api", method="POST", status=429, route="/api/version1/messaging", body={}, answer={}),
    ]  # fmt: skip
    assert [(one.ref, one.text) for one in phones.taken(journal)] == [("X1", "Hi"), ("P1", ""), ("A1", "")]


async def test_patience_with_a_row_begins_with_the_end_of_all_faults() -> None:
    heard = tables(inbound_events=[row(1, "msg:101", "start", "Hello", consumed_at=at(125))])
    broken = [Fault("kill api", at(20), at(60), "died")]
    late = good(db=heard, faults=broken, quiet_since=at(60))
    assert (await violated(late))["stuck"]
    assert not (await violated(late, patience=timedelta(seconds=70)))["stuck"]
    assert not (await violated(late.model_copy(update={"quiet_since": at(66)})))["stuck"]
    waited = report(late)["heard"]
    assert (waited["longest"], waited["calm"]) == (115, 10 + 50)


@pytest.mark.parametrize(
    ("said", "owner"),
    [
        ({"status": "open", "hasBot": True}, "human"),
        ({"status": "pending", "hasBot": True}, "bot"),
        ({"status": "resolved", "hasBot": True}, "bot"),
        ({"status": "open", "hasBot": False, "assignee": 7}, "human"),
        ({"status": "open", "hasBot": False, "assignee": None}, None),
    ],
)
def test_a_change_of_status_tells_the_reference_who_has_the_word(
    said: dict[str, Any], owner: str | None
) -> None:
    status = row(2, "msg:103", "owner").model_copy(update={"event": {"kind": "status", "value": said}})
    one = Recorded(PAYING, execution(), [row(1, "msg:101", "start"), status], [], Account())
    [_, told] = case_of(one).events
    assert told.value == {**said, "owner": owner}


def test_a_program_s_trigger_and_variables_are_told_to_the_reference() -> None:
    given = {"trigger": {"items": [1, 2]}, "variables": {"name": "Asha"}}
    case = case_of(Recorded(PAYING, execution(), [], [], Account(), given))
    assert (case.trigger, case.variables, case.triggered) == (given["trigger"], given["variables"], False)
