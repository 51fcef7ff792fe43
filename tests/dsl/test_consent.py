"""What counts as a wish for no more texts, however a phone spells it."""

import pytest

from dsl.consent import starts, stops

WIDE = "".join(chr(ord(one) + 0xFEE0) for one in "STOP")
"""As it is written on keyboards of East Asia."""


@pytest.mark.parametrize(
    "text",
    [
        "STOP", " stop ", "Stop.", "STOP!!", "stop,", "Stop…", '"STOP"', "*stop*", "“Stop”", WIDE,
        "\u200bSTOP", "STOP\ufeff", "STOP\u00a0", "stop\r\n", "Opt\u2011out", "opt-out", "OPT  OUT",
        "Acha.", "SITISHA",
    ],
)  # fmt: skip
def test_the_word_alone_is_a_stop_whatever_stands_around_it(text: str) -> None:
    assert stops(text)


@pytest.mark.parametrize("text", ["", "...", "please don't stop", "stop it", "bus stop 4", "non-stop", "no"])
def test_a_word_among_others_is_for_the_flow(text: str) -> None:
    assert (stops(text), starts(text)) == (False, False)


@pytest.mark.parametrize("text", ["START", "opt-in", "Anza!", "“start”"])
def test_the_way_back_is_spelled_as_freely(text: str) -> None:
    assert starts(text)
