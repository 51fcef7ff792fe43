"""The application with a channel of Africa's Talking, and its provider's callbacks."""

from dataclasses import replace
from typing import Any

import httpx
from pydantic import SecretStr

from api.parts import Channel
from tests.api.conftest import Api, client_of

SECRET = "a-secret-of-the-phones-in-tests-" + 8 * "x"
OTHER = "the-secret-that-it-replaces-----" + 8 * "y"
PHONE = "+254700000111"


def with_phones(api: Api, **parts: Any) -> None:
    """The channel `main` of Africa's Talking, with two secrets."""
    line = Channel("main", "at", (SecretStr(SECRET), SecretStr(OTHER)), workspace=api.workspace)
    api.parts = replace(api.parts, lines={"main": line}, hashed=lambda text: f"<{text[-3:]}>", **parts)
    api.app.state.parts = api.parts


async def called(api: Api, what: str, secret: str = SECRET, **fields: str) -> httpx.Response:
    """A callback, as a form."""
    async with client_of(api.app) as provider:
        return await provider.post(f"/webhooks/africastalking/main/{secret}/{what}", data=fields)


def text(text: str, id: str = "1", **fields: str) -> dict[str, str]:
    """The fields of a text to our short code."""
    return {"id": f"ATXid_{id}", "from": PHONE, "to": "28901", "text": text, "date": "2026-01-05 09:34:18",
            "linkId": "", "networkCode": "63902", **fields}  # fmt: skip
