"""Phone numbers in one spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.africastalking.phone import e164


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("+254700000111", "+254700000111"),
        ("254700000111", "+254700000111"),
        (" 254700000111", "+254700000111"),
        ("+254 (700) 000-111", "+254700000111"),
        ("+254300000111", "+254300000111"),  # no range of today's, but operators get new ones
        ("+2540700000111", "+254700000111"),
        ("+2348012345678", "+2348012345678"),
        ("0700000111", None),
        ("+0700000111", None),
        ("+25470", None),
        ("+43000000", None),
        ("+999700000111", None),
        ("28901", None),
        ("++254700000111", None),
        ("+254700000111x5", None),
        ("+254700000111" + " " * 40, None),
        ("+٢٥٤٧٠٠٠٠٠١١١", None),
        ("Asha", None),
        ("", None),
    ],
)
def test_only_a_number_with_its_country_code_is_one(written: str, expected: str | None) -> None:
    assert e164(written) == expected


@given(st.text(max_size=45) | st.from_regex(r"\+?[0-9 ()\-]{3,20}", fullmatch=True))
def test_what_is_one_is_told_the_same_again(written: str) -> None:
    found = e164(written)
    assert found is None or (found[0] == "+" and found[1:].isdigit() and e164(found) == found)
