"""Hides secrets, and what looks like one or like personal data, in texts for people."""

import re
from functools import lru_cache

MASK = "***"
SHORTEST = 6
"""Characters; hiding a shorter secret would spoil every line and betray it."""

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\b(bearer|basic)\s+[\w\-.~+/=]+", re.IGNORECASE), rf"\1 {MASK}"),
    (re.compile(r"(\w+://)[^/\s@]+@"), rf"\1{MASK}@"),
    (re.compile(r"(\w+://[^\s?\"']+)\?[^\s\"']*"), rf"\1?{MASK}"),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"), MASK),
    (re.compile(r"(?<![\w-])\+?\d{9,15}(?![\w-])"), MASK),
)
"""Credentials, passwords and queries in addresses, e-mail addresses, phone numbers."""

REMEMBERED, SHORT = 512, 100
"""Texts, and their longest: lines of logs say the same words again and again."""


class Redactor:
    """Replaces the secrets it was told, and what has the shape of one, by `***`."""

    def __init__(self) -> None:
        self._known: re.Pattern[str] | None = None
        self._secrets: set[str] = set()
        self._remembered = lru_cache(REMEMBERED)(self._clean)

    def hide(self, *secrets: str) -> None:
        """From now on these values are replaced wherever they stand."""
        self._secrets.update(secret for secret in secrets if len(secret) >= SHORTEST)
        longest_first = sorted(self._secrets, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None
        self._remembered.cache_clear()

    def __call__(self, text: str) -> str:
        return self._remembered(text) if len(text) <= SHORT else self._clean(text)

    def _clean(self, text: str) -> str:
        clean = self._known.sub(MASK, text) if self._known else text
        for pattern, instead in _PATTERNS:
            clean = pattern.sub(instead, clean)
        return clean
