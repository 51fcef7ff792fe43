"""How a call to an outside system can fail, told apart by what it means for a second try.

Nothing here carries a secret, an address with a secret in it, or a body in its text: these errors are logged
and kept in histories.
"""

from typing import ClassVar, Literal

from dsl.messages import ErrorInfo
from providers.reply import Reply

Standing = Literal["not_sent", "refused", "failed", "unknown"]


class ProviderError(Exception):
    """A call that did not end well; raised only as one of its four subclasses.

    `code` is stable, `message` for people, `retry_after` seconds (a hint, at most 15 minutes), `reply` what
    was answered, if anything was.
    """

    standing: ClassVar[Standing]

    def __init__(
        self,
        code: str,
        message: str,
        *,
        provider: str,
        retry_after: float | None = None,
        reply: Reply | None = None,
    ) -> None:
        super().__init__(f"{provider}: {message} ({code})")
        self.code = code
        self.message = message
        self.provider = provider
        self.retry_after = retry_after
        self.reply = reply

    @property
    def status(self) -> int | None:
        """The HTTP status answered, if there was one."""
        return self.reply.status if self.reply else None

    @property
    def retryable(self) -> bool:
        """Whether another try can neither double an effect nor is sure to fail the same way."""
        return self.standing in ("not_sent", "refused")

    def info(self) -> ErrorInfo:
        """The error as an outcome tells it."""
        return ErrorInfo(
            code=self.code, message=self.message, provider=self.provider, retryable=self.retryable
        )


class NotSent(ProviderError):
    """It cannot have had an effect: nothing left this process, or it was only a question."""

    standing = "not_sent"


class Refused(ProviderError):
    """The provider asked us to come back later and did nothing."""

    standing = "refused"


class Failed(ProviderError):
    """The provider said no, or we may not ask; the same call would fail again."""

    standing = "failed"


class Unknown(ProviderError):
    """It may have had its effect: find out before another try."""

    standing = "unknown"


class ReadError(ValueError):
    """A body of a webhook that cannot be what it claims to be; `str()` names the field, never its value."""
