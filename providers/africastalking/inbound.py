"""What people of a phone network do, as events of a lane."""

from dsl.inputs import Inbound
from providers.africastalking.events import IncomingSms


def text_received(event: IncomingSms, address: str) -> Inbound:
    """A text to a number of ours; `address` is the lane of that number and the person."""
    told = {"channel": "sms", "service": event.to, "network": event.network, "linkId": event.link_id}
    return Inbound(
        key=event.key,
        address=address,
        event="sms_received",
        channel="sms",
        kind="message",
        text=event.text,
        contact={"phone": event.phone},
        conversation={name: value for name, value in told.items() if value is not None},
    )
