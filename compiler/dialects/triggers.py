"""Triggers as WorkflowSpec writes them: a type and a config."""

from typing import get_args

from compiler.dialects.translation import Translation
from dsl.channels import START_EVENTS
from dsl.model import Json

EVENTS = {
    "call": "call_received",
    "cron": "schedule",
    "incoming_call": "call_received",
    "incoming_sms": "sms_received",
    "manual": "api",
    "scheduled": "schedule",
    "sms": "sms_received",
    "ussd": "ussd_session",
    "webhook": "api",
}
"""Types that are not named as our events are."""


def trigger_of(trigger: dict[str, Json], said: Translation) -> Json:
    """FlowSpec's trigger; what does not start a flow is told."""
    config, type = trigger.get("config", {}), trigger["type"]
    if not isinstance(config, dict) or trigger.keys() - {"type", "config"}:
        said.wrong("/trigger", "`trigger` is an object with `type` and `config`, which is an object too.")
        return None
    written = type.lower() if isinstance(type, str) else ""
    event, known = EVENTS.get(written, written), get_args(START_EVENTS)
    if event not in known:
        text = f"'{type}' is no event that starts a flow; those are {', '.join(known)}."
        said.wrong("/trigger/type", text)
    said.origin["/trigger"] = "/trigger/config"
    return {**config, "event": event}
