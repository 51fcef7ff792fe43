"""What a person picked or filled in: Chatwoot reports it as an update of the bot's own message."""

import hashlib
import json
from typing import Any

from dsl.inputs import Inbound
from dsl.model import Json
from providers.chatwoot import trimmings
from providers.chatwoot.fields import Body, part, row_id, word
from providers.chatwoot.said import Ignored
from providers.chatwoot.trim import text_within, trimmed


def submitted(message: Body, conversation: Body, body: Body) -> Inbound | Ignored:
    """An update with an answer in it; every other update moves nothing.

    `value` and `text`: a pick gives its value and its title (a list and joined titles when several); a form
    `{field: value}` and None; an e-mail address itself twice; a rating `{rating, feedback}` and the feedback.
    """
    attributes = part(message, "content_attributes")
    answer = attributes.get("submitted_values") or attributes.get("submitted_email")
    if message.get("private") is True or attributes.get("deleted") is True or not answer:
        return Ignored("not_submitted")
    number, answer = row_id(message), trimmed(answer).value
    text, value = _meaning(answer)
    return Inbound(
        key=f"upd:{number}:{_digest(answer)}",
        address=trimmings.address(conversation),
        event="message_updated",
        kind="submitted",
        text=text_within(text).value if text is not None else None,
        value=value,
        message_id=number,
        inbox_id=trimmings.inbox_id(body, conversation),
        contact=trimmings.contact_of(conversation),
        conversation=trimmings.conversation(conversation),
    )


def _digest(answer: Json) -> str:
    canonical = json.dumps(answer, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _meaning(answer: Json) -> tuple[str | None, Json]:
    if isinstance(answer, str):
        return answer, answer
    if isinstance(answer, dict):
        return _rating(answer)
    entries = [entry for entry in answer if isinstance(entry, dict)] if isinstance(answer, list) else []
    if any("name" in entry for entry in entries):
        return None, {str(entry["name"]): entry.get("value") for entry in entries if "name" in entry}
    return _picked(entries) if entries else (None, answer)


def _rating(answer: dict[str, Any]) -> tuple[str | None, Json]:
    survey = part(answer, "csat_survey_response")
    if not survey:
        return None, answer
    feedback = word(survey, "feedback_message")
    return feedback, {"rating": survey.get("rating"), "feedback": feedback}


def _picked(entries: list[dict[str, Any]]) -> tuple[str, Json]:
    titles = [str(entry.get("title", entry.get("value"))) for entry in entries]
    values = [entry.get("value", entry.get("title")) for entry in entries]
    return ", ".join(titles), values[0] if len(values) == 1 else values
