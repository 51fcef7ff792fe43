"""The answers the provider gives when it refuses: plain text, also where JSON was asked for."""

import time
from email.utils import formatdate

from emulators.africastalking.config import Config
from emulators.common.errors import Refusal

CHALLENGE = {"WWW-Authenticate": 'Basic realm="api"'}


class ApiError(Refusal):
    """A refusal of the API."""


def invalid_authentication() -> ApiError:
    return ApiError(401, "The supplied authentication is invalid", CHALLENGE)


def missing_field(name: str) -> ApiError:
    return ApiError(400, f"Request is missing required form field '{name}'")


def missing_parameter(name: str) -> ApiError:
    return ApiError(400, f"Request is missing required query parameter '{name}'")


def malformed(what: str, name: str) -> ApiError:
    return ApiError(400, f"The {what} '{name}' was malformed")


def not_found() -> ApiError:
    return ApiError(404, "The requested resource could not be found.")


def wrong_type(expected: str) -> ApiError:
    return ApiError(415, f"The request's Content-Type is not supported. Expected:\n{expected}")


def not_acceptable() -> ApiError:
    return ApiError(406, "Resource representation is only available with these types:\napplication/json")


def throttled(config: Config) -> ApiError:
    """The 429 as configured: whether and how the provider says it is unverified."""
    wait = config.throttle_retry_after
    if wait is None:
        return ApiError(429, config.throttle_body)
    told = formatdate(time.time() + wait, usegmt=True) if config.throttle_as_date else str(wait)
    return ApiError(429, config.throttle_body, {"Retry-After": told})
