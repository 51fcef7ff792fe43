"""What a call is told to do: the provider's voice actions, each checked when it is made."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from dsl.model import Authored
from providers.africastalking.phone import e164

LONGEST_TEXT = 4_000
_FORBIDDEN = {code: None for code in range(32) if chr(code) not in "\t\n\r"} | {0xFFFE: None, 0xFFFF: None}


def _sayable(text: str) -> str:
    """Without what XML cannot carry, even escaped."""
    kept = text.encode("utf-8", errors="ignore").decode().translate(_FORBIDDEN).strip()
    if not kept:
        raise ValueError("says nothing")
    return kept


def _callee(written: str) -> str:
    if "@" in written:
        return written
    number = e164(written)
    if number is None:
        raise ValueError("is neither a phone number nor a SIP address")
    return number


Text = Annotated[str, Field(max_length=LONGEST_TEXT), AfterValidator(_sayable)]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[!-~]+$", max_length=2_048)]
Seconds = Annotated[int, Field(ge=1, le=3_600)]
FinishKey = Annotated[str, StringConstraints(pattern=r"^[0-9*#]$")]
Callee = Annotated[str, StringConstraints(pattern=r"^[!-~][ -~]{1,126}$"), AfterValidator(_callee)]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.\-]{1,64}$")]


class Say(Authored):
    """Read a text aloud (SSML in `<speak>` is the provider's to understand)."""

    text: Text
    voice: Name | None = None
    play_beep: bool | None = None


class Play(Authored):
    """Play a sound file."""

    url: Url


class GetDigits(Authored):
    """Ask for keys; they come to `callback_url`. What follows is done only if none were pressed."""

    prompt: Say | Play
    num_digits: int | None = Field(default=None, ge=1, le=64)
    timeout: Seconds | None = None
    finish_on_key: FinishKey | None = None
    callback_url: Url | None = None


class Record(Authored):
    """Record the caller; without a prompt and anything else it is the whole call."""

    prompt: Say | Play | None = None
    finish_on_key: FinishKey | None = None
    max_length: Seconds | None = None
    timeout: Seconds | None = None
    trim_silence: bool | None = None
    play_beep: bool | None = None
    callback_url: Url | None = None


class Dial(Authored):
    """Connect somebody else: phone numbers, or SIP addresses."""

    phone_numbers: list[Callee] = Field(min_length=1, max_length=20)
    record: bool | None = None
    sequential: bool | None = None
    caller_id: Callee | None = None
    ring_back_tone: Url | None = None
    max_duration: Seconds | None = None


class Enqueue(Authored):
    """Let the caller wait in a queue."""

    name: Name | None = None
    hold_music: Url | None = None


class Dequeue(Authored):
    """Take the next caller out of a queue of `phone_number`."""

    phone_number: Callee
    name: Name | None = None


class Conference(Authored):
    """Put the caller into the number's conference."""


class Redirect(Authored):
    """Go on with what another address answers."""

    url: Url


class Reject(Authored):
    """Hang up without taking the call."""


Action = Say | Play | GetDigits | Record | Dial | Enqueue | Dequeue | Conference | Redirect | Reject
LAST: tuple[type[Action], ...] = (Dial, Enqueue, Dequeue, Conference, Redirect, Reject)
"""Actions after which none is done."""
