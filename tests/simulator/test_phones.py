"""People with a phone in a simulation: sessions, calls, texts, and what the world tells."""

from typing import Any

import pytest

from simulator.trace import Stepped
from tests.simulator.flows import END, flow, node, played

HI = node("hi", "message", text="Welcome.")
MENU = node(
    "menu",
    "menu",
    text="What is it?",
    choices=[{"title": "Balance", "value": "balance"}, {"title": "Airtime", "value": "airtime"}],
)
AMOUNT = node("amount", "question", text="How much?", expects="integer", saveTo="amount")
TOLD = node("told", "message", text="{{amount}} for {{contact.phone}} by {{trigger.event}}.")
RICH = node("rich", "message", text="KES 250.")
SHOP = flow(
    [HI, MENU, AMOUNT, TOLD, RICH, END],
    [
        ("hi", "menu"),
        ("menu", "balance", "rich"),
        ("menu", "airtime", "amount"),
        ("amount", "told"),
        ("told", "end"),
        ("rich", "end"),
    ],
    settings={"sessionTtl": "1h"},
    variables={"amount": {"type": "integer"}},
)
FIRST = "Welcome.\nWhat is it?\n1. Balance\n2. Airtime"
HEARD = "Welcome.\nWhat is it? For Balance, press 1. For Airtime, press 2."
USSD, VOICE, SMS = {"channel": "ussd"}, {"channel": "voice"}, {"channel": "sms"}
DIAL = {"dial": "*384*1#"}


def texts(*expected: str) -> list[dict[str, Any]]:
    return [{"expect": one} for one in expected]


async def test_what_is_said_in_a_turn_is_one_screen_with_numbered_choices() -> None:
    done = await played(
        SHOP, USSD, DIAL, *texts(FIRST), {"say": "2"}, *texts("How much?"), {"say": "50"},
        *texts("50 for +254700000001 by ussd_session."), {"expectExit": "completed"},
    )  # fmt: skip
    assert done.failure is None
    assert [one.open for one in done.transcript if one.who == "bot"] == [True, True, False]


async def test_the_first_word_dials_and_a_choice_is_picked_by_its_number() -> None:
    done = await played(SHOP, {"click": "Balance"}, {"expect": FIRST}, {"expect": "KES 250."}, channel="ussd")
    assert done.failure is None
    assert [one.text for one in done.transcript] == ["(dials *384*1#)", FIRST, "1", "KES 250."]


async def test_what_is_dialled_behind_the_code_is_typed_and_only_the_last_screen_is_seen() -> None:
    done = await played(SHOP, USSD, {"dial": "*384*1*2*60#"}, *texts("60 for +254700000001 by ussd_session."))
    assert (done.failure, done.variables) == (None, {"amount": 60})


async def test_who_dials_again_in_time_is_asked_again_and_may_start_over() -> None:
    again: list[dict[str, Any]] = [USSD, DIAL, {"say": "2"}, {"hangUp": True}, {"advance": "9m"}, DIAL]
    seen = texts(FIRST, "How much?", "How much?\n00 Start over")
    done = await played(SHOP, *again, *seen, {"say": "70"}, {"expectVariables": {"amount": 70}})
    assert done.failure
    assert done.failure.message == "the bot said more than was expected"
    done = await played(SHOP, *again, *seen, {"say": "00"}, *texts(FIRST), {"say": "1"}, *texts("KES 250."))
    assert done.failure is None


async def test_who_dials_again_too_late_begins_anew() -> None:
    done = await played(SHOP, USSD, DIAL, {"say": "2"}, {"advance": "11m"}, DIAL, {"say": "1"})
    assert [one.text for one in done.transcript if one.who == "bot"] == [
        FIRST,
        "How much?",
        FIRST,
        "KES 250.",
    ]
    assert done.exits["menu"] == ["airtime", "balance"]
    asked = [one.exit for one in done.trace if isinstance(one, Stepped) and one.step == "menu"]
    assert asked == [None, None]


async def test_after_the_end_a_new_session_is_a_new_run() -> None:
    done = await played(SHOP, USSD, {"say": "1"}, {"say": "1"})
    assert done.failure
    assert (done.failure.line, done.failure.message) == (2, "nobody is on the line: dial first")
    done = await played(SHOP, USSD, {"say": "1"}, DIAL, {"say": "1"}, {"expectExit": "completed"})
    assert done.failure is None


