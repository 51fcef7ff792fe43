"""USSD answers: `CON ` or `END ` and a text that fits; a long one goes over several pages."""

from collections.abc import Sequence
from typing import NamedTuple

from providers.africastalking.gsm import encoding, length, units

CONTINUE, FINISH = "CON ", "END "
MORE, BACK = "98", "00"
"""Keys of ours: no choice may have them as its value."""
_MORE, _BACK = f"\n{MORE} More", f"\n{BACK} Back"
SCREEN = 160
"""Units of a screen, our `CON ` included: whether it counts, nobody says."""
BY_NETWORK = {"63902": 160, "63903": 184}
"""Safaricom and Airtel in Kenya; of the others no figure is known."""
_ROOM = length(CONTINUE) + length(_MORE) + length(_BACK)
UNSAID = str.maketrans({"\x00": None, "\r": None, "\t": " ", "\u00a0": " "})


class Screen(NamedTuple):
    """What is answered: the body, and whether the session goes on."""

    body: str
    open: bool


def capacity(text: str, network: str | None = None) -> int:
    """Units a screen of an operator holds (GSM-7 septets, or half as many 16-bit units)."""
    most = BY_NETWORK.get(network or "", SCREEN)
    return most if encoding(text) == "GSM-7" else most // 2


def pages(text: str, network: str | None = None) -> list[str]:
    """The text in pages that fit along with the prefix and our keys; one where it fits whole.

    Cut at a line's end, else between words, else anywhere; only the blank at the cut is left out.
    """
    text = text.translate(UNSAID).strip()
    most = capacity(text, network)
    if length(text) + length(CONTINUE) <= most:
        return [text]
    found, wide = [], encoding(text)
    while text:
        room = _fitting(text, most - _ROOM, wide == "UCS-2")
        cut = _cut(text, room)
        found.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return found


def screen(paged: Sequence[str], at: int = 0, *, open: bool) -> Screen:
    """The page numbered `at`; `open` tells whether the session goes on after the last one."""
    first, last = at == 0, at == len(paged) - 1
    text = paged[at] + ("" if last else _MORE) + ("" if first else _BACK)
    goes_on = open or not last
    return Screen((CONTINUE if goes_on else FINISH) + text, goes_on)


def turned(paged: Sequence[str], at: int, typed: str) -> int | None:
    """The page that a key of ours leads to from page `at`; None where what was typed is an answer."""
    key = typed.strip()
    if key == MORE and at < len(paged) - 1:
        return at + 1
    return at - 1 if key == BACK and at > 0 else None


def _fitting(text: str, room: int, wide: bool) -> int:
    """How many characters at the start take at most `room` units."""
    used = 0
    for place, char in enumerate(text):
        used += units(char, "UCS-2" if wide else "GSM-7")
        if used > room:
            return place
    return len(text)


def _cut(text: str, room: int) -> int:
    """Where to cut so that at most `room` characters stay, and not too few for it."""
    if room == len(text):
        return room
    head = text[: room + 1]
    for gap in ("\n", " "):
        place = head.rfind(gap)
        if place > room // 3:
            return place
    return room
