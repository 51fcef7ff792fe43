"""Names by content."""

import hashlib
import json
from typing import Any

from dsl.plan import Plan


def digest_of(value: Any) -> str:
    """sha256 (hex) of a value's canonical JSON: sorted keys, no spaces, UTF-8."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def plan_digest(plan: Plan) -> str:
    """The plan's name: the same flow compiles to the same digest, wherever and whenever."""
    return digest_of(plan.model_dump(mode="json", by_alias=True))
