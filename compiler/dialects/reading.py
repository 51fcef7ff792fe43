"""What reading a dialect gives: the flow as FlowSpec writes it, and the way back to what was sent."""

from dataclasses import dataclass, field

from dsl.issues import Issue
from dsl.model import Json


@dataclass(frozen=True)
class Reading:
    """A document turned into FlowSpec's form, not yet validated.

    `origin` maps pointers into `document` to pointers into what was sent; what is not named kept its place.
    `made` does so for what nobody sent: whatever is wrong inside points to the place it was made for.
    """

    dialect: str
    document: dict[str, Json]
    origin: dict[str, str] = field(default_factory=dict)
    issues: tuple[Issue, ...] = ()
    made: dict[str, str] = field(default_factory=dict)

    def sent(self, pointer: str) -> str:
        """The pointer, into the document as it was sent."""
        head, tail = pointer, ""
        while head and head not in self.origin and head not in self.made:
            head, _, last = head.rpartition("/")
            tail = f"/{last}{tail}"
        if head in self.made:
            return self.made[head]
        return self.origin[head] + tail if head else tail
