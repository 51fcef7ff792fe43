"""What the routes of people on the line share: their desk, and what a step that cannot be is refused with."""

from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import Request

from api.errors import Problem, documented
from api.parts import Channel, parts_of
from api.routes.africastalking.door import REFUSED
from dsl.turns import Said, Screen
from intake.desk import Desk, Mismatch
from intake.dialling import TooMany
from providers.africastalking.rendering import SORRY

AWAY = Screen(said=(Said(text=SORRY),))
"""Where nothing could be stored, and so nothing happened."""
CONFLICT = REFUSED | documented(409)


def desk_of(request: Request, line: Channel) -> Desk:
    """The desk of a channel's connection."""
    parts = parts_of(request)
    beside = parts.deliveries.start
    return Desk(parts.db, parts.gateway.turns, line.workspace, line.connection, parts.hashed, beside)


@contextmanager
def refusing() -> Iterator[None]:
    """409 for a session that is another phone's or service's, 422 for more than anybody dials."""
    try:
        yield
    except Mismatch:
        raise Problem(409, "SESSION_MISMATCH", "The session is not this phone's with this service.") from None
    except TooMany:
        raise Problem(422, "TOO_MANY_INPUTS", "More was dialled at once than anybody types.") from None
