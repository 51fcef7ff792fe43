"""The answers Chatwoot gives when it refuses, with the exact bodies."""

from typing import Any

from emulators.common.errors import Refusal


class ApiError(Refusal):
    """A refusal of the API."""


class Invalid(Exception):
    """A record that failed validation: `(attribute, full message)` pairs, in the order they were found."""

    def __init__(self, *problems: tuple[str, str]) -> None:
        self.problems = problems
        super().__init__(", ".join(message for _, message in problems))

    def body(self) -> dict[str, Any]:
        attributes = list(dict.fromkeys(attribute for attribute, _ in self.problems))
        return {"message": str(self), "attributes": attributes}


def unauthorized(text: str) -> ApiError:
    return ApiError(401, {"error": text})


def not_found() -> ApiError:
    return ApiError(404, {"error": "Resource could not be found"})


def unprocessable(text: str) -> ApiError:
    return ApiError(422, {"error": text})


def denied() -> ApiError:
    """The policy denial, which is a 401 and not a 403."""
    return unauthorized("You are not authorized to do this action")
