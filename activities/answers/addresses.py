"""Answers by which somebody or something is reached: e-mail, phone, web."""

import re

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat
from pydantic import HttpUrl, TypeAdapter, ValidationError

from activities.answers.answer import Answer
from dsl.model import Json

MOST_EMAIL, MOST_PHONE, MOST_URL = 320, 40, 2_048
_URL: TypeAdapter[HttpUrl] = TypeAdapter(HttpUrl)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:(?!\d)")
"""A scheme, and not a host with its port."""
_HOST = re.compile(r"([a-z0-9]([a-z0-9\-]{0,61}[a-z0-9])?[.])+[a-z0-9]([a-z0-9\-]{0,61}[a-z0-9])?[.]?")
"""With a dot: a name without one is nowhere on the internet."""
_DIALLED = re.compile(r"[+(]?[\d][\d ()./\-\u00a0]*")


def email(answer: Answer) -> Json:
    """The address as written, domain in lower case; deliverability is nobody's business here."""
    try:
        return validate_email(answer.said(MOST_EMAIL), check_deliverability=False).normalized
    except EmailNotValidError:
        return None


def phone(answer: Answer) -> Json:
    """E.164. Without a country code it is a number of the flow's region, else of the contact's own."""
    said = answer.said(MOST_PHONE)
    if not _DIALLED.fullmatch(said):
        return None
    region = answer.region or _region_of(answer.contact_phone)
    written = [said, f"+{said[2:]}"] if said.startswith("00") else [said]
    numbers = (_valid(one, region) for one in written)
    found = next((number for number in numbers if number is not None), None)
    return phonenumbers.format_number(found, PhoneNumberFormat.E164) if found is not None else None


def _valid(said: str, region: str | None) -> PhoneNumber | None:
    try:
        number = phonenumbers.parse(said, region)
    except NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def _region_of(written: str) -> str | None:
    number = _valid(written[:MOST_PHONE], None)
    return phonenumbers.region_code_for_number(number) if number is not None else None


def url(answer: Answer) -> Json:
    """An http(s) address in normal form, `https://` where no scheme is written.

    Refused where a user name hides the host.
    """
    said = answer.said(MOST_URL)
    try:
        found = _URL.validate_python(said if _SCHEME.match(said) else f"https://{said}")
    except ValidationError:
        return None
    named = _HOST.fullmatch(found.host or "") and not found.username and not found.password
    return str(found) if named and not set(said) & set(" \t\r\n\\") else None
