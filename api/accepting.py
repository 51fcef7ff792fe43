"""Taking an event in: stored first, then delivered beside the answer."""

from api.parts import Parts
from dsl.messages import Inbound
from store import inbox
from store.inbox import LEASE_SECONDS, Accepted


async def take_in(parts: Parts, workspace: str, connection: str, event: Inbound) -> Accepted:
    """Stores an event; from here on it cannot be lost, whatever becomes of the delivery that was begun."""
    # Without room nobody claims the lane, which calls the relay at once.
    claim = LEASE_SECONDS if parts.deliveries.has_room else 0
    accepted = await inbox.accept(parts.db, workspace, connection, event, claim_seconds=claim)
    if accepted.claimed:
        parts.deliveries.start(parts.gateway.deliver(workspace, accepted.lane, claimed=True))
    return accepted
