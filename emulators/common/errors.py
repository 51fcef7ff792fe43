"""What every provider does: refuse a call with a body of its own."""

from typing import Any


class Refusal(Exception):
    """A refusal with its HTTP status and JSON body (or plain text when `body` is a string)."""

    def __init__(
        self, status: int, body: dict[str, Any] | str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body
        self.headers = headers or {}
