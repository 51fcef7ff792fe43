"""What is told of flows that are started from phones, and what is not."""

from typing import Any

import pytest

from tests.compiler.documents import codes, line
from tests.compiler.test_lints import node

EVENTS = {
    "ussd": "ussd_session",
    "sms": "sms_received",
    "voice": "call_received",
    "chatwoot": "message_created",
}


def said(channel: str, *nodes: dict[str, Any]) -> list[str]:
    """The codes of a flow that is started there and goes through these nodes."""
    trigger = {"channel": channel, "event": EVENTS[channel]}
    return codes(line(*nodes, trigger=trigger))


def ask(id: str = "q", **config: Any) -> dict[str, Any]:
    """A question about nothing in particular."""
    return node(id, "question", **{"text": "Well?", "saveTo": "n", "timeout": None, **config})


def tell(text: str, **config: Any) -> dict[str, Any]:
    return node("m", "message", text=text, **config)


FITS = "x" * 156
"""With `CON ` exactly a screen."""


@pytest.mark.parametrize(("text", "found"), [(FITS, []), (FITS + "x", ["SCREEN_PAGED"])])
def test_a_screen_holds_160_characters_with_its_prefix(text: str, found: list[str]) -> None:
    assert said("ussd", tell(text)) == found


def test_characters_of_the_extension_table_count_twice() -> None:
    assert said("ussd", tell("€" * 79)) == ["SCREEN_PAGED"]
    assert said("ussd", tell("€" * 78)) == []


def test_what_a_template_comes_to_is_not_known_and_not_counted() -> None:
    assert said("ussd", tell(FITS + "{{contact.phone}}")) == []


def test_choices_are_part_of_the_screen() -> None:
    buttons = [{"title": "First"}, {"title": "Second"}]
    assert "SCREEN_PAGED" in said("ussd", tell(FITS[:140], buttons=buttons))
    assert "SCREEN_PAGED" not in said("ussd", tell(FITS[:130], buttons=buttons))


def test_other_letters_are_told_and_take_half_of_the_screen() -> None:
    assert said("ussd", tell("Habari ✓")) == ["NOT_GSM"]
    assert said("ussd", tell("✓" + "x" * 80)) == ["NOT_GSM", "SCREEN_PAGED"]


@pytest.mark.parametrize(
    ("text", "found"),
    [("x" * 459, []), ("x" * 460, ["TEXT_IN_PARTS"]), ("✓" * 201, ["NOT_GSM"])],
)
def test_a_text_may_take_three_sms(text: str, found: list[str]) -> None:
    assert said("sms", tell(text)) == found
    assert said("chatwoot", node("s", "send_sms", to="+254700000111", message=text)) == found


def test_nothing_of_it_is_told_of_a_flow_in_a_chat() -> None:
    files = {"attachments": [{"url": "https://shop.example/1.pdf"}]}
    assert said("chatwoot", tell("✓" * 1_000, **files)) == []


@pytest.mark.parametrize(
    ("channel", "found"), [("ussd", ["NOT_SHOWN_THERE"]), ("voice", ["NOT_SHOWN_THERE"]), ("sms", [])]
)
def test_files_are_links_in_a_text_and_nothing_on_the_line(channel: str, found: list[str]) -> None:
    assert said(channel, tell("Your bill", attachments=[{"url": "https://shop.example/1.pdf"}])) == found


@pytest.mark.parametrize(
    ("pick", "found"),
    [
        ({"value": "98"}, True),
        ({"value": " 00 "}, True),
        ({"value": "a", "synonyms": ["00"]}, True),
        ({"value": "a", "title": "98"}, False),
        ({"value": "980"}, False),
    ],
)
def test_no_choice_is_named_like_a_key_of_ours(pick: dict[str, Any], found: bool) -> None:
    asked = ask(expects="choice", choices=[pick, {"value": "b"}])
    assert ("KEY_TAKEN" in said("ussd", asked)) is found
    assert "KEY_TAKEN" not in said("sms", asked)


@pytest.mark.parametrize("channel", ["ussd", "sms"])
def test_what_nobody_can_write_is_not_asked_for(channel: str) -> None:
    assert "NOT_BY_TEXT" in said(channel, ask(expects="location"))
    assert "NOT_BY_TEXT" not in said(channel, ask(expects="text"))


@pytest.mark.parametrize(
    ("sender", "found"),
    [
        ("DUKA", []),
        ("28901", []),
        ("+254700000111", []),
        ("{{contact.phone}}", []),
        ("A name of twelve", ["INVALID_VALUE"]),
    ],
)
def test_a_sender_has_a_form(sender: str, found: list[str]) -> None:
    assert (
        said("sms", node("s", "send_sms", **{"to": "+254700000111", "message": "Hi", "from": sender}))
        == found
    )
