"""What nodes that are for calls have in common: the bounds of what a call is told to do, and their steps.

The bounds are the provider's (providers/africastalking/speech.py checks what templates came to).
"""

from typing import Annotated, ClassVar, Self

import phonenumbers
from pydantic import AfterValidator, Field, StringConstraints, model_validator

from compiler.asking import HANGUP
from dsl.durations import Duration
from dsl.kind import Kind, Place
from dsl.model import Json
from dsl.plan import Say, Wait
from dsl.templates import Expr, Text

LONGEST_CALL = 4 * 3_600
"""Seconds after which nobody is waited for on a call of whose end nobody told."""

Spoken = Annotated[Text, Field(min_length=1, max_length=4_000)]
Sound = Expr[Annotated[str, StringConstraints(pattern=r"^https?://[!-~]+$", max_length=2_048)]]
Seconds = Annotated[Duration, Field(ge=1, le=3_600)]
Key = Annotated[str, StringConstraints(pattern=r"^[0-9*#]$")]
Named = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.\-]{1,64}$")]


def _reachable(written: str) -> str:
    """A number that a country could have given out, or an address."""
    try:
        known = "@" in written or phonenumbers.is_possible_number(phonenumbers.parse(written, None))
    except phonenumbers.NumberParseException:
        known = False
    if not known:
        raise ValueError("is neither a phone number with its country code nor a SIP address")
    return written


_PHONE_OR_SIP = StringConstraints(pattern=r"^(\+[1-9][0-9]{6,14}|[!-?A-~]+@[!-?A-~]+)$", max_length=127)
Callee = Expr[Annotated[str, _PHONE_OR_SIP, AfterValidator(_reachable)]]
"""A phone number with its country code (+254…), or a SIP address."""


class Calling(Kind):
    """A kind that tells a call what to do."""

    hears_after: ClassVar[bool] = True
    """Whether a caller may hear what is said after it, in the same answer to the call."""

    def action(self) -> dict[str, Json]:
        """What the call is told besides the words: {"action": <kind>, …} with the fields that were given."""
        given = self.model_dump(mode="json", by_alias=True, exclude_none=True, include=self.told())
        return {"action": self.kind(), **given}

    def told(self) -> set[str]:
        """Names of the fields that the call is told."""
        return set()

    def telling(self, place: Place, to: str, text: str = "", part: str = "") -> Say:
        """The step that tells it: the node's entry, or one of its parts."""
        return Say(id=place.id(part), node=place.node, text=text, action=self.action(), to=to)


class Prompted(Calling):
    """A kind that says or plays something to a caller before it waits for them."""

    text: Spoken | None = None
    """What is said before."""
    play: Sound | None = None
    """The address of a sound file that is played instead of a text."""
    voice: Named | None = None
    """Who says it: `woman`, `man`, or a voice by name (en-US-Standard-C)."""

    @model_validator(mode="after")
    def _one_prompt(self) -> Self:
        if self.text is not None and self.play is not None:
            raise ValueError("either a text is said or a sound file is played")
        return self

    def told(self) -> set[str]:
        """All but the words, and what is the flow's own."""
        return set(type(self).model_fields) - {"text", "save_to", "max_tries", "invalid_text"}


def awaits(place: Place, expects: str, heard: str, hung_up: str = f"!{HANGUP}") -> Wait:
    """The step that waits for what the call brings; its deadline is for calls of whose end nobody tells."""
    hangup = {HANGUP: hung_up} if place.connected(HANGUP) else {}
    late = hangup.get(HANGUP, "!expired")
    timeout = min(place.session_ttl or LONGEST_CALL, LONGEST_CALL)
    to = {"answer": heard, "timeout": late, **hangup}
    return Wait(id=place.id("wait"), node=place.node, expects=expects, timeout=timeout, to=to)
