"""Screens on every surface: pages of USSD, actions of a call, the text of an SMS."""

from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.turns import Said, Screen
from emulators.africastalking.domain.scripts import read
from providers.africastalking.gsm import encoding, length
from providers.africastalking.rendering import pages, spoken, texted, ussd, voice, written
from providers.africastalking.screens import BY_NETWORK, SCREEN

URL = "https://tembea.test/webhooks/africastalking/main/s3cret/voice?step=abc"
MENU: tuple[dict[str, Any], ...] = (
    {"title": "Balance", "value": "balance"},
    {"title": "Airtime", "value": "airtime"},
)
TITLES = st.lists(st.text(max_size=30).map(lambda one: {"title": one, "value": one}), max_size=12)


def asked(text: str = "What now?", **more: Any) -> Screen:
    """A question; with choices, they are what is awaited."""
    choices = tuple(more.pop("choices", ()))
    said = Said(text=text, choices=choices, action=more.pop("action", None))
    return Screen(**{"said": (said,), "open": True, "choices": choices, **more})


def test_a_question_goes_on_and_a_farewell_ends() -> None:
    assert ussd(asked("Your name?")).body == "CON Your name?"
    assert ussd(Screen(said=(Said(text="Hi."), Said(text="Bye.")))).body == "END Hi.\nBye."


def test_choices_are_numbered() -> None:
    assert ussd(asked("Menu", choices=MENU)).body == "CON Menu\n1. Balance\n2. Airtime"
    assert texted("Menu", MENU) == "Menu\n1. Balance\n2. Airtime"


def test_a_text_said_after_its_menu_does_not_hide_what_may_be_picked() -> None:
    screen = Screen(said=(Said(text="Please pick one."),), open=True, choices=MENU)
    assert written(screen) == "Please pick one.\n1. Balance\n2. Airtime"


def test_who_dials_anew_may_start_over() -> None:
    assert ussd(asked("Name?", resumed=True)).body == "CON Name?\n00 Start over"
    assert ussd(Screen(said=(Said(text="Bye."),), resumed=True)).body == "END Bye."


def test_starting_over_stands_on_the_first_page_where_there_are_several() -> None:
    found = pages(asked("word " * 60, resumed=True))
    assert len(found) > 1
    assert found[0].startswith("00 Start over\n")
    assert sum("Start over" in page for page in found) == 1


def test_an_end_of_several_pages_goes_on_until_the_last() -> None:
    screen = Screen(said=(Said(text="word " * 60),))
    bodies = [ussd(screen, page=page).body for page in range(len(pages(screen)))]
    assert [body[:4] for body in bodies] == ["CON "] * (len(bodies) - 1) + ["END "]
    assert ussd(screen, page=99).body == bodies[-1]


def test_a_session_that_ends_without_a_word_is_no_empty_answer() -> None:
    assert ussd(Screen()).body == "END Goodbye."
    assert ussd(Screen(said=(Said(text=" \n "),))).body == "END Goodbye."


def test_the_actions_of_calls_are_nothing_on_a_phones_screen() -> None:
    said = (Said(action={"action": "play", "url": "https://x.test/a.mp3"}), Said(text="Hi."))
    assert ussd(Screen(said=said)).body == "END Hi."


