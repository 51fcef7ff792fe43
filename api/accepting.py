"""Taking an event in: stored first, then delivered beside the answer."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from api.errors import Problem
from api.parts import Parts
from dsl.inputs import Inbound
from store import inbox
from store.inbox import LEASE_SECONDS, Accepted

_LOG = structlog.get_logger(__name__)


async def take_in(parts: Parts, workspace: str, connection: str, event: Inbound) -> Accepted:
    """Stores an event; from here on it cannot be lost, whatever becomes of the delivery that was begun."""
    # Without room nobody claims the lane, which calls the relay at once.
    claim = LEASE_SECONDS if parts.deliveries.has_room else 0
    accepted = await inbox.accept(parts.db, workspace, connection, event, claim_seconds=claim)
    if accepted.claimed:
        delivery = parts.gateway.deliver(workspace, accepted.lane, claimed=True, batch=accepted.batch)
        parts.deliveries.start(delivery)
    return accepted


@contextmanager
def storing() -> Iterator[None]:
    """500 for what could not be stored, so that it comes again: providers do not repeat after a 503."""
    try:
        yield
    except Problem:
        raise
    except Exception as error:
        _LOG.error("event_not_stored", error=type(error).__name__)
        raise Problem(500, "EVENT_NOT_STORED", "The event could not be stored; send it again.") from None
