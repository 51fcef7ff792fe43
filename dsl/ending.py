"""How a walk ends."""

from typing import Self

from dsl.messages import ErrorInfo, Status
from dsl.model import Json, Message


class Ending(Message):
    """How the walk ended."""

    status: Status
    reason: str | None = None
    error: ErrorInfo | None = None
    results: dict[str, Json] | None = None
    before: int | None = None
    """The input that starts the next run: neither it nor what follows is consumed."""

    @classmethod
    def stopped(cls, *, expired: bool) -> Self:
        """Of a run that was asked to stop, or whose time is up."""
        return cls(status="expired", reason="ttl") if expired else cls(status="cancelled", reason="cancelled")

    @classmethod
    def anew(cls, seq: int) -> Self:
        """Of a run whose person began once more."""
        return cls(status="expired", reason="redialled", before=seq)
