"""Phone numbers in one spelling: E.164."""

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

LONGEST = 40
_WRITTEN = re.compile(r"[+ ]?[0-9][0-9 ()\-]*")


def e164(written: str) -> str | None:
    """`+254700000111` from a number with its country code; None for anything else.

    A leading blank is a plus sign that some proxy decoded once too often; none at all is taken for one.
    """
    if len(written) > LONGEST or not _WRITTEN.fullmatch(written):
        return None
    try:
        number = phonenumbers.parse("+" + written.removeprefix("+"), None)
    except NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    spelled = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    # What loses another leading zero each time it is read is nobody's number.
    return spelled if phonenumbers.parse(spelled, None) == number else None