async def test_a_long_screen_goes_over_pages_of_which_the_flow_hears_nothing() -> None:
    long = "\n".join(f"Line {number} of what there is to say." for number in range(10))
    many = flow(
        [node("ask", "question", text=long, saveTo="it"), END],
        [("ask", "end")],
        settings={"sessionTtl": "1h"},
    )
    done = await played(many, USSD, DIAL, {"say": "98"}, {"say": "00"}, {"say": "well"})
    first, second, back = (one.text for one in done.transcript if one.who == "bot" and one.text != "Goodbye.")
    assert first == back
    assert (first.endswith("\n98 More"), second.endswith("\n98 More\n00 Back")) == (True, True)
    assert done.variables == {"it": "well"}


async def test_a_call_is_heard_and_answered_by_keys() -> None:
    done = await played(
        SHOP, VOICE, {"dial": "+254711000000"}, *texts(HEARD),
        {"press": "1"}, *texts("KES 250."), {"expectExit": "completed"},
    )  # fmt: skip
    assert done.failure is None


async def test_hanging_up_a_call_at_a_question_ends_it_or_takes_its_exit() -> None:
    done = await played(SHOP, VOICE, {"dial": "+254711000000"}, {"press": "2"}, {"hangUp": True})
    assert (done.status, done.reason) == ("completed", "abandoned")
    left = {**SHOP, "edges": [*SHOP["edges"], {"from": "amount", "exit": "hangup", "to": "end"}]}
    done = await played(left, VOICE, {"say": "2"}, {"hangUp": True}, {"expectExit": {"amount": "hangup"}})
    assert done.failure is None


async def test_choices_of_a_text_message_are_numbered_in_it() -> None:
    done = await played(
        SHOP, SMS, {"say": "Hi"}, *texts("Welcome.", "What is it?\n1. Balance\n2. Airtime"), {"say": "2"},
        *texts("How much?"), {"say": "5"}, *texts("5 for +254700000001 by sms_received."),
    )  # fmt: skip
    assert done.failure is None


async def test_who_wrote_stop_gets_no_text_until_start() -> None:
    caught = {**SHOP, "settings": {"sessionTtl": "1h", "onError": "end"}}
    begun = [SMS, {"say": "Hi"}, {"say": "Stop."}, {"say": "stop"}]
    done = await played(caught, *begun, {"say": "1"})
    assert done.status == "completed"
    assert [one.text for one in done.transcript] == ["Hi", "Welcome.", FIRST[9:], "Stop.", "stop", "1"]
    done = await played(caught, *begun, {"say": "START"}, {"say": "1"})
    assert done.transcript[-1].text == "KES 250."


PAY = node("pay", "request_payment", amount=5, currency="KES", phone="{{contact.phone}}")
PAYS = flow(
    [
        node("soon", "message", text="Your phone asks."),
        PAY,
        *(
            node(id, "send_sms", to="{{contact.phone}}", message=f"{id}: {{{{nodes.pay.status}}}}")
            for id in ("thanks", "sorry")
        ),
        node("boss", "send_sms", to="+254700000009", message="Money came."),
        END,
    ],
    [
        ("soon", "pay"),
        ("pay", "paid", "boss"),
        ("pay", "failed", "sorry"),
        ("pay", "expired", "sorry"),
        *((id, "sent", "end") for id in ("thanks", "sorry")),
        *((id, "failed", "end") for id in ("thanks", "sorry")),
        ("boss", "sent", "thanks"),
        ("boss", "failed", "thanks"),
    ],
    settings={"sessionTtl": "1h"},
)


def reported(status: str, node: str = "pay", **value: Any) -> dict[str, Any]:
    return {"report": {"node": node, "status": status, **({"value": value} if value else {})}}


async def test_what_the_world_tells_ends_the_wait_and_others_phones_are_no_part_of_the_talk() -> None:
    done = await played(
        PAYS, USSD, DIAL, *texts("Your phone asks."), reported("paid"), *texts("thanks: paid")
    )
    assert done.failure is None
    assert [(one.who, one.text) for one in done.transcript[2:]] == [
        ("note", "(pay: paid)"),
        ("note", "(SMS to +254700000009) Money came."),
        ("bot", "thanks: paid"),
    ]
    done = await played(
        PAYS, USSD, DIAL, *texts("Your phone asks."), reported("failed"), *texts("sorry: failed")
    )
    assert done.failure is None


async def test_nobody_is_asked_while_the_world_is_waited_for() -> None:
    done = await played(PAYS, USSD, DIAL, DIAL, reported("paid"), {"expectExit": "completed"})
    assert done.failure is None
    assert [one.open for one in done.transcript if one.text != "thanks: paid" and one.who == "bot"] == [
        False
    ] * 2


