"""What may stand in a message: lengths, types and the item keys of interactive contents."""

from collections.abc import Iterable
from typing import Any

from emulators.chatwoot.rows import MESSAGE_TYPES, Json

CONTENT_LIMIT = 150_000
ATTACHMENT_LIMIT = 15
FILE_BYTES = 40 * 1024 * 1024
"""Of one file, in web widgets."""
CONTENT_TYPES = frozenset(
    {
        "text",
        "input_text",
        "input_textarea",
        "input_email",
        "input_select",
        "cards",
        "form",
        "article",
        "incoming_email",
        "input_csat",
        "integrations",
        "sticker",
        "voice_call",
    }
)
ITEM_KEYS = {
    "input_select": ["title", "value"],
    "cards": ["title", "description", "media_url", "actions"],
    "form": [
        "type",
        "placeholder",
        "label",
        "name",
        "options",
        "default",
        "required",
        "pattern",
        "title",
        "pattern_error",
    ],
    "article": ["title", "description", "link"],
}
ACTION_KEYS = ["text", "type", "payload", "uri"]
FORM_TYPES = frozenset({"text", "email", "text_area", "select"})
Problems = list[tuple[str, str]]


def enum_problem(message_type: str, content_type: str) -> str | None:
    """Rails' words for a value outside an enumeration."""
    if message_type not in MESSAGE_TYPES:
        return f"'{message_type}' is not a valid message_type"
    if content_type not in CONTENT_TYPES:
        return f"'{content_type}' is not a valid content_type"
    return None


def problems(content: str | None, content_type: str, attributes: Json, attachments: int) -> Problems:
    """Every validation a message fails, as (attribute, full message)."""
    found: Problems = []
    if len(content or "") > CONTENT_LIMIT:
        found.append(("content", f"Content is too long (maximum is {CONTENT_LIMIT} characters)"))
    if attachments > ATTACHMENT_LIMIT:
        found.append(("attachments", "Attachments exceeded maximum allowed"))
    if content_type in ITEM_KEYS:
        found += [("content_attributes", text) for text in _item_problems(content_type, attributes)]
    return found


def file_problems(sizes: Iterable[int]) -> Problems:
    """What is wrong with files in a web widget."""
    return [("attachments", "Attachments File is too big") for size in sizes if size > FILE_BYTES]


def _item_problems(content_type: str, attributes: Json) -> list[str]:
    items = attributes.get("items")
    if not items or not isinstance(items, list):
        return ["Content attributes At least one item is required."]
    if not all(isinstance(item, dict) for item in items):
        return ["Content attributes contains items that are not objects"]
    invalid = _invalid_keys(items, ITEM_KEYS[content_type])
    if invalid:
        return [f"Content attributes contains invalid keys for items : {_symbols(invalid)}"]
    if content_type == "cards":
        return _action_problems(items)
    if content_type == "form" and any(item.get("type") not in FORM_TYPES for item in items):
        return ["Content attributes contains invalid types for form items"]
    return []


def _action_problems(items: list[Json]) -> list[str]:
    if any(not item.get("actions") for item in items):
        return ["Content attributes contains items missing actions"]
    invalid = _invalid_keys([action for item in items for action in item["actions"]], ACTION_KEYS)
    return [f"Content attributes contains invalid keys for actions:  {_symbols(invalid)}"] if invalid else []


def _invalid_keys(rows: list[Json], allowed: list[str]) -> list[Any]:
    return [key for row in rows for key in row if key not in allowed]


def _symbols(keys: list[Any]) -> str:
    """A list as Ruby writes it: `[:url, :id]`."""
    return f"[{', '.join(f':{key}' for key in keys)}]"
