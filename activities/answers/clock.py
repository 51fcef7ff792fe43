"""Times of day as people write them, those of the Swahili clock included: it counts from six o'clock."""

import datetime as dt
import re
import unicodedata

NAMED = {"noon": 12, "midday": 12, "midi": 12, "adhuhuri": 12, "midnight": 0, "minuit": 0}
NUMBERS = ["moja", "mbili", "tatu", "nne", "tano", "sita", "saba", "nane", "tisa", "kumi"]
PERIODS = {"alfajiri": (3, 6), "asubuhi": (6, 12), "mchana": (11, 16), "jioni": (15, 20), "usiku": (18, 28)}
"""Hours between which a period of the Swahili day is spoken of."""
_DIGITAL = re.compile(r"(?:at |a |saa )?(\d{1,2})(?:[:.h](\d{2}))?(?::(\d{2}))? ?(h|am|pm|hrs|heures?)?")
_HALVES = re.compile(r"\b([ap])[.]? ?m\b[.]?")
_NUMBER = rf"\d{{1,2}}|kumi na (?:moja|mbili)|{'|'.join(NUMBERS)}"
_SWAHILI = re.compile(
    rf"\bsaa (?P<hour>{_NUMBER})(?: na (?P<half>nusu|robo)| kasoro (?P<to>robo)|[:.](?P<minute>\d{{2}}))?"
    rf"(?: ya| za)? (?P<period>{'|'.join(PERIODS)})\b"
)


def read(said: str) -> dt.time | None:
    """`15:30`, `3.30 pm`, `15h30`, `noon`, `saa tisa na nusu mchana`; None for what is more than a time."""
    plain = _plain(said)
    if plain in NAMED:
        return dt.time(NAMED[plain])
    if swahili := _SWAHILI.fullmatch(plain):
        return _from_six(swahili)
    found = _DIGITAL.fullmatch(plain)
    # A number alone may be anything; `saa 3` may be morning or night.
    if found is None or not (found[2] or found[4]) or plain.startswith("saa"):
        return None
    return _of(int(found[1]), int(found[2] or 0), int(found[3] or 0), found[4] or "")


def told(said: str) -> str:
    """A text with the times of the Swahili clock as the others write them; "" where one cannot be read."""
    plain = _plain(said)
    if not plain.startswith("saa ") and " saa " not in plain:
        return said
    times = [_from_six(found) for found in _SWAHILI.finditer(plain)]
    rest = _SWAHILI.sub("@", plain)
    if len(times) != 1 or times[0] is None or "saa" in rest:
        return ""
    return rest.replace("@", f"{times[0]:%H:%M}")


def _plain(said: str) -> str:
    plain = unicodedata.normalize("NFKD", said.casefold())
    words = "".join(char for char in plain if not unicodedata.combining(char)).split()
    return _HALVES.sub(r"\1m", " ".join(words))


def _of(hour: int, minute: int, second: int, half: str) -> dt.time | None:
    if half in ("am", "pm"):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    return dt.time(hour, minute, second) if hour < 24 and minute < 60 and second < 60 else None


def _from_six(found: re.Match[str]) -> dt.time | None:
    """The hour of the two that are six o'clock and so many, which falls into the period."""
    counted = _counted(found["hour"])
    begin, end = PERIODS[found["period"]]
    minutes = {"nusu": 30, "robo": 15}.get(found["half"] or "", int(found["minute"] or 0))
    past = counted * 60 + minutes - (15 if found["to"] else 0)
    options = (past + 360 + 720 * half for half in range(-1, 3))
    fits = [one for one in options if begin * 60 <= one < end * 60] if 1 <= counted <= 12 else []
    return dt.time(fits[0] // 60 % 24, fits[0] % 60) if len(fits) == 1 and minutes < 60 else None


def _counted(word: str) -> int:
    if word.isdecimal():
        return int(word)
    if word.startswith("kumi na "):
        return 10 + NUMBERS.index(word.removeprefix("kumi na ")) + 1
    return NUMBERS.index(word) + 1
