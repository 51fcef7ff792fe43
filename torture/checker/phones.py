"""What an emulated phone network noted: callbacks, turns of callers, and what it was asked to do."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from torture.checker.told import GOOD, Callback, Taken, Turn

Lines = Iterable[dict[str, Any]]
TEXTS, CHECKOUT, AIRTIME = "/version1/messaging", "/mobile/checkout/request", "/version1/airtime/send"
ACCEPTED = frozenset({100, 101, 102})


def callbacks(lines: Lines) -> list[Callback]:
    """Each callback but turns, by its best try."""
    tries, spoilt = dict[str, dict[str, Any]](), set[str]()
    for line in lines:
        if line["kind"] == "delivery" and line["outcome"] != "turn":
            earlier = tries.get(line["delivery"], {})
            tries[line["delivery"]] = earlier if earlier.get("outcome") == "delivered" else line
        elif line["kind"] == "fault" and "delivery" in line:
            spoilt.add(line["delivery"])
    return [_callback(line, faulty=id in spoilt) for id, line in tries.items()]


def _callback(line: dict[str, Any], *, faulty: bool) -> Callback:
    done = line["outcome"] == "delivered"
    return Callback(_at(line), line["channel"], line.get("fields", {}), done, faulty)


def turns(lines: Lines) -> list[Turn]:
    """Every step of a caller, as often as it was asked."""
    steps = [line for line in lines if line["kind"] in ("delivery", "fault")]
    spoilt = {line["delivery"] for line in steps if line["kind"] == "fault" and "delivery" in line}
    return [
        Turn(
            _at(line),
            line["fields"]["sessionId"],
            line["fields"]["text"],
            line["answer"] if line.get("status") == 200 else None,
            line["delivery"] in spoilt,
        )
        for line in steps
        if line["kind"] == "delivery" and line["outcome"] == "turn" and line["channel"] == "ussd"
    ]


def taken(lines: Lines) -> Iterator[Taken]:
    """Texts and payments that it was asked for and did, whatever it answered in the end."""
    for line in lines:
        if line["kind"] != "api" or line.get("method") != "POST" or line["status"] not in GOOD:
            continue
        if line["route"].endswith(TEXTS):
            yield from _texts(line)
        elif line["route"].endswith(CHECKOUT) and "transactionId" in (line["answer"] or {}):
            yield Taken(_at(line), line["answer"]["transactionId"], line["body"]["phoneNumber"])
        elif line["route"].endswith(AIRTIME):
            rows = (line["answer"] or {}).get("responses", [])
            yield from (Taken(_at(line), row["requestId"], row["phoneNumber"]) for row in rows if _given(row))


def _texts(line: dict[str, Any]) -> Iterator[Taken]:
    for row in ((line["answer"] or {}).get("SMSMessageData") or {}).get("Recipients", []):
        if row["statusCode"] in ACCEPTED:
            yield Taken(_at(line), row["messageId"], row["number"], line["body"].get("message", ""))


def _given(row: dict[str, Any]) -> bool:
    return str(row.get("requestId", "None")) != "None"


def _at(line: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(line["at"])
