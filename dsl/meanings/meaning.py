"""What a code says to a person."""

from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    """An error stops a flow from being published; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


class Meaning(NamedTuple):
    """What a code says to a person: one sentence of what is wrong, one of how to mend it."""

    severity: Severity
    about: str
    hint: str


def error(about: str, hint: str) -> Meaning:
    """The meaning of a code that stops a flow from being published."""
    return Meaning(Severity.ERROR, about, hint)


def warning(about: str, hint: str) -> Meaning:
    """The meaning of a code that only warns."""
    return Meaning(Severity.WARNING, about, hint)
