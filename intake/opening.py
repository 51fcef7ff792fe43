"""The argument of a run that an event starts."""

from collections.abc import Sequence

from dsl.inputs import Inbound, Input
from dsl.limits import Limits
from dsl.messages import Scene
from dsl.state import Loaded, RunInput
from intake.triggers import Chosen
from store.lanes import Lane


def opened(lane: Lane, chosen: Chosen, opening: Sequence[Input], limits: Limits) -> RunInput:
    """A run's argument; its execution has the id of the row that starts it, so that it starts once."""
    first = opening[0]
    event = first.event
    assert event is not None, "what cannot be read starts nothing"
    return RunInput(
        scene=_scene(lane, chosen, first.id, event),
        plan=Loaded(chosen.plan, None),
        plans=by_digest(chosen.plans),
        limits=limits,
        started_at=first.accepted_at,
        trigger={"event": chosen.event, "channel": chosen.channel, **event.shown()},
        contact=event.contact,
        conversation=event.conversation,
        opening_rows=list(opening),
    )


def by_digest(plans: Sequence[str]) -> list[Loaded]:
    """Plans as they travel."""
    return [Loaded(digest, None) for digest in plans]


def _scene(lane: Lane, chosen: Chosen, execution_id: str, event: Inbound) -> Scene:
    contact_id = event.contact.get("id")
    return Scene(
        workspace=lane.workspace,
        execution_id=execution_id,
        flow_id=chosen.flow_id,
        flow_version=chosen.version,
        lane=lane.id,
        connection=lane.connection,
        conversation=lane.address,
        contact_id=contact_id if isinstance(contact_id, int) else None,
        inbox_id=event.inbox_id or lane.inbox_id,
        channel=chosen.channel,
        surface=event.conversation.get("channel"),
        phone=_word(event.contact.get("phone")),
        service=_word(event.conversation.get("service")),
    )


def _word(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
