"""What can be wrong with a node that asks or waits: choices, deadlines, interrupts."""

from dsl.meanings.meaning import Meaning, error, warning

ASKING: dict[str, Meaning] = {
    "CHOICE_SHADOWS_EXIT": error(
        "A choice has the value of one of the node's own exits.", "Rename the choice's value."
    ),
    "DUPLICATE_CHOICE": error(
        "Two choices of one question have the same value.", "Give each choice its own value."
    ),
    "DUPLICATE_FIELD": error("Two fields of one form have the same name.", "Give each field its own name."),
    "CHOICES_MISSING": error("A question expects a choice but offers none.", "Add `choices`."),
    "TIMEOUT_NOT_CONNECTED": warning(
        "The question has a timeout, but its `timeout` exit leads nowhere.",
        "Connect it; as it stands the execution ends as `expired`.",
    ),
    "NO_TIMEOUT": warning(
        "The question waits without a timeout, and the flow has no `sessionTtl`.",
        "Add `timeout` and connect that exit, or set `settings.sessionTtl`.",
    ),
    "INVALID_NOT_CONNECTED": warning(
        "The question limits the tries, but its `invalid` exit leads nowhere.",
        "Connect it; as it stands the execution ends as `failed`.",
    ),
    "REMINDER_AFTER_TIMEOUT": warning(
        "A reminder is due after the timeout.", "Make it earlier, or the timeout later."
    ),
    "DELAY_NEVER_ENDS": error(
        "The quiet hours of a delay leave no moment at which it could end.",
        "Shorten `quietHours`, or let `businessHours` reach beyond them.",
    ),
    "BUTTONS_UNANSWERED": warning(
        "A message has buttons, and nothing after it waits for a click.",
        "Use a question or a menu: it waits for the answer.",
    ),
    "HANDOFF_WITHOUT_RETURN": warning(
        "A flow goes on to speak right after a hand-over, while a human has the word: nothing is said.",
        "Connect `resolved` or `returned` of the hand-over and go on from there.",
    ),
    "DOUBLE_TEXT_UNUSED": warning(
        "A field about several messages says nothing with this `doubleText`.",
        "Remove it, or choose another `doubleText`.",
    ),
    "UNKNOWN_INTERRUPT": error(
        "A node names an interrupt word that the flow does not have.",
        "Add it to `settings.interrupts`, or correct it.",
    ),
    "UNKNOWN_INTERRUPT_TARGET": error(
        "An interrupt word leads to a node that does not exist.", "Correct its `to`, or add the node."
    ),
    "DUPLICATE_INTERRUPT": error(
        "Two interrupt words differ only in case or spaces.", "Keep one: people may write it either way."
    ),
    "INTERRUPT_NEVER_RETURNS": warning(
        "An interrupt with `return` leads to a path that comes to no `end`.",
        "End the side path with an `end`, which leads back to the question, or remove `return`.",
    ),
    "INTERRUPT_NEVER_TAKEN": warning(
        "The exit `interrupt` of a node is connected, but no word interrupts it.",
        "Add words to `settings.interrupts`, or remove the edge.",
    ),
    "VOICE_OUTSIDE_CALL": warning(
        "A node tells a call what to do, and the flow may come to it without one.",
        "Start the flow by a call (trigger `voice`), or make one with `initiate_call` before.",
    ),
    "NOTHING_HEARD_AFTER": warning(
        "A flow goes on to speak where the call is connected, queued, redirected or rejected.",
        "Say it before; what follows may send texts, or keep what is known.",
    ),
    "NOT_BY_KEYS": warning(
        "A flow that calls start asks for what the keys of a phone cannot spell.",
        "Ask for digits or a choice, or `record` the answer.",
    ),
    "CHOICE_IS_INTERRUPT": warning(
        "A choice is also a word that interrupts its node: it cannot be picked.",
        "Rename the choice, or leave the word out of the node's `interrupts`.",
    ),
}
