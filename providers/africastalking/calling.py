"""A screen as what a call is told to do. Pure; what cannot be made an action of the call is left out."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from dsl.filters import text_of
from dsl.model import Authored, Json
from dsl.turns import Said, Screen
from providers.africastalking.speech import (
    LAST,
    LONGEST_TEXT,
    Action,
    Dial,
    Enqueue,
    GetDigits,
    Play,
    Record,
    Redirect,
    Reject,
    Say,
)
from providers.africastalking.xml import MOST_ACTIONS

KINDS: dict[str, type[Authored]] = {
    "say": Say,
    "play": Play,
    "get_digits": GetDigits,
    "record": Record,
    "dial": Dial,
    "enqueue": Enqueue,
    "redirect": Redirect,
    "reject": Reject,
}
"""The actions by their words in flow files."""
PROMPTED = ("get_digits", "record")
NUMBERS = frozenset({"numDigits", "timeout", "maxLength", "maxDuration"})
YES_NO: tuple[dict[str, Json], ...] = ({"title": "yes"}, {"title": "no"})
NOTHING_SAID = "Please press a key."
"""A question without words: keys cannot be asked for in silence."""


def actions(screen: Screen, url: str) -> list[Action]:
    """What was said, in order; an open screen asks with the last of it.

    What is pressed or recorded comes to `url`, silence as well.
    """
    *before, final = screen.said or (Said(),)
    told = [action for said in before for action in _plain(said)]
    told += _asking(final, screen, url) if screen.open else _plain(final)
    told = told[-MOST_ACTIONS:]
    ends = next((place for place, action in enumerate(told, 1) if isinstance(action, LAST)), len(told))
    return told[:ends]


def title_of(choice: Mapping[str, Json]) -> str:
    """What a person reads or hears of a choice."""
    return text_of(choice.get("title", choice.get("value")))


def _plain(said: Said) -> list[Action]:
    """Something said that nobody is to answer; its choices are read out."""
    action = _action(said)
    if action is not None and not isinstance(action, GetDigits):
        return [action]
    words = _prompt(" ".join([said.text, *map(title_of, said.choices)]), said.action or {})
    return [words] if words is not None else []


def _asking(said: Said, screen: Screen, url: str) -> list[Action]:
    """The last thing said as a question, and behind it where silence leads; nobody to dial ends the call."""
    action = _action(said, url)
    if action is None and screen.expects == "dialled":
        return []
    if isinstance(action, LAST):
        return [action]
    asks = action if isinstance(action, GetDigits | Record) else _question(said, action, screen, url)
    return [asks, Redirect(url=url)]


def _question(said: Said, prompt: Any, screen: Screen, url: str) -> GetDigits:
    """A question as every channel has it: keys answer it, a single one where it can be picked by that."""
    choices = screen.choices or said.choices or (YES_NO if screen.expects == "yes_no" else ())
    words = [said.text, *(f"For {title_of(one)}, press {n}." for n, one in enumerate(choices, 1))]
    if screen.resumed:
        words.append("To start over, press 0 0.")
    asked = prompt or _prompt(" ".join(filter(None, words)), {}) or Say(text=NOTHING_SAID)
    keys = len(str(len(choices))) if choices and not screen.resumed else None
    return GetDigits(prompt=asked, num_digits=keys, finish_on_key="#", callback_url=url)


def _action(said: Said, url: str | None = None) -> Any:
    """The action that was said, None where it is a text or cannot be made."""
    given = {name: value for name, value in (said.action or {}).items() if value is not None}
    word = text_of(given.pop("action", None))
    if word not in KINDS:
        return None
    if word == "say":
        given["text"] = said.text[:LONGEST_TEXT]
    if word in PROMPTED:
        prompt = _prompt(said.text, given)
        mine = {name: value for name, value in given.items() if name not in ("voice", "play")}
        given = {**mine, "prompt": prompt, "callbackUrl": url}
    return _made(KINDS[word], given)


def _prompt(text: str, given: Mapping[str, Json]) -> Any:
    """A sound file, or a text in a voice; None where there is neither."""
    sound = _made(Play, {"url": given.get("play")})
    return sound or _made(Say, {"text": text.strip()[:LONGEST_TEXT], "voice": given.get("voice")})


def _made(kind: type[Authored], given: Mapping[str, Json]) -> Any:
    """The action without what does not fit it; None where what it needs does not."""
    left = {name: _spelled(name, value) for name, value in given.items() if value is not None}
    while True:
        try:
            return kind.model_validate(left)
        except ValidationError as error:
            wrong = {str(found["loc"][0]) for found in error.errors(include_input=False)} & left.keys()
            if not wrong:
                return None
            left = {name: value for name, value in left.items() if name not in wrong}


def _spelled(name: str, value: Json) -> Json:
    """Templates give numbers where texts are wanted, and one number where a list is."""
    if name == "phoneNumbers":
        many = value if isinstance(value, list) else text_of(value).split(",")
        return [text_of(one).strip() for one in many]
    plain = isinstance(value, int | float) and not isinstance(value, bool) and name not in NUMBERS
    return text_of(value) if plain else value
