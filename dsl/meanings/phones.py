"""What can be wrong with a flow that reaches people by phone: what fits a screen, a text, a call."""

from dsl.meanings.meaning import Meaning, error, warning

PHONES: dict[str, Meaning] = {
    "SCREEN_PAGED": warning(
        "A text and its choices are longer than one USSD screen.",
        "Shorten it; as it stands people see pages, with `98` for more and `00` for back.",
    ),
    "NOT_GSM": warning(
        "A text on USSD or SMS has characters that GSM-7 does not have.",
        "Write them otherwise (straight quotes, a plain dash); with them there is room for less than half.",
    ),
    "TEXT_IN_PARTS": warning(
        "A text is sent, and charged, as more than three SMS.", "Shorten it, or send a link."
    ),
    "KEY_TAKEN": error(
        "A choice on USSD is named like a key of ours: `98` is more, `00` is back or start over.",
        "Rename the choice's value or synonym.",
    ),
    "NOT_SHOWN_THERE": warning(
        "Files or cards are said on USSD or in a call, where neither can be shown.",
        "Say it in words, or send a link by `send_sms`.",
    ),
    "NOT_BY_TEXT": warning(
        "A flow on USSD or SMS asks for a file or a location, which nobody can write.",
        "Ask for it in words, or go on in a chat (`continueOn`).",
    ),
}
