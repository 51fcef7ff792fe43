"""Read an answer that is not plain text: the pure activity `parse_answer`; its result is in history."""

from collections.abc import Callable
from typing import Annotated, Any

from email_validator import EmailNotValidError, validate_email
from pydantic import BeforeValidator, Field

from dsl.filters import text_of
from dsl.messages import Outcome
from dsl.model import Json, Message

LONGEST = 16 * 1024

Shown = Annotated[str, BeforeValidator(text_of)]
"""Text as people read it, whatever its template rendered to."""


class Offered(Message):
    """A choice that was offered."""

    value: Json
    title: Shown = ""
    synonyms: list[Shown] = Field(default_factory=list)


class Answer(Message):
    """What was said (`text`), or picked or filled in (`value`), and what is expected."""

    expects: str
    text: str = ""
    value: Json = None
    choices: list[Offered] = Field(default_factory=list)


def parse_answer(args: dict[str, Any]) -> Outcome:
    """Leaves by `answer` with the value as it is kept, or by `invalid`."""
    answer = Answer.model_validate(args)
    value = READERS[answer.expects](answer)
    return Outcome(exit="invalid") if value is None else Outcome(exit="answer", value=value)


def _text(answer: Answer) -> Json:
    return answer.text.strip() or None


def _email(answer: Answer) -> Json:
    """The address as written, domain in lower case; deliverability is nobody's business here."""
    try:
        return validate_email(answer.text.strip()[:LONGEST], check_deliverability=False).normalized
    except EmailNotValidError:
        return None


def _choice(answer: Answer) -> Json:
    """By the value picked, else by title, value, synonym or the number in the list."""
    picked = answer.value[0].get("value") if _is_picked(answer.value) else answer.value
    for offered in answer.choices:
        if picked is not None and picked == offered.value:
            return offered.value
    said = answer.text.strip().casefold()
    for number, offered in enumerate(answer.choices, start=1):
        names = (offered.title, str(offered.value), *offered.synonyms, str(number))
        if said and said in (name.strip().casefold() for name in names):
            return offered.value
    return None


def _is_picked(value: Json) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


READERS: dict[str, Callable[[Answer], Json]] = {"text": _text, "email": _email, "choice": _choice}
