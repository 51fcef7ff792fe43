"""Tell the operator's own system of an event."""

from collections.abc import Iterable

from pydantic import Field

from activities.base import Action, Tools
from dsl.kind import Place
from dsl.messages import Outcome
from dsl.model import Json
from dsl.plan import Step
from dsl.templates import Text
from providers.errors import Failed
from providers.webhook.receiver import PROVIDER


class WebhookOut(Action):
    """Send an event to the operator's receiver: `{id, event, occurredAt, execution, payload}`, signed.

    The receiver and its secret are settings of the service (`TEMBEA_WEBHOOK_OUT_URL`); without them the node
    leaves by `error`. The id is the same on every try, so that the receiver can tell a repeat. Its value is
    `{webhookId, status}`.
    """

    event: Text = Field(min_length=1, max_length=200)
    """What happened, as the receiver knows it: `order.paid`."""
    payload: Json = None
    """Whatever belongs to it."""
    occurred_at: Text | None = Field(default=None, max_length=64)
    """When it happened; else the time of the step."""

    def lower(self, place: Place) -> Iterable[Step]:
        """One call. Its time is the walk's, so that every try sends the same event."""
        dated = self.model_copy(update={"occurred_at": self.occurred_at or "{{now}}"})
        yield dated.call(place, id=place.id())

    def repeats(self, tools: Tools) -> bool:
        """Where the operator says that the receiver drops ids it has seen."""
        return tools.receiver is not None and tools.receiver.idempotent

    async def execute(self, tools: Tools) -> Outcome:
        """One POST under the effect's key."""
        if tools.receiver is None:
            raise Failed("NOT_CONFIGURED", "There is no receiver of events.", provider=PROVIDER)
        reply = await tools.receiver.send(tools.key, self._event(tools))
        return Outcome(value={"webhookId": tools.key, "status": reply.status})

    def _event(self, tools: Tools) -> Json:
        return {
            "id": tools.key,
            "event": self.event,
            "occurredAt": self.occurred_at,
            "execution": tools.scene.execution(),
            "payload": self.payload,
        }
