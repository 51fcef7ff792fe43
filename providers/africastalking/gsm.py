"""How long a text is on the air: GSM-7 with its extension table, or UCS-2."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")
"""Two septets each: an escape goes before them."""

Encoding = Literal["GSM-7", "UCS-2"]
_ONE: dict[Encoding, int] = {"GSM-7": 160, "UCS-2": 70}
_EACH: dict[Encoding, int] = {"GSM-7": 153, "UCS-2": 67}
"""Units of a part among several; the rest is the header that joins them."""


class Size(NamedTuple):
    """A text as SMS: its encoding, its units (septets, or 16-bit units) and the parts it is charged as."""

    encoding: Encoding
    units: int
    parts: int


def foreign(text: str) -> list[str]:
    """The characters that GSM-7 does not have, each once, in their order."""
    return [char for char in dict.fromkeys(text) if char not in BASIC and char not in EXTENSION]


def encoding(text: str) -> Encoding:
    """The one it needs."""
    return "UCS-2" if foreign(text) else "GSM-7"


def units(char: str, code: Encoding) -> int:
    """What one character takes."""
    if code == "GSM-7":
        return 2 if char in EXTENSION else 1
    return 2 if ord(char) > 0xFFFF else 1


def length(text: str) -> int:
    """Units of the text in the encoding it needs."""
    code = encoding(text)
    return sum(units(char, code) for char in text)


def size(text: str) -> Size:
    """The text as SMS; no character is split between two parts, so parts may not be full."""
    code, whole = encoding(text), length(text)
    return Size(code, whole, 1 if whole <= _ONE[code] else sum(1 for _ in _parts(text, code)))


def _parts(text: str, code: Encoding) -> Iterator[int]:
    """The units of each part."""
    used = 0
    for char in text:
        taken = units(char, code)
        if used + taken > _EACH[code]:
            yield used
            used = 0
        used += taken
    yield used
