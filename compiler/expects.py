"""What an answer may be expected to be, what is said of one that is not, and what reading it takes."""

from typing import Literal

import re2

from dsl.model import Json

Expects = Literal[
    "text", "number", "integer", "email", "phone", "date", "time", "datetime", "choice", "yes_no", "url",
    "file", "location", "regex",
]  # fmt: skip

SORRY: dict[str, str] = {
    "text": "Please write an answer.",
    "number": "Please write a number.",
    "integer": "Please write a whole number.",
    "email": "That does not look like an e-mail address.",
    "phone": "Please write a phone number with its country code, like +254 712 345678.",
    "date": "Please write a date, like 31/12/2030.",
    "time": "Please write a time, like 14:30.",
    "datetime": "Please write a date and a time, like 31/12/2030 14:30.",
    "choice": "Please pick one of the choices.",
    "yes_no": "Please answer yes or no.",
    "url": "That does not look like a web address.",
    "file": "Please send a file.",
    "location": "Please send your location.",
    "regex": "That does not look right.",
}
"""The default sentence about an invalid answer."""

NUMBERS = ("number", "integer")
MOST_PATTERN, PATTERN_MEMORY = 512, 8 * 1024 * 1024
"""Characters of a pattern, and bytes of what it is compiled to."""

_TIMED: dict[str, Json] = {"now": "{{now}}"}
_SENT: dict[str, Json] = {"attachments": "{{@.attachments}}"}
READ_WITH: dict[str, dict[str, Json]] = {
    "date": _TIMED,
    "time": {},
    "datetime": _TIMED,
    "phone": {"contactPhone": "{{contact.phone}}"},
    "file": _SENT,
    "location": _SENT,
}
"""What reading an answer takes besides what was said, from the walk."""


def pattern_problem(pattern: str) -> str | None:
    """Why a pattern cannot be matched in linear time; None where it can."""
    if len(pattern) > MOST_PATTERN:
        return f"A pattern has at most {MOST_PATTERN} characters."
    options = re2.Options()
    options.max_mem, options.log_errors = PATTERN_MEMORY, False
    try:
        re2.compile(pattern, options)
    except (re2.error, UnicodeError) as error:
        why = error.args[0] if error.args else ""
        told = why.decode(errors="replace") if isinstance(why, bytes) else str(why)
        return f"The pattern cannot be matched in linear time: {told[:200]}."
    finally:
        re2.purge()
    return None
