"""Answers that are words: plain text, one of the choices, yes or no, a text of a given form."""

import re
import unicodedata

from activities.answers.answer import LONGEST, Answer
from activities.patterns import Pattern, PatternError
from dsl.model import Json

YES = frozenset((
    "y", "yes", "yeah", "yep", "yup", "yah", "sure", "ok", "okay", "correct", "right", "true", "definitely",
    "ndio", "ndiyo", "ndyo", "ndo", "naam", "eeh", "ee", "sawa", "sawasawa", "hakika",
    "oui", "ouais", "ouaip", "daccord", "volontiers",
))  # fmt: skip
NO = frozenset((
    "n", "no", "nope", "nah", "not", "never", "false",
    "hapana", "la", "siyo", "sio", "sivyo",
    "non", "nan", "jamais",
))  # fmt: skip
PHRASES = {"of course": True, "bien sur": True, "d accord": True, "not really": False, "pas du tout": False}
POLITE = frozenset((
    "please", "thanks", "thank", "you", "sir", "madam", "tafadhali", "asante", "sana", "bwana", "mama",
    "merci", "svp",
))  # fmt: skip
"""Said around a yes or a no without changing it."""
SIGNS = {"1": True, "2": False, "0": False, "👍": True, "✅": True, "👎": False, "❌": False}
_MARKS = re.compile(r"[^\w\s]+|_")
_SKIN = re.compile("[\U0001f3fb-\U0001f3ff\ufe0f]")


def text(answer: Answer) -> Json:
    """Whatever was written, without the blanks around it."""
    return answer.text.strip()[:LONGEST] or None


def choice(answer: Answer) -> Json:
    """By the value picked, else by title, value, synonym or the number in the list."""
    picked = answer.value[0].get("value") if _is_picked(answer.value) else answer.value
    for offered in answer.choices:
        if picked is not None and picked == offered.value:
            return offered.value
    said = answer.text.strip().casefold()
    for number, offered in enumerate(answer.choices, start=1):
        names = (offered.title, str(offered.value), *offered.synonyms, str(number))
        if said and said in (name.strip().casefold() for name in names):
            return offered.value
    return None


def _is_picked(value: Json) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def yes_no(answer: Answer) -> Json:
    """True or False, said in English, Swahili or French; None for whatever says both, or neither."""
    if isinstance(answer.value, bool):
        return answer.value
    said = answer.said(100)
    if (sign := _SKIN.sub("", said).rstrip(".)")) in SIGNS:
        return SIGNS[sign]
    plain = unicodedata.normalize("NFKD", said.casefold())
    spoken = "".join(char for char in plain if not unicodedata.combining(char))
    found = [word for word in _MARKS.sub(" ", spoken).split() if word not in POLITE]
    if (phrase := " ".join(found)) in PHRASES:
        return PHRASES[phrase]
    meant = {word in YES for word in found if word in YES | NO}
    return meant.pop() if len(meant) == 1 and set(found) <= YES | NO else None


def matching(answer: Answer) -> Json:
    """A text that is of the pattern's form from its first character to its last."""
    try:
        said = answer.said()
        return said if said and Pattern(answer.pattern).covers(said) else None
    except PatternError:
        return None
