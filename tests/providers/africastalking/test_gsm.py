"""How long texts are on the air."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.africastalking.gsm import BASIC, EXTENSION, Size, encoding, foreign, length, size

gsm_text = st.text(alphabet=sorted(BASIC | EXTENSION), max_size=700)
any_text = st.text(max_size=300) | gsm_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Size("GSM-7", 0, 1)),
        ("a" * 160, Size("GSM-7", 160, 1)),
        ("a" * 161, Size("GSM-7", 161, 2)),
        ("a" * 306, Size("GSM-7", 306, 2)),
        ("a" * 307, Size("GSM-7", 307, 3)),
        ("€" * 80, Size("GSM-7", 160, 1)),
        ("a" * 159 + "€", Size("GSM-7", 161, 2)),
        ("€" * 152, Size("GSM-7", 304, 2)),
        ("€" * 153, Size("GSM-7", 306, 3)),  # 76 escapes a part: no character is cut in two
        ("ñ" * 160, Size("GSM-7", 160, 1)),
        ("ç", Size("UCS-2", 1, 1)),  # the capital is in the table, the small letter is not
        ("—" * 70, Size("UCS-2", 70, 1)),
        ("—" * 71, Size("UCS-2", 71, 2)),
        ("😀" * 35, Size("UCS-2", 70, 1)),
        ("😀" * 66, Size("UCS-2", 132, 2)),
        ("😀" * 67, Size("UCS-2", 134, 3)),  # 33 pairs a part
    ],
)
def test_a_text_is_charged_as_so_many_parts(text: str, expected: Size) -> None:
    assert size(text) == expected


def test_the_tables_are_the_standards() -> None:
    assert (len(BASIC), len(EXTENSION), BASIC & EXTENSION) == (127, 10, frozenset())


@pytest.mark.parametrize(("text", "found"), [("Habari [a] €", []), ("“Duka” — 😀“", ["“", "”", "—", "😀"])])
def test_what_gsm_does_not_have_is_named_once_in_its_order(text: str, found: list[str]) -> None:
    assert foreign(text) == found


@given(any_text)
def test_parts_are_as_few_as_can_be_without_cutting_a_character(text: str) -> None:
    code, units, parts = size(text)
    whole, each = (160, 153) if code == "GSM-7" else (70, 67)
    assert units == (length(text) if code == "GSM-7" else len(text.encode("utf-16-le", "surrogatepass")) // 2)
    assert (parts == 1) is (units <= whole)
    assert parts == 1 or -(-units // each) <= parts <= -(-units // (each - 1))


@given(gsm_text, any_text)
def test_a_text_that_grows_never_needs_less(text: str, more: str) -> None:
    assert size(text + more).parts >= size(text).parts
    assert encoding(text) == "GSM-7"
