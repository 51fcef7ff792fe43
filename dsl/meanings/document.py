"""What can be wrong with a document: its form, its size, its nodes' types and configs."""

from dsl.meanings.meaning import Meaning, error

DOCUMENT: dict[str, Meaning] = {
    "INVALID_FLOW": error(
        "The document is not a flow in a form we read.",
        "Send a JSON object in one of the four forms of docs/dialects.md; each has `nodes`.",
    ),
    "UNKNOWN_FIELD": error(
        "A field is not part of the flow language.",
        "Remove it or correct its spelling; what only an editor needs belongs in `ui`.",
    ),
    "INVALID_VALUE": error(
        "A field has a value of the wrong type or range.", "Correct the value at the pointer."
    ),
    "MISSING_FIELD": error("A required field is missing.", "Add the field at the pointer."),
    "LIMIT_EXCEEDED": error(
        "The flow is larger than what is accepted.",
        "Stay within 2 MB, 10,000 nodes, 40,000 edges, a depth of 64, and 2,000 characters of names from the "
        "document to any value; split the flow if needed.",
    ),
    "DUPLICATE_ID": error("Two nodes have the same id.", "Give every node an id of its own."),
    "UNKNOWN_KIND": error(
        "The node's type is not a kind we know.", "Use a type listed at `GET /api/v1/kinds`."
    ),
    "INVALID_CONFIG": error(
        "A node's config does not fit its kind.", "Compare it with the kind's JSON Schema."
    ),
}
