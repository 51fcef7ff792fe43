"""Several messages where one answer was expected: which of them counts."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from dsl.durations import Duration
from dsl.issues import Issue, issue
from dsl.model import Authored
from dsl.plan import Gather
from dsl.templates import Text

QUIET = 2
"""Seconds of `quietPeriod` where it is absent."""


class Gathering(Authored):
    """What becomes of a message that comes before the one before it was answered."""

    double_text: Literal["queue", "latest", "merge", "reject"] = "queue"
    """`queue`: one message after another, each answers the next question that is asked. Or the answer is the
    `latest` message, all of them (`merge`, a line each), or the first (`reject`: the others do not count)."""
    quiet_period: Duration | None = Field(default=None, gt=0)
    """Of `latest` and `merge`: the answer is taken when so long no other message came; of `reject`: so long
    after the first. 2 s where absent."""
    reject_text: Text | None = Field(default=None, min_length=1)
    """Of `reject`: said once about the messages that do not count."""

    def gather(self) -> Gather | None:
        """As the walk reads it."""
        if self.double_text == "queue":
            return None
        text = self.reject_text if self.double_text == "reject" else None
        return Gather(policy=self.double_text, seconds=self.quiet_period or QUIET, text=text)

    def gathering_issues(self) -> Iterator[Issue]:
        """Fields that say nothing beside the others."""
        if self.double_text == "queue" and self.quiet_period is not None:
            text = "`quietPeriod` is for `latest`, `merge` and `reject`: with `queue` nothing is waited for."
            yield issue("DOUBLE_TEXT_UNUSED", text, pointer="/quietPeriod")
        if self.double_text != "reject" and self.reject_text is not None:
            text = f"`rejectText` is for `reject`: with `{self.double_text}` no message is rejected."
            yield issue("DOUBLE_TEXT_UNUSED", text, pointer="/rejectText")
