"""Numbers, money and the alphabets of phones."""

import re
import secrets
from datetime import UTC, datetime
from decimal import Decimal

PHONE = re.compile(r"\+[1-9][0-9]{7,14}", re.ASCII)
SANDBOX_NETWORK = "99999"
GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_ESCAPED = frozenset("\f^{}\\[~]|€")


def is_phone(text: str) -> bool:
    """Whether it is a number with `+` and country code."""
    return PHONE.fullmatch(text) is not None


def money(amount: Decimal, currency: str) -> str:
    """`KES 0.8000`."""
    return f"{currency} {amount:.4f}"


def new_id(prefix: str) -> str:
    """`ATXid_` and 32 hexadecimal digits."""
    return f"{prefix}_{secrets.token_hex(16)}"


def septets(text: str) -> int | None:
    """The text's length in the GSM 7-bit alphabet, None when it does not fit into it."""
    if not set(text) <= GSM | GSM_ESCAPED:
        return None
    return len(text) + sum(char in GSM_ESCAPED for char in text)


def parts(text: str) -> int:
    """How many messages a text is sent as."""
    length, single, joined = septets(text), 160, 153
    if length is None:
        length, single, joined = len(text.encode("utf-16-le")) // 2, 70, 67
    return 1 if length <= single else -(-length // joined)


def date(moment: float) -> str:
    """`2026-01-05 09:34:18`, UTC."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S")


def iso(moment: float) -> str:
    """`2026-01-05T09:34:18.445Z`."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
