"""A screen in the words of each surface: pages of USSD, the XML of a call, the text of an SMS. Pure."""

from collections.abc import Sequence

from dsl.filters import text_of
from dsl.model import Json
from dsl.turns import Screen
from providers.africastalking import screens
from providers.africastalking.calling import actions, title_of
from providers.africastalking.speech import Action, GetDigits, Record, Redirect, Say
from providers.africastalking.xml import respond

SORRY = "Please try again later."
"""Where no screen is there in time, and the flow has no `safeText`."""
OVER = "Goodbye."
"""Where a session ends and nothing was said: an answer may not be empty."""
START_OVER = screens.BACK
"""Typed at a screen shown once more; on the first page, where nothing leads back."""
AGAIN = f"{START_OVER} Start over"
NOWHERE = "https://nowhere.invalid/"


def texted(text: str, choices: Sequence[dict[str, Json]]) -> str:
    """A text and what may be picked, as one message: the choices numbered, each on a line."""
    numbered = [f"{number}. {title_of(choice)}" for number, choice in enumerate(choices, 1)]
    return "\n".join([*([text] if text else []), *numbered])


def written(screen: Screen) -> str:
    """What a phone shows, before it is cut into pages."""
    told = [one for said in screen.said if (one := texted(said.text, said.choices))]
    if not any(said.choices == screen.choices for said in screen.said):
        told.append(texted("", screen.choices))
    return "\n".join([*filter(None, told), *([AGAIN] if _may_start_over(screen) else [])])


def pages(screen: Screen, network: str | None = None) -> list[str]:
    """A USSD screen in pages that fit the network.

    Where there are several, `00` leads back from the second on: starting over is offered on top of the first.
    """
    found = screens.pages(written(screen).strip() or OVER, network)
    if len(found) == 1 or not _may_start_over(screen):
        return found
    rest = written(screen.model_copy(update={"resumed": False}))
    return screens.pages(f"{AGAIN}\n{rest}", network)


def ussd(screen: Screen, network: str | None = None, page: int = 0) -> screens.Screen:
    """The answer to a USSD step (`CON …` or `END …`): a page of the screen, the last at most."""
    found = pages(screen, network)
    return screens.screen(found, min(page, len(found) - 1), open=screen.open)


def voice(screen: Screen, url: str) -> str:
    """The XML that answers a call; what is pressed or recorded comes to `url`, silence as well."""
    return respond(actions(screen, url))


def spoken(screen: Screen) -> list[str]:
    """What a caller hears, in order: texts, and in brackets what is done: `[play https://…]`, `[reject]`."""
    return [one for action in actions(screen, NOWHERE) for one in _heard(action)]


def _heard(action: Action) -> list[str]:
    match action:
        case Say():
            return [action.text]
        case GetDigits():
            return _heard(action.prompt)
        case Record():
            return [*(_heard(action.prompt) if action.prompt else []), "[record]"]
        case Redirect() if action.url == NOWHERE:
            return []
        case _:
            first = [_told(value) for value in action.model_dump(exclude_none=True).values()][:1]
            return [f"[{' '.join([type(action).__name__.lower(), *first])}]"]


def _told(value: Json) -> str:
    return ", ".join(value) if isinstance(value, list) else text_of(value)


def _may_start_over(screen: Screen) -> bool:
    return screen.resumed and screen.open
