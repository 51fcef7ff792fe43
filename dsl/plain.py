"""Answers so plain that no library is asked about them: the walk reads them itself, always in the same way.

What is not plain goes to the activity `parse_answer`, which agrees on what is (tests/dsl/test_plain.py). The
rules are contracts as those of conditions are: histories were walked by them.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from dsl.messages import Outcome
from dsl.model import Json

Args = Mapping[str, Any]
"""As `parse_answer` is given them, rendered."""

_EMAIL = re.compile(r"[A-Za-z0-9]+([._+\-][A-Za-z0-9]+){0,4}@[a-z0-9]+([.\-][a-z0-9]+){0,4}\.([a-z]{2,12})")
_MOST_EMAIL = 60
_RESERVED = ("alt", "arpa", "example", "internal", "invalid", "local", "localhost", "onion", "test")
_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,14}", re.ASCII)
_YES_NO = {"yes": True, "y": True, "1": True, "no": False, "n": False, "2": False}


def plainly(args: Args) -> Outcome | None:
    """What the answer is kept as; None where that is for the libraries to say."""
    reader = _READERS.get(args["expects"])
    value = reader(args) if reader is not None else None
    return Outcome(exit="answer", value=value) if value is not None else None


def _written(args: Args) -> str:
    """What was written in ASCII, where nothing was picked or filled in."""
    text = args["text"]
    return text.strip() if args["value"] is None and isinstance(text, str) and text.isascii() else ""


def _email(args: Args) -> Json:
    said = _written(args)
    found = _EMAIL.fullmatch(said) if len(said) <= _MOST_EMAIL else None
    return said if found and found[3] not in _RESERVED else None


def _whole(args: Args) -> Json:
    said = _written(args)
    bounds = [args.get("min"), args.get("max")]
    if not _WHOLE.fullmatch(said) or any(type(bound) not in (int, float, type(None)) for bound in bounds):
        return None
    least, most = bounds
    number = int(said)
    fits = (least is None or number >= least) and (most is None or number <= most)
    return number if fits else None


def _yes_no(args: Args) -> Json:
    return _YES_NO.get(_written(args).lower())


def _choice(args: Args) -> Json:
    picked, choices = _picked(args["value"]), args["choices"]
    if picked is not None:
        return next((one["value"] for one in choices if one["value"] == picked), None)
    said = _written(args).lower()
    for names, value in _named(choices) if said else ():
        if not all(isinstance(name, str) and name.isascii() for name in names):
            return None
        if said in (name.strip().lower() for name in names):
            return value
    return None


def _picked(value: Json) -> Json:
    if isinstance(value, list):
        return value[0].get("value") if value and isinstance(value[0], dict) else None
    return value


def _named(choices: Sequence[Mapping[str, Any]]) -> Iterator[tuple[tuple[Json, ...], Json]]:
    """The names of each choice, its place in the list among them, and its value."""
    for number, one in enumerate(choices, start=1):
        names = (one.get("title", ""), str(one["value"]), *one.get("synonyms", ()), str(number))
        yield names, one["value"]


_READERS: Mapping[str, Callable[[Args], Json]] = {
    "email": _email,
    "number": _whole,
    "integer": _whole,
    "yes_no": _yes_no,
    "choice": _choice,
}
