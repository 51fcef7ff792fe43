"""The signature Chatwoot puts on a webhook."""

import hashlib
import hmac


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """`sha256=<64 hex>` over `timestamp.body`; the secret is used as the text it is."""
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return f"sha256={digest.hexdigest()}"


def identifier_hash(hmac_token: str, identifier: str) -> str:
    """What a client sends to prove who the customer of an API inbox is."""
    return hmac.new(hmac_token.encode(), identifier.encode(), hashlib.sha256).hexdigest()
