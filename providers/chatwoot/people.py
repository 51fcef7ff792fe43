"""Changes of a contact as Chatwoot wants them told."""

from collections.abc import Mapping

from dsl.model import Json

PATCHABLE = frozenset({"name", "email", "phone_number", "identifier", "avatar_url", "blocked"})


def patch(attributes: Mapping[str, Json], custom: Mapping[str, Json]) -> dict[str, Json]:
    """The body that merges the attributes: those Chatwoot has no field for are its additional attributes."""
    named = {"phone_number" if name == "phone" else name: value for name, value in attributes.items()}
    body = {name: value for name, value in named.items() if name in PATCHABLE}
    extra = {name: value for name, value in named.items() if name not in PATCHABLE}
    return body | _if_any("additional_attributes", extra) | _if_any("custom_attributes", custom)


def _if_any(name: str, values: Mapping[str, Json]) -> dict[str, Json]:
    return {name: dict(values)} if values else {}
