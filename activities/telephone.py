"""What kinds that Africa's Talking does have in common."""

from typing import ClassVar

from activities.base import Action, Origin, Tools
from activities.telecom import PROVIDER, QUEUE
from dsl.issues import Issue, issue
from dsl.messages import Outcome
from providers.africastalking.phone import e164
from providers.errors import Failed

OK = range(200, 300)


class Telephone(Action):
    """A kind that Africa's Talking does: on a task queue of its own, and never twice in haste."""

    queue: ClassVar[str | None] = QUEUE
    first_only: ClassVar[bool] = True

    def is_fast(self) -> bool:
        """What costs money is begun by an activity of its own."""
        return False

    def origin(self, tools: Tools) -> Origin:
        """The provider's id, in the operator's application."""
        return Origin(PROVIDER, tools.telecom.connection if tools.telecom else None)


def refused(error: Failed) -> Outcome:
    """The outcome `failed` of what the provider took in and said no to; anything else is raised again."""
    if error.status not in OK:
        raise error
    return Outcome(exit="failed", value={"code": error.code, "message": error.message})


def phone_of(written: str) -> str:
    """A phone number in E.164; else Failed(INVALID_PHONE), which never shows it."""
    number = e164(written)
    if number is None:
        text = "What was to be a phone number is none with its country code."
        raise Failed("INVALID_PHONE", text, provider=PROVIDER)
    return number


def phone_issue(written: object, pointer: str) -> Issue | None:
    """What is wrong with a number as its author wrote it; of a template nobody can tell."""
    if not isinstance(written, str) or "{{" in written or e164(written) is not None:
        return None
    text = "A phone number is written with its country code, like +254700000111."
    return issue("INVALID_VALUE", text, pointer=pointer)
