"""USSD screens: what fits, and how the rest is turned to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.africastalking.gsm import BASIC, EXTENSION, encoding, length
from providers.africastalking.screens import BACK, MORE, Screen, capacity, pages, screen, turned

SAFARICOM, AIRTEL, ELSEWHERE = "63902", "63903", "62130"
MENU = "\n".join(["Choose a product", *(f"{n}. Product number {n}" for n in range(1, 21))])

words = st.text(alphabet=[*"abc .\n", "€", "é", "😀", "—"], max_size=900)
gsm_text = st.text(alphabet=[*sorted(BASIC | EXTENSION), *" \n" * 20], max_size=900)
networks = st.sampled_from([SAFARICOM, AIRTEL, ELSEWHERE, None])


def test_a_short_text_is_one_screen_with_its_prefix() -> None:
    assert pages("Enter amount") == ["Enter amount"]
    assert screen(["Enter amount"], open=True) == Screen("CON Enter amount", True)
    assert screen(["Kwaheri"], open=False) == Screen("END Kwaheri", False)


@pytest.mark.parametrize(
    ("network", "char", "most"),
    [(SAFARICOM, "a", 156), (AIRTEL, "a", 180), (ELSEWHERE, "a", 156), (SAFARICOM, "€", 78), (None, "—", 76)],
)
def test_a_screen_holds_what_the_operator_shows(network: str | None, char: str, most: int) -> None:
    assert len(pages(char * most, network)) == 1
    assert len(pages(char * (most + 1), network)) > 1


def test_a_long_menu_is_turned_by_keys_of_ours_and_its_lines_stay_whole() -> None:
    paged = pages(MENU, SAFARICOM)
    assert "\n".join(paged) == MENU
    shown = [screen(paged, at, open=True).body for at in range(len(paged))]
    assert shown[0].startswith("CON Choose a product\n1. Product number 1\n")
    assert shown[0].endswith("\n98 More")
    assert all(body.endswith("\n98 More\n00 Back") for body in shown[1:-1])
    assert shown[-1].endswith("20. Product number 20\n00 Back")


def test_a_farewell_over_pages_ends_on_its_last() -> None:
    paged = pages("asante " * 60)
    told = [screen(paged, at, open=False) for at in range(len(paged))]
    assert [each.open for each in told] == [True] * (len(paged) - 1) + [False]
    assert told[-1].body.startswith("END ")


@pytest.mark.parametrize(
    ("at", "typed", "to"),
    [
        (0, MORE, 1),
        (1, " 98 ", 2),
        (2, MORE, None),
        (2, BACK, 1),
        (1, BACK, 0),
        (0, BACK, None),
        (1, "1", None),
        (1, "0", None),
        (1, "", None),
        (1, "98*1", None),
    ],
)
def test_a_key_of_ours_turns_only_where_it_is_shown(at: int, typed: str, to: int | None) -> None:
    assert turned(["a", "b", "c"], at, typed) == to


@given(words | gsm_text, networks)
def test_paging_loses_nothing_and_every_page_fits(text: str, network: str | None) -> None:
    paged = pages(text, network)
    kept = text.replace("\r", "").replace("\x00", "")
    assert "".join("".join(paged).split()) == "".join(kept.split())
    for at in range(len(paged)):
        body = screen(paged, at, open=True).body
        assert length(body) <= capacity(body, network)
        assert body.startswith("CON ")


@pytest.mark.parametrize("text", ["a" * 900, "€" * 500, "—" * 400, "😀" * 200, MENU * 3, "[" + "é" * 700])
@pytest.mark.parametrize("network", [SAFARICOM, AIRTEL, ELSEWHERE])
def test_first_middle_and_last_page_of_a_long_text_fit(text: str, network: str) -> None:
    paged = pages(text, network)
    shown = [screen(paged, at, open=False).body for at in range(len(paged))]
    assert len(shown) > 3
    assert all(length(body) <= capacity(body, network) for body in shown)


@given(words, networks)
def test_every_page_is_reached_and_left_again(text: str, network: str | None) -> None:
    paged, at = pages(text, network), 0
    for expected in range(1, len(paged)):
        found = turned(paged, at, MORE)
        assert found == expected
        assert turned(paged, found, BACK) == at
        at = found
    assert turned(paged, at, MORE) is None


@given(st.lists(st.text(alphabet="abcdef€", min_size=1, max_size=30), min_size=1, max_size=60))
def test_no_word_is_cut_where_there_are_blanks(spoken: list[str]) -> None:
    assert " ".join(pages(" ".join(spoken))).split() == spoken


def test_one_character_of_another_alphabet_halves_the_screen() -> None:
    assert (encoding("a—"), capacity("a—", SAFARICOM), capacity("a", SAFARICOM)) == ("UCS-2", 80, 160)
