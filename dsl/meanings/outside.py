"""What can be wrong between a flow and the world: requests, channels, people, triggers."""

from dsl.meanings.meaning import Meaning, error, warning

OUTSIDE: dict[str, Meaning] = {
    "RETRY_NOT_IDEMPOTENT": warning(
        "A request that changes something is retried, and the server is not said to be idempotent.",
        "Set `idempotent` if the server honours the Idempotency-Key header, or remove `retry`.",
    ),
    "TRIGGER_CONFLICT": error(
        "Another published flow has the same trigger.",
        "Unpublish that flow, or choose another inbox or keyword.",
    ),
    "SECRET_IN_FLOW": warning(
        "Something that looks like a key or a password is written into the flow.",
        "Whoever may read the flow may read it: keep it in a connection, or give it as a `pii` variable.",
    ),
    "UNKNOWN_INBOX": error(
        "The trigger names an inbox that Chatwoot does not show to our user.",
        "Correct `inboxId`, or let the user of the Chatwoot token see the inbox.",
    ),
    "INBOX_NOT_CHECKED": warning(
        "Whether the trigger's inbox exists could not be asked.",
        "Check that Chatwoot answers, and validate the flow again.",
    ),
    "CHOICES_SHOWN_AS_TEXT": warning(
        "The inbox's messenger cannot show these choices as buttons or a list.",
        "WhatsApp shows up to 3 titles of 20 characters or 10 of 24, under a text of up to 1,024.",
    ),
    "ADDRESS_NOT_PUBLIC": warning(
        "A request goes to an address that is not one of the public internet on port 80 or 443.",
        "It is refused unless the operator opens it: `TEMBEA_SAFE_HTTP_ALLOW=host:port`.",
    ),
    "BODY_OF_A_GET": warning(
        "A GET has a body, which most servers leave unread.", "Use `query`, or the method POST."
    ),
    "UNKNOWN_CONNECTION": warning(
        "The operator has not set up the connection that a request proves itself with.",
        "Ask the operator to add it (`TEMBEA_CONNECTIONS`); until then the node leaves by `error`.",
    ),
}
