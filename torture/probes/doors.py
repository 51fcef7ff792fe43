"""Callbacks that no provider of ours made: they are turned away, and leave no row."""

import json
import time

from store.database import Database
from torture.probes.ground import Ground, status

FORGED = 900_000_001
ROWS = "SELECT count(*) FROM inbound_events WHERE dedupe_key IN ($1, $2)"
CHATWOOT, TEXTS = "/webhooks/chatwoot/main", "/webhooks/africastalking/main/not-the-secret-of-it/sms"


async def probe(ground: Ground, db: Database) -> None:
    """A webhook without a signature, one with a wrong one, a text without the secret."""
    body = _webhook()
    stamp = {"X-Chatwoot-Timestamp": str(int(time.time())), "X-Chatwoot-Signature": "sha256=" + "0" * 64}
    for what, headers in (("unsigned", {}), ("signed by another", stamp)):
        got = await status(ground.api, "POST", CHATWOOT, content=body, headers=_JSON | headers)
        ground.told("doors", f"a webhook {what}", "401", got)
    text = {"id": str(FORGED), "from": "+254700000001", "to": "1", "text": "hello", "date": "2027-01-01"}
    got = await status(ground.api, "POST", TEXTS, data=text)
    ground.told("doors", "a text without the secret", "404", got)
    rows = await db.fetchval(ROWS, f"msg:{FORGED}", f"sms:{FORGED}")
    ground.told("doors", "rows of these", "0", str(rows))


_JSON = {"Content-Type": "application/json"}


def _webhook() -> bytes:
    return json.dumps(
        {
            "event": "message_created", "id": FORGED, "content": "hello", "message_type": "incoming",
            "private": False, "sender": {"id": 1, "type": "contact"}, "account": {"id": 1},
            "inbox": {"id": 1}, "conversation": {"id": 1, "status": "pending", "inbox_id": 1},
        }
    ).encode()  # fmt: skip
