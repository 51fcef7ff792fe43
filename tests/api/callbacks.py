"""Callbacks of Africa's Talking, right, wrong and odd, made by chance of those that it sends."""

import random
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import orjson

from providers.africastalking.callbacks import Callback
from tests.providers.africastalking.bodies import BODIES, FORM

SECRET = "secret-of-the-line-" + 32 * "x"
FORGED = "FORGED"
"""Begins every id of what is sent without the secret: no row may hold it."""
ODD = (
    "",
    " ",
    "*",
    "00",
    "98",
    "0",
    "\0",
    "é€😀",
    "-1",
    "9" * 400,
    "+",
    "null",
    "<x/>",
    "'; --",
    "a" * 5_000,
)
IDS = ("sessionId", "id", "requestId", "transactionId", "senderId")
JSON = "application/json"
KINDS = (FORM, FORM, FORM, JSON, "", "text/plain", "application/json; charset=utf-8")


class Sent(NamedTuple):
    """A request: where to, what, and whether the secret in its path is the channel's."""

    path: str
    body: bytes
    kind: str
    trusted: bool


def request(dice: random.Random) -> Sent:
    """One by chance: about half with the secret, about a third untouched."""
    callback = dice.choice(list(BODIES))
    trusted = dice.random() < 0.5
    fields: dict[str, Any] = dict(BODIES[callback])
    for _ in range(dice.choice((0, 0, 1, 1, 2, 3))):
        _change(dice, fields)
    if not trusted:
        fields |= {name: f"{FORGED}{fields[name]}" for name in IDS if name in fields}
    kind = dice.choice(KINDS)
    return Sent(_path(dice, callback, trusted), _body(dice, fields, kind), kind, trusted)


def _change(dice: random.Random, fields: dict[str, Any]) -> None:
    if not fields:
        return
    name = dice.choice(list(fields))
    match dice.randrange(6):
        case 0:
            del fields[name]
        case 1:
            fields[f"x{name}"] = dice.choice(ODD)
        case 2 if "sessionId" in fields:
            fields["sessionId"] = f"AT{dice.randrange(50)}"
        case 3 if "text" in fields:
            fields["text"] = "*".join(
                dice.choice(("1", "2", "", "98", "00")) for _ in range(dice.randrange(40))
            )
        case _:
            fields[name] = dice.choice(ODD)


def _path(dice: random.Random, callback: Callback, trusted: bool) -> str:
    channel, secret = "main", SECRET
    if not trusted:
        wrong = ("x", SECRET[:-1], SECRET + "x", SECRET.upper(), "%00", "é", "a" * 300)
        secret = dice.choice(wrong)
        channel, secret = dice.choice((("main", secret), ("main", secret), ("other", SECRET), ("", SECRET)))
    step = dice.choice(("", "", "?step=", "?step=abc", "?step=" + "x" * 90)) if callback == "voice" else ""
    return f"/webhooks/africastalking/{channel}/{quote(secret, safe='%')}/{callback}{step}"


def _body(dice: random.Random, fields: dict[str, Any], kind: str) -> bytes:
    raw = orjson.dumps(fields) if kind.startswith(JSON) else urlencode(fields, errors="replace").encode()
    match dice.randrange(20):
        case 0:
            return raw[: dice.randrange(len(raw) + 1)]
        case 1:
            return raw + b"&" + raw
        case 2:
            return bytes(dice.randrange(256) for _ in range(dice.randrange(200)))
        case 3:
            return raw + b"&pad=" + b"x" * 70_000
        case _:
            return raw