@given(st.text(max_size=600), TITLES, st.sampled_from([*BY_NETWORK, "62120", None]), st.booleans())
def test_every_page_fits_its_network(
    text: str, choices: list[dict[str, Any]], network: str | None, resumed: bool
) -> None:
    screen = asked(text, choices=choices, resumed=resumed)
    most = BY_NETWORK.get(network or "", SCREEN)
    for page in range(len(pages(screen, network))):
        body = ussd(screen, network, page).body
        assert body.startswith("CON ")
        assert body[4:].strip()
        assert length(body) <= (most if encoding(body) == "GSM-7" else most // 2)


def test_a_question_on_a_call_takes_keys_and_silence_at_one_address() -> None:
    said = (Said(text="Welcome."), Said(text="What now?", choices=MENU))
    heard = read(voice(Screen(said=said, open=True, choices=MENU), URL).encode())
    assert [step.tag for step in heard] == ["Say", "GetDigits", "Redirect"]
    assert heard[1].attributes == {"numDigits": "1", "finishOnKey": "#", "callbackUrl": URL}
    assert heard[1].prompt
    assert heard[1].prompt.text == "What now? For Balance, press 1. For Airtime, press 2."
    assert heard[2].text == URL


def test_an_open_answer_takes_as_many_keys_as_are_pressed() -> None:
    [digits, _] = read(voice(asked("How many?", expects="number"), URL).encode())
    assert "numDigits" not in digits.attributes


def test_yes_or_no_is_a_key() -> None:
    assert spoken(asked("Sure?", expects="yes_no")) == ["Sure? For yes, press 1. For no, press 2."]


def test_who_calls_anew_may_press_two_keys_to_start_over() -> None:
    [digits, _] = read(voice(asked("What now?", choices=MENU, resumed=True), URL).encode())
    assert "numDigits" not in digits.attributes
    assert digits.prompt
    assert digits.prompt.text.endswith("To start over, press 0 0.")


def test_digits_are_asked_for_as_the_flow_says() -> None:
    action = {"action": "get_digits", "numDigits": "4", "timeout": 10, "finishOnKey": 1, "voice": "woman"}
    [digits, _] = read(voice(asked("Your PIN?", action=action, expects="digits"), URL).encode())
    wanted = {"numDigits": "4", "timeout": "10", "finishOnKey": "1", "callbackUrl": URL}
    assert digits.attributes == wanted
    assert digits.prompt
    assert (digits.prompt.text, digits.prompt.attributes) == ("Your PIN?", {"voice": "woman"})


def test_a_recording_comes_to_the_address_and_so_does_none() -> None:
    action = {"action": "record", "maxLength": 30, "playBeep": True}
    [record, redirect] = read(voice(asked("Speak now.", action=action, expects="recording"), URL).encode())
    assert record.attributes == {"maxLength": "30", "playBeep": "true", "callbackUrl": URL}
    assert (redirect.tag, redirect.text) == ("Redirect", URL)


def test_nothing_follows_what_ends_a_call() -> None:
    said = (Said(action={"action": "dial", "phoneNumbers": "+254711000001"}), Said(text="never heard"))
    assert [step.tag for step in read(voice(Screen(said=said), URL).encode())] == ["Dial"]
    [dial] = read(voice(Screen(said=said[:1], open=True, expects="dialled"), URL).encode())
    assert dial.attributes == {"phoneNumbers": "+254711000001"}


def test_a_dial_without_anybody_to_dial_ends_the_call() -> None:
    said = Said(action={"action": "dial", "phoneNumbers": [""]})
    assert voice(Screen(said=(said,), open=True, expects="dialled"), URL).endswith("<Response></Response>")


@pytest.mark.parametrize(
    ("action", "tags"),
    [
        ({"action": "play", "url": "https://x.test/a.mp3"}, ["Play"]),
        ({"action": "play", "url": "no address"}, []),
        ({"action": "enqueue", "name": "help desk!"}, ["Enqueue"]),
        ({"action": "reject"}, ["Reject"]),
        ({"action": "dial", "phoneNumbers": ["nobody"]}, []),
        ({"action": "juggle"}, []),
        ({}, []),
    ],
)
def test_what_cannot_be_done_is_left_out(action: dict[str, Any], tags: list[str]) -> None:
    screen = Screen(said=(Said(action=action),))
    assert [step.tag for step in read(voice(screen, URL).encode())] == tags


def test_a_caller_hears_in_words_what_a_call_does() -> None:
    said = (
        Said(text="Welcome."),
        Said(action={"action": "play", "url": "https://x.test/a.mp3"}),
        Said(text="Speak.", action={"action": "record"}),
    )
    heard = ["Welcome.", "[play https://x.test/a.mp3]", "Speak.", "[record]"]
    assert spoken(Screen(said=said, open=True, expects="recording")) == heard
    assert spoken(Screen(said=(Said(action={"action": "reject"}),))) == ["[reject]"]
    dial = Said(action={"action": "dial", "phoneNumbers": ["+254711000001", "+254711000002"]})
    assert spoken(Screen(said=(dial,))) == ["[dial +254711000001, +254711000002]"]


ACTIONS = st.fixed_dictionaries(
    {"action": st.sampled_from(["say", "play", "get_digits", "record", "dial", "enqueue", "redirect", "?"])},
    optional={
        "url": st.text(max_size=30) | st.just("https://x.test/a"),
        "phoneNumbers": st.lists(st.text(max_size=20)) | st.integers() | st.just("+254711000001"),
        "numDigits": st.integers() | st.text(max_size=3),
        "play": st.just("https://x.test/a") | st.none() | st.integers(),
        "voice": st.text(max_size=8),
        "name": st.text(max_size=8) | st.floats(),
        "odd": st.lists(st.none()),
    },
)
SAID = st.builds(
    lambda text, action, choices: Said(text=text, action=action, choices=tuple(choices)),
    st.text(max_size=80),
    st.none() | ACTIONS,
    TITLES,
)


@given(st.lists(SAID, max_size=5), st.booleans(), st.booleans(), TITLES)
def test_whatever_was_said_is_an_answer_that_a_call_can_be_given(
    said: list[Said], open: bool, resumed: bool, choices: list[dict[str, Any]]
) -> None:
    screen = Screen(said=tuple(said), open=open, resumed=resumed, choices=tuple(choices))
    document = voice(screen, URL)
    fromstring(document)
    steps = read(document.encode())
    ends = bool(steps) and steps[-1].tag in ("Redirect", "Dial", "Enqueue")
    assert ends or not open
    assert ussd(screen).body[:4] in ("CON ", "END ")
