"""What an emulated Chatwoot noted: what it told, what people wrote in it, what it was asked to say."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from torture.checker.told import Call, Webhook

Lines = Iterable[dict[str, Any]]
MESSAGES = "/messages"
PUBLIC = "/public/"


def webhooks(source: Lines) -> list[Webhook]:
    """Each delivery by its best try, of the journal of an emulator's deliveries."""
    tries: dict[str, dict[str, Any]] = {}
    spoilt = set[str]()
    for line in source:
        if line["kind"] == "delivery":
            earlier = tries.get(line["delivery"], {})
            tries[line["delivery"]] = earlier if earlier.get("outcome") == "delivered" else line
        elif line["kind"] == "fault" and "delivery" in line:
            spoilt.add(line["delivery"])
    return [_webhook(line, faulty=id in spoilt) for id, line in tries.items()]


def _webhook(line: dict[str, Any], *, faulty: bool) -> Webhook:
    return Webhook(
        datetime.fromisoformat(line["at"]),
        line["event"],
        line.get("conversation", 0),
        line.get("message"),
        line["outcome"] == "delivered",
        faulty,
    )


def words(sink: Lines) -> Iterator[int]:
    """Ids of messages that people wrote."""
    for line in sink:
        written = line["kind"] == "api" and line["method"] == "POST" and line["route"].startswith(PUBLIC)
        if written and line["route"].endswith(MESSAGES) and line["status"] == 200:
            yield line["response_id"]
        elif line["kind"] == "customer" and line["action"] == "say":
            yield line["result"]["messageId"]


def picks(sink: Lines) -> Iterator[int]:
    """Ids of messages under which people picked something."""
    for line in sink:
        if line["kind"] == "api" and line["method"] == "PATCH" and line["route"].startswith(PUBLIC):
            if "submitted_values" in (line["body"] or {}) and line["status"] == 200:
                yield line["ids"]["message_id"]
        elif line["kind"] == "customer" and line["action"] in ("click", "submit"):
            yield line["result"]["messageId"]


def calls(sink: Lines) -> Iterator[Call]:
    """Messages asked of it under an effect's key; `status` is what it really did."""
    for line in sink:
        # A call that hung was never routed: its body alone tells what it was.
        asked = line["kind"] == "api" and line["method"] == "POST" and not line["route"].startswith(PUBLIC)
        key = (line.get("body") or {}).get("source_id") if asked else None
        if key:
            at = datetime.fromisoformat(line["at"])
            yield Call(at, key, line["status"] == 200, line["body"].get("content") or "")
