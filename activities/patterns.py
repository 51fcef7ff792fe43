"""Regular expressions of flows, in time linear in the text, whatever the pattern (SEC-08)."""

import re2

LONGEST_PATTERN = 512
"""Characters; the compiler accepts no more."""
LONGEST_TEXT = 64 * 1024
"""Bytes; nothing longer is of any form."""
MEMORY = 8 * 1024 * 1024
"""Bytes that a compiled pattern and its automata may take; the compiler's checks allow the same."""
STEPS = 128 * 1024 * 1024
"""Instructions of the pattern times bytes of text, a second or so: linear time may still be long."""


class PatternError(ValueError):
    """A pattern that is too long or not supported; never shows it, for it may hold what a person wrote."""


class Pattern:
    """A compiled pattern; raises `PatternError`."""

    def __init__(self, source: str) -> None:
        if len(source) > LONGEST_PATTERN:
            raise PatternError("the pattern is too long")
        try:
            self._regexp = re2.compile(source, _options())
        except (re2.error, UnicodeError):
            raise PatternError("the pattern cannot be read") from None
        finally:
            re2.purge()  # its cache would keep 128 patterns of other people's, with their automata
        self._longest = min(LONGEST_TEXT, STEPS // max(1, self._regexp.programsize))

    def covers(self, text: str) -> bool:
        """Whether the whole text is of the form."""
        read = self._bounded(text)
        return read is not None and self._regexp.fullmatch(read) is not None

    def occurs(self, text: str) -> bool:
        """Whether any part of the text is of the form."""
        read = self._bounded(text)
        return read is not None and self._regexp.search(read) is not None

    def _bounded(self, text: str) -> bytes | None:
        """The text in UTF-8; None where it is too long to be looked at."""
        read = text.encode(errors="replace") if len(text) <= self._longest else None
        return read if read is not None and len(read) <= self._longest else None


def _options() -> re2.Options:
    options = re2.Options()
    options.max_mem, options.log_errors, options.never_capture = MEMORY, False, True
    return options
