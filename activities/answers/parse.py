"""Read an answer that is not plain text: the pure activity `parse_answer`; its result is in history."""

from collections.abc import Callable
from typing import Any

from activities.answers import addresses, moments, numbers, sent, words
from activities.answers.answer import Answer
from dsl.messages import Outcome
from dsl.model import Json

READERS: dict[str, Callable[[Answer], Json]] = {
    "text": words.text,
    "choice": words.choice,
    "yes_no": words.yes_no,
    "regex": words.matching,
    "number": numbers.number,
    "integer": numbers.integer,
    "email": addresses.email,
    "phone": addresses.phone,
    "url": addresses.url,
    "date": moments.date,
    "time": moments.time,
    "datetime": moments.moment,
    "file": sent.file,
    "location": sent.location,
}
"""By what is expected: the answer as it is kept, None where it is none. Total over whatever people send."""
SLOW = frozenset({"date", "time", "datetime"})
"""Read by libraries that take milliseconds over it."""


def parse_answer(args: dict[str, Any]) -> Outcome:
    """Leaves by `answer` with the value as it is kept, or by `invalid`."""
    answer = Answer.model_validate(args)
    value = READERS[answer.expects](answer)
    return Outcome(exit="invalid") if value is None else Outcome(exit="answer", value=value)
