"""The names that kinds of nodes have in other editors' documents."""

from collections.abc import Mapping

from pydantic.alias_generators import to_snake

from dsl.kind import Kind
from dsl.model import Json

Names = Mapping[str, type[Kind]]
"""Kinds by every name that FlowSpec has for them."""


def kind_name(written: Json, names: Names) -> Json:
    """FlowSpec's name for `SEND_SMS`, `sendSms`, `send-sms` or `sendSmsNode`; an unknown one as it is."""
    if not isinstance(written, str) or written in names or len(written) > 64:
        return written
    plain = to_snake(written.strip().replace(" ", "_")).lower()
    known = {name.lower(): name for name in names}
    return next((known[name] for name in (plain, plain.removesuffix("_node")) if name in known), written)
