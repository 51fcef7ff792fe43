"""Values that must not turn up where they do not belong, and the disguises they are looked for in."""

import base64
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import quote

Haystack = Mapping[str, bytes]
"""What is looked through, by the name of each piece."""


@dataclass
class Canaries:
    """Values by what they were planted as.

    A new one is letters and digits without a meaning: no way of quoting a text changes it, and no two are
    ever alike. It may stand inside an address or a sentence.
    """

    planted: dict[str, bytes] = field(default_factory=dict)

    def __call__(self, what: str) -> str:
        """The value planted as `what`: a new one the first time."""
        return self.planted.setdefault(what, f"cny{secrets.token_hex(7)}".encode()).decode()

    def phone(self, what: str) -> str:
        """A phone number; looked for without its plus."""
        digits = self.planted.setdefault(what, b"2547" + str(secrets.randbelow(90_000_000) + 10**7).encode())
        return f"+{digits.decode()}"

    def keep(self, secrets: Mapping[str, str | bytes]) -> None:
        """Values that exist already."""
        for what, value in secrets.items():
            self.planted[what] = value.encode() if isinstance(value, str) else value

    def names_in(self, haystack: Haystack) -> set[str]:
        """What was planted, as far as it is there in any disguise."""
        return {what for what, _ in self.leaks(haystack)}

    def leaks(self, haystack: Haystack) -> list[tuple[str, str]]:
        """What is there in any disguise, and in which piece."""
        disguises = {what: disguised(value) for what, value in self.planted.items()}
        return [
            (what, piece)
            for piece, text in haystack.items()
            for lower in (text.lower(),)
            for what, forms in disguises.items()
            if any(form in text or form in lower for form in forms)
        ]


@cache
def disguised(value: bytes) -> set[bytes]:
    """The value as it is, and as it looks in hexadecimal, in any base64, in an address, in JSON."""
    forms = {value, value.hex().encode(), quote(value).encode(), quote(value, safe="").encode()}
    text = value.decode("latin-1")
    forms |= {json.dumps(text)[1:-1].encode(), text.lower().encode("latin-1")}
    return forms | set(_base64(value))


def _base64(value: bytes) -> Iterator[bytes]:
    """What is left of it in the base64 of a longer text, whatever stands before and behind it."""
    for before, first in ((0, 0), (1, 2), (2, 3)):
        written = base64.b64encode(bytes(before) + value).rstrip(b"=")
        whole = written[first : len(written) - ((before + len(value)) % 3 > 0)]
        yield from (whole, whole.replace(b"+", b"-").replace(b"/", b"_"))


def joined(pieces: Iterable[tuple[str, bytes]]) -> dict[str, bytes]:
    """Pieces by name; those of one name one after the other."""
    found: dict[str, bytes] = {}
    for name, text in pieces:
        found[name] = found.get(name, b"") + text + b"\n"
    return found
