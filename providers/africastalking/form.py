"""Callback bodies as fields: form-encoded, or a JSON object, within bounds."""

import re
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import parse_qsl

import orjson

from dsl.model import Json
from providers.africastalking.money import Money, read_money
from providers.africastalking.phone import e164
from providers.africastalking.problem import CallbackProblem

MOST_BYTES = 64 * 1024
MOST_FIELDS = 64
ID, WORD, TEXT = 128, 256, 16 * 1024
"""Characters of an id, of a word and of a text that somebody wrote."""
_ID = re.compile(r"[\x21-\x7e]+")
_WHOLE = re.compile(r"[0-9]{1,12}", re.ASCII)


class Fields:
    """The fields of one callback, taken out by name; every method raises `CallbackProblem` with the name."""

    def __init__(self, values: Mapping[str, Json]) -> None:
        self._values = values

    def text(self, name: str, most: int = TEXT) -> str:
        """A text that may be empty, without NUL (PostgreSQL cannot keep it)."""
        value = self._values.get(name)
        if value is None:
            raise CallbackProblem("FIELD_MISSING", name)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise CallbackProblem("FIELD_INVALID", name)
        text = str(value).replace("\x00", "")
        if len(text) > most:
            raise CallbackProblem("FIELD_TOO_LONG", name)
        return text

    def word(self, name: str, most: int = WORD) -> str:
        """A text that is not empty."""
        text = self.text(name, most).strip()
        if not text:
            raise CallbackProblem("FIELD_MISSING", name)
        return text

    def maybe(self, name: str, most: int = WORD) -> str | None:
        """A text, or None where it is absent or empty."""
        if self._values.get(name) is None:
            return None
        return self.text(name, most).strip() or None

    def id(self, name: str) -> str:
        """An id: printable ASCII without blanks."""
        found = self.word(name, ID)
        if not _ID.fullmatch(found):
            raise CallbackProblem("FIELD_INVALID", name)
        return found

    def phone(self, name: str) -> str:
        """A phone number in E.164."""
        # Not `word`: a leading blank is a plus sign.
        number = e164(self.text(name).rstrip())
        if number is None:
            raise CallbackProblem("FIELD_INVALID" if self.word(name) else "FIELD_MISSING", name)
        return number

    def party(self, name: str) -> str:
        """A phone number in E.164; a SIP address, a wallet or a hidden number as it is written."""
        return e164(self.text(name, WORD).rstrip()) or self.word(name)

    def choice(self, name: str, among: Collection[str]) -> str:
        """One of the words given."""
        found = self.word(name)
        if found not in among:
            raise CallbackProblem("FIELD_INVALID", name)
        return found

    def count(self, name: str) -> int | None:
        """A whole number that came as text, or None where it is absent or empty."""
        found = self.maybe(name)
        if found is not None and not _WHOLE.fullmatch(found):
            raise CallbackProblem("FIELD_INVALID", name)
        return int(found) if found is not None else None

    def money(self, name: str) -> Money:
        """An amount with its currency."""
        found = read_money(self.word(name))
        if found is None or found.currency is None:
            raise CallbackProblem("FIELD_INVALID", name)
        return found

    def texts(self, name: str) -> dict[str, str]:
        """An object of texts; what is no text inside is left out."""
        value = self._values.get(name)
        entries = value.items() if isinstance(value, dict) else ()
        kept = list(entries)[:MOST_FIELDS]
        return {_kept(key): _kept(text) for key, text in kept if isinstance(text, str)}

    def has(self, name: str) -> bool:
        """Whether the field is there at all."""
        return name in self._values


def fields_of(body: bytes, content_type: str = "") -> Fields:
    """The fields of a body; JSON where the content type says so, else a form. Raises `CallbackProblem`."""
    if len(body) > MOST_BYTES:
        raise CallbackProblem("BODY_TOO_LARGE")
    media = content_type.partition(";")[0].strip().lower()
    return Fields(_json(body) if media == "application/json" else _form(body))


def _json(body: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict) or len(found) > MOST_FIELDS:
        raise CallbackProblem("BODY_UNREADABLE")
    return found


def _form(body: bytes) -> dict[str, str]:
    try:
        written = body.decode()
        pairs = parse_qsl(written, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise CallbackProblem("BODY_UNREADABLE") from None
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            raise CallbackProblem("FIELD_REPEATED", _shown(name))
        found[name] = value
    return found


def _kept(text: str) -> str:
    return text.replace("\x00", "")[:WORD]


def _shown(name: str) -> str:
    """A stranger's name of a field may be anything; it goes into an error only where it is a plain word."""
    return name if name.isascii() and name.isalnum() and len(name) <= ID else "body"
