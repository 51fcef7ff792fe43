"""Words that people write about our texts themselves, before a flow hears of anything."""

from dsl.words import folded

STOP = frozenset(
    {"stop", "stopall", "stop all", "unsubscribe", "optout", "opt out", "opt-out", "quit", "acha", "sitisha"}
)
"""Each as the whole message. `cancel` and `end` are not: flows offer them to pick."""
START = frozenset({"start", "unstop", "resubscribe", "optin", "opt in", "opt-in", "anza"})
_ENDS = " .!"


def stops(text: str) -> bool:
    """Whether somebody wants no more texts."""
    return folded(text).strip(_ENDS) in STOP


def starts(text: str) -> bool:
    """Whether somebody who wanted none wants them again; of anybody else it is a word like any other."""
    return folded(text).strip(_ENDS) in START