async def test_what_is_said_when_nobody_is_on_the_line_fails_or_goes_by_text_where_the_flow_may() -> None:
    nodes, edges = (
        [PAY, node("done", "message", text="Thanks."), END],
        [("pay", "paid", "done"), ("done", "end")],
    )
    ways = [*edges, ("pay", "failed", "end"), ("pay", "expired", "end")]
    lines = [USSD, DIAL, reported("paid")]
    done = await played(flow(nodes, ways), *lines)
    assert done.error
    assert "SCREEN_CLOSED" in done.error.message
    done = await played(flow(nodes, ways, settings={"lateScreen": "sms"}), *lines)
    assert (done.status, done.transcript[-1].text) == ("completed", "Thanks.")


async def test_without_a_report_the_node_comes_to_what_its_kind_does_in_tests() -> None:
    done = await played(PAYS, USSD, DIAL, {"expectExit": {"pay": "paid"}})
    assert done.failure is None


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([reported("delivered")], "the node pay waits for nothing of the kind"),
        ([reported("paid"), reported("paid")], "the node pay waits for nothing of the kind"),
        ([reported("paid", "soon")], "the node soon waits for nothing of the kind"),
        ([{"channel": "sms"}], "the conversation has begun"),
        ([{"hangUp": True}], "nobody is on the line"),
    ],
)
async def test_what_cannot_happen_now_is_told(lines: list[dict[str, Any]], message: str) -> None:
    done = await played(PAYS, USSD, DIAL, *lines)
    assert done.failure
    assert (done.failure.line, done.failure.message) == (1 + len(lines), message)


MOVES = flow(
    [
        HI,
        node("amount", "question", text="How much?", saveTo="amount", continueOn={"channel": "sms"}),
        node("told", "message", text="{{amount}} noted."),
        END,
    ],
    [("hi", "amount"), ("amount", "told"), ("told", "end")],
    settings={"sessionTtl": "1h"},
)


async def test_a_conversation_that_moves_goes_on_by_text_and_the_code_can_be_dialled_again() -> None:
    first = [*texts("Welcome.", "How much?"), {"say": "5"}, *texts("5 noted.")]
    done = await played(MOVES, USSD, DIAL, *first, DIAL, *texts("Welcome.", "How much?"))
    assert done.failure is None
    shown = [one.open for one in done.transcript if one.who == "bot"]
    assert shown == [False, None, None, False, None]


CALL = node("call", "initiate_call", to="{{contact.phone}}")
KEYS = node("keys", "get_digits", text="Your number?", numDigits=2, saveTo="amount")
PUT_THROUGH = node("over", "dial", phoneNumbers=["+254700000009"])
CALLS = flow(
    [
        node("soon", "message", text="We call you."),
        *(CALL, KEYS, node("note", "record", text="Speak.", saveTo="spoken"), PUT_THROUGH),
        node("sorry", "message", text="You were not there."),
        END,
    ],
    [
        *(
            ("soon", "call"),
            ("call", "answered", "keys"),
            ("keys", "answer", "note"),
            ("keys", "timeout", "note"),
        ),
        *(("note", "over"), ("over", "end"), ("sorry", "end")),
        *(("call", exit, "sorry") for exit in ("no_answer", "failed")),
    ],
    settings={"sessionTtl": "1h"},
)


async def test_a_call_of_ours_is_taken_and_goes_on_by_keys_speech_and_another_phone() -> None:
    recorded = reported("recorded", "note", recording="https://r.example/1")
    done = await played(
        CALLS,
        *(SMS, {"say": "Hi"}, *texts("We call you.")),
        *(reported("answered", "call"), *texts("Your number?")),
        *({"press": "42"}, *texts("Speak.\n[record]")),
        *(recorded, *texts("[dial +254700000009]")),
        *(reported("answered", "over"), {"expectExit": "completed"}),
        {"expectVariables": {"amount": "42", "spoken": "https://r.example/1"}},
    )
    assert done.failure is None


async def test_a_call_of_ours_that_nobody_takes_goes_the_other_way() -> None:
    begun = [SMS, {"say": "Hi"}, *texts("We call you."), reported("no_answer", "call")]
    done = await played(CALLS, *begun, *texts("You were not there."), {"expectExit": {"call": "no_answer"}})
    assert done.failure is None


async def test_in_a_chat_nothing_can_be_dialled() -> None:
    done = await played(SHOP, {"say": "Hi"}, DIAL)
    assert done.failure
    assert done.failure.message == "nothing can be dialled on chatwoot"
