"""What can be wrong with a callback, in stable words."""

from typing import Literal

from providers.errors import ReadError

Code = Literal[
    "BODY_TOO_LARGE", "BODY_UNREADABLE", "FIELD_MISSING", "FIELD_INVALID", "FIELD_TOO_LONG", "FIELD_REPEATED",
]  # fmt: skip
_WORDS: dict[Code, str] = {
    "BODY_TOO_LARGE": "is too large",
    "BODY_UNREADABLE": "is neither a form nor a JSON object",
    "FIELD_MISSING": "is missing",
    "FIELD_INVALID": "is not what it should be",
    "FIELD_TOO_LONG": "is too long",
    "FIELD_REPEATED": "is given twice",
}


class CallbackProblem(ReadError):
    """A callback that cannot be read: a stable `code` and the `field` (or `body`), never a value."""

    def __init__(self, code: Code, field: str = "body") -> None:
        super().__init__(f"{field} {_WORDS[code]}")
        self.code = code
        self.field = field
