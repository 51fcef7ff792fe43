"""How choices are put to people, by what their channel can show."""

import pytest

from providers.chatwoot.content import Choice, compose

WHATSAPP, TELEGRAM = "Channel::Whatsapp", "Channel::Telegram"


def picks(count: int, title: str = "Choice", value: str = "v") -> list[Choice]:
    """So many choices whose titles all have the length of the last."""
    width = len(str(count))
    return [(f"{title}{number:0{width}}", f"{value}{number:0{width}}") for number in range(1, count + 1)]


def shown(
    choices: list[Choice], channel: str | None, text: str = "Which?", *, with_files: bool = False
) -> bool:
    """Whether they are shown as such; else they are a numbered list in the text."""
    made = compose(text, choices, channel, with_files=with_files)
    if "content_type" not in made:
        assert all(f"{n}. {title}" in str(made["content"]) for n, (title, _) in enumerate(choices, 1))
        return False
    assert (made["content"], made["content_type"]) == (text, "input_select")
    return True


@pytest.mark.parametrize("channel", ["Channel::Api", "Channel::WebWidget", WHATSAPP, TELEGRAM])
def test_a_few_choices_are_shown_as_such(channel: str) -> None:
    assert shown(picks(3), channel)


@pytest.mark.parametrize(
    "channel",
    ["Channel::TwilioSms", "Channel::Sms", "Channel::Email", "Channel::FacebookPage", "Channel::Line", None],
)
def test_elsewhere_they_are_a_numbered_list(channel: str | None) -> None:
    assert not shown(picks(3), channel)


@pytest.mark.parametrize(
    ("choices", "whether"),
    [
        (picks(3, "t" * 19), True),
        (picks(3, "t" * 20), False),
        (picks(4, "t" * 23), True),
        (picks(4, "t" * 24), False),
        (picks(10), True),
        (picks(11), False),
        ([("Same", "a"), ("Same", "b")], False),
    ],
)
def test_whatsapp_is_not_given_choices_that_it_refuses(choices: list[Choice], whether: bool) -> None:
    assert shown(choices, WHATSAPP) is whether


@pytest.mark.parametrize(("text", "whether"), [("t" * 1_024, True), ("t" * 1_025, False), ("", False)])
def test_whatsapp_shows_choices_under_a_text_of_some_length(text: str, whether: bool) -> None:
    assert shown(picks(2), WHATSAPP, text) is whether


@pytest.mark.parametrize(("value", "whether"), [("v" * 63, True), ("v" * 64, False), ("é" * 32, False)])
def test_telegram_gives_back_short_values_only(value: str, whether: bool) -> None:
    assert shown(picks(2, value=value), TELEGRAM) is whether


@pytest.mark.parametrize("channel", [WHATSAPP, TELEGRAM])
def test_a_messenger_shows_files_or_choices_but_not_both(channel: str) -> None:
    assert not shown(picks(2), channel, with_files=True)
    assert shown(picks(2), "Channel::Api", with_files=True)
