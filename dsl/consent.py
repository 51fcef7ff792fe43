"""Words that people write about our texts themselves, before a flow hears of anything."""

import re
import unicodedata

STOP = frozenset(
    {"stop", "stopall", "stop all", "unsubscribe", "optout", "opt out", "quit", "acha", "sitisha"}
)
"""Each as the whole message. `cancel` and `end` are not: flows offer them to pick."""
START = frozenset({"start", "unstop", "resubscribe", "optin", "opt in", "anza"})
_WORD = re.compile(r"[^\W_]+")


def stops(text: str) -> bool:
    """Whether somebody wants no more texts."""
    return _words(text) in STOP


def starts(text: str) -> bool:
    """Whether somebody who wanted none wants them again; of anybody else it is a word like any other."""
    return _words(text) in START


def _words(text: str) -> str:
    """Letters and digits alone: keyboards add quotes, wide letters and marks that nobody sees."""
    seen = (one for one in unicodedata.normalize("NFKC", text) if unicodedata.category(one) != "Cf")
    return " ".join(_WORD.findall("".join(seen).casefold()))
