"""What an operator lets through to a phone."""

from typing import NamedTuple

from emulators.africastalking.config import Config
from emulators.africastalking.texts import septets
from emulators.common.delivery import Verdict

BACK = "00:Back"
MORE = f"\n98:More {BACK}"


class Limits(NamedTuple):
    """An operator's limits: characters of a menu and of an input, seconds without input."""

    menu: int
    input: int | None
    idle: float


# Where an operator states nothing: the generic figure of GSM, and the shortest stated patience.
GENERIC = Limits(182, None, 30)
OPERATORS = {"63902": Limits(160, 80, 30), "63903": Limits(184, 90, 60)}


class Unfit(Exception):
    """An answer that ends the session."""


def limits_of(network: str) -> Limits:
    return OPERATORS.get(network, GENERIC)


def check(verdict: Verdict, *, any_type: bool) -> None:
    """Raise `Unfit` unless the answer is 200, plain text, and begins as it must."""
    if verdict.status != 200:
        raise Unfit(verdict.text)
    kind = verdict.headers.get("content-type", "").split(";", 1)[0].strip()
    if kind != "text/plain" and not any_type:
        raise Unfit(f"the answer is {kind or 'untyped'}, not text/plain")
    if not verdict.body.startswith((b"CON ", b"END ")):
        raise Unfit("the answer begins with neither 'CON ' nor 'END '")
    if not verdict.body[4:].strip():
        raise Unfit("the screen is empty")


def shown(answer: str, network: str, config: Config) -> list[str]:
    """The screen as the phone gets it: one page, or several where the operator pages."""
    text, room = answer[4:], limits_of(network).menu - (4 if config.ussd_counts_prefix else 0)
    if config.ussd_length == "ignore" or _fits(text, room):
        return [text]
    if config.ussd_length == "reject":
        raise Unfit(f"the screen is longer than the operator's {limits_of(network).menu} characters")
    pages = _pages(text, room)
    return pages if config.ussd_length == "paginate" else [text[: _most(text, room)]]


def _fits(text: str, room: int) -> bool:
    """One character outside the 7-bit alphabet halves what there is room for."""
    length = septets(text)
    return length <= room if length is not None else len(text.encode("utf-16-le")) // 2 <= room // 2


def _most(text: str, room: int) -> int:
    """How many characters of the text fit."""
    return next(n for n in range(min(len(text), room), 0, -1) if _fits(text[:n], room))


def _pages(text: str, room: int) -> list[str]:
    pages, rest = [], text
    while rest:
        size = _most(rest, room - len(MORE))
        pages.append(rest[:size])
        rest = rest[size:]
    return [page + _keys(at, len(pages)) for at, page in enumerate(pages)]


def _keys(at: int, pages: int) -> str:
    return MORE[:8] if at == 0 else MORE if at < pages - 1 else f"\n{BACK}"
