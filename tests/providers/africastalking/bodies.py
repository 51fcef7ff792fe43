"""Callbacks as Africa's Talking sends them, with invented people."""

import hashlib
from datetime import date
from urllib.parse import urlencode

from providers.africastalking.callbacks import Callback, Reader
from providers.africastalking.events import Event

PHONE = "+254700000111"
FORM = "application/x-www-form-urlencoded"
BODIES: dict[Callback, dict[str, str]] = {
    "ussd": {
        "sessionId": "ATUid_a1",
        "phoneNumber": PHONE,
        "networkCode": "63902",
        "serviceCode": "*384*1234#",
        "text": "2*0700",
    },
    "ussd-end": {
        "date": "2026-01-05 09:34:18",
        "sessionId": "ATUid_a1",
        "serviceCode": "*384*1234#",
        "networkCode": "63902",
        "phoneNumber": PHONE,
        "status": "Incomplete",
        "cost": "KES 0.10",
        "durationInMillis": "5230",
        "hopsCount": "2",
        "input": "2*0700",
        "lastAppResponse": "CON Enter amount",
    },
    "sms": {
        "id": "ATXid_abc",
        "from": PHONE,
        "to": "28901",
        "text": "JOIN",
        "date": "2026-01-05 09:34:18",
        "linkId": "",
        "networkCode": "99999",
    },
    "delivery": {
        "id": "ATXid_abc",
        "status": "Failed",
        "phoneNumber": PHONE,
        "networkCode": "63902",
        "retryCount": "0",
        "failureReason": "UserInBlackList",
    },
    "optout": {"senderId": "DUKA", "phoneNumber": PHONE},
    "voice": {
        "isActive": "1",
        "sessionId": "ATVId_x",
        "direction": "Inbound",
        "callerNumber": PHONE,
        "destinationNumber": "+254711000000",
        "callSessionState": "Ringing",
    },
    "airtime": {
        "requestId": "ATQid_x",
        "phoneNumber": PHONE,
        "description": "Airtime delivered",
        "status": "Success",
        "value": "KES 50.0000",
        "discount": "KES 2.0000",
    },
    "payment": {
        "transactionId": "ATPid_x",
        "category": "MobileCheckout",
        "provider": "Mpesa",
        "productName": "Duka",
        "source": PHONE,
        "value": "KES 500.0000",
        "status": "Success",
    },
}


def keyed(text: str) -> str:
    """Stands for the house's keyed hash."""
    return hashlib.sha256(b"key" + text.encode()).hexdigest()[:16]


READER = Reader(keyed, lambda: date(2026, 1, 5))


def form(callback: Callback, without: str = "", **changes: str) -> bytes:
    """The body of a callback, with some fields changed and one left out."""
    fields = BODIES[callback] | changes
    return urlencode({name: value for name, value in fields.items() if name != without}).encode()


def read(callback: Callback, without: str = "", **changes: str) -> Event:
    """The event of such a body."""
    return READER.read(callback, form(callback, without, **changes), FORM)
