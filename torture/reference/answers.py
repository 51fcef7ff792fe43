"""Answers, as the model draws them: what they are kept as."""

from math import inf
from typing import Any

from torture.reference.case import Json
from torture.reference.rests import Said
from torture.reference.words import number

SKIPS = ("-", "skip", "ruka", "passer")
"""What leaves out a field that is not required."""
SORRY = {
    "text": "Please write an answer.",
    "email": "That does not look like an e-mail address.",
    "choice": "Please pick one of the choices.",
    "number": "Please write a number.",
    "integer": "Please write a whole number.",
    "yes_no": "Please answer yes or no.",
}
TRUTHS = {"yes": True, "ndiyo": True, "1": True, "no": False, "non merci.": False, "2": False}
"""What the model draws that means yes or no."""
GOOD_EMAILS = ("j@example.com", "Mary.Ann@mail.example.com")
"""The only addresses the model draws, in the form in which they are kept."""


def expects(asked: dict[str, Any]) -> str:
    """What kind of answer."""
    return str(asked.get("expects", "text"))


def left_out(asked: dict[str, Any], said: Said) -> bool:
    """Whether a field is left out, and may be."""
    return not asked.get("required", True) and said.text.strip().lower() in SKIPS


def read(asked: dict[str, Any], said: Said) -> Json:
    """The answer as it is kept; None where it is none."""
    kind, plain = expects(asked), said.text.strip().lower()
    if kind == "text":
        return said.text if plain else None
    if kind in ("number", "integer"):
        return _number(asked, said.text)
    if kind == "yes_no":
        return TRUTHS.get(plain)
    if kind == "email":
        return next((good for good in GOOD_EMAILS if good.lower() == plain), None)
    return _choice(asked["choices"], said)


def _number(asked: dict[str, Any], text: str) -> Json:
    """As the model writes numbers; whole ones are whole, whatever is expected."""
    found = number(text.replace(",", ""))
    within = found is not None and asked.get("min", -inf) <= found <= asked.get("max", inf)
    if found is None or not within or (found % 1 and asked["expects"] == "integer"):
        return None
    return found if found % 1 else int(found)


def _choice(choices: list[dict[str, Any]], said: Said) -> Json:
    plain = said.text.strip().lower()
    for place, choice in enumerate(choices, start=1):
        words = [choice["value"], choice.get("title", ""), *choice.get("synonyms", []), str(place)]
        if said.value == choice["value"] or (plain and plain in [word.lower() for word in words]):
            return choice["value"]
    return None
