"""What was said or filled in, and what is expected of it."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from dsl.filters import moment_of, number_of, text_of
from dsl.model import Json, Message

LONGEST = 16 * 1024
"""Characters of an answer that are kept."""

Shown = Annotated[str, BeforeValidator(text_of)]
"""Text as people read it, whatever its template rendered to."""
Bound = Annotated[float | None, BeforeValidator(number_of)]
Moment = Annotated[Any, BeforeValidator(moment_of)]


class Offered(Message):
    """A choice that was offered."""

    value: Json
    title: Shown = ""
    synonyms: list[Shown] = Field(default_factory=list)


class Answer(Message):
    """What was said (`text`), picked or filled in (`value`) or sent along, and what is expected.

    `now` is the walk's own time, `zone` the flow's; `region` (ISO 3166) is that of numbers without a country
    code, `contact_phone` tells it where the flow does not.
    """

    expects: str
    text: Shown = ""
    value: Json = None
    attachments: Json = None
    choices: list[Offered] = Field(default_factory=list)
    min: Bound = None
    max: Bound = None
    pattern: Shown = ""
    zone: Shown = "UTC"
    now: Moment = None
    region: str | None = None
    contact_phone: Shown = ""

    def said(self, most: int = LONGEST) -> str:
        """What was filled in, else what was written; nothing where it is longer than any good answer."""
        filled = self.value if isinstance(self.value, str | int | float) else None
        text = self.text if filled is None or isinstance(filled, bool) else text_of(filled)
        return text.strip() if len(text) <= most else ""

    def sent(self, *, place: bool) -> dict[str, Json] | None:
        """The first thing sent along that is a place, or that is none."""
        sent = self.attachments if isinstance(self.attachments, list) else []
        found = (one for one in sent if isinstance(one, dict) and (one.get("type") == "location") is place)
        return next(found, None)
