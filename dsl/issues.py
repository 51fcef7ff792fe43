"""What can be wrong with a flow: stable codes, each with a severity, a meaning and a way to mend it."""

from enum import StrEnum
from typing import NamedTuple

from dsl.model import Message


class Severity(StrEnum):
    """An error stops a flow from being published; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


class Meaning(NamedTuple):
    """What a code says to a person: one sentence of what is wrong, one of how to mend it."""

    severity: Severity
    about: str
    hint: str


def _error(about: str, hint: str) -> Meaning:
    return Meaning(Severity.ERROR, about, hint)


def _warning(about: str, hint: str) -> Meaning:
    return Meaning(Severity.WARNING, about, hint)


MEANINGS: dict[str, Meaning] = {
    "INVALID_FLOW": _error(
        "The document is not a flow in a form we read.",
        "Send a JSON object with a list of `nodes` (FlowSpec), or `nodes` by id and `startNodeId` (S1).",
    ),
    "UNKNOWN_FIELD": _error(
        "A field is not part of the flow language.",
        "Remove it or correct its spelling; what only an editor needs belongs in `ui`.",
    ),
    "INVALID_VALUE": _error(
        "A field has a value of the wrong type or range.", "Correct the value at the pointer."
    ),
    "MISSING_FIELD": _error("A required field is missing.", "Add the field at the pointer."),
    "LIMIT_EXCEEDED": _error(
        "The flow is larger than what is accepted.",
        "Stay within 2 MB, 10,000 nodes, 40,000 edges and a depth of 64; split the flow if needed.",
    ),
    "DUPLICATE_ID": _error("Two nodes have the same id.", "Give every node an id of its own."),
    "UNKNOWN_KIND": _error(
        "The node's type is not a kind we know.", "Use a type listed at `GET /api/v1/kinds`."
    ),
    "INVALID_CONFIG": _error(
        "A node's config does not fit its kind.", "Compare it with the kind's JSON Schema."
    ),
    "NO_START_NODE": _error("The flow has no start node.", "Add one node of type `start`."),
    "MANY_START_NODES": _error("The flow has more than one start node.", "Keep one node of type `start`."),
    "MISSING_NODE": _error("An edge points to a node that does not exist.", "Correct `to`, or add the node."),
    "UNKNOWN_EXIT": _error(
        "An edge leaves by an exit that the node does not have.", "Use an exit of the kind."
    ),
    "AMBIGUOUS_EXIT": _error(
        "Two edges without a condition leave by one exit.",
        "Keep one, or give the others a `condition` (the first true one by `priority` wins).",
    ),
    "DANGLING_EXIT": _error(
        "The node's default exit leads nowhere.", "Connect it, or end the path with an `end`."
    ),
    "END_HAS_EDGES": _error("An edge leaves an `end` node.", "Remove the edge, or use another kind of node."),
    "ENDLESS_LOOP": _error(
        "Nodes form a loop in which nothing ever waits.",
        "Put a question or a delay into the loop.",
    ),
    "UNUSED_NODE": _warning("The node cannot be reached from the start.", "Connect it or remove it."),
    "INVALID_TEMPLATE": _error(
        "A `{{ }}` placeholder cannot be read.", "Write `{{ path }}` or `{{ path | filter:arg }}`."
    ),
    "UNKNOWN_FILTER": _error("A placeholder uses a filter that does not exist.", "Use a listed filter."),
    "UNKNOWN_VARIABLE": _error(
        "A placeholder reads a variable that nothing ever sets.",
        "Declare it under `variables`, save an answer to it, or correct its name.",
    ),
    "MAYBE_UNSET": _warning(
        "A placeholder reads a variable that is not set on every path to this node.",
        "Give it a default: `{{ name | default:'friend' }}`, or declare one under `variables`.",
    ),
    "RESERVED_NAME": _error(
        "A variable has a reserved name.",
        "Do not name a variable contact, conversation, trigger, nodes, execution or now.",
    ),
    "INVALID_CONDITION": _error(
        "A condition cannot be read.", "Write `{left, operator, right}`, `all`, `any` or `not`."
    ),
    "CHOICE_SHADOWS_EXIT": _error(
        "A choice has the value of one of the node's own exits.", "Rename the choice's value."
    ),
    "DUPLICATE_CHOICE": _error(
        "Two choices of one question have the same value.", "Give each choice its own value."
    ),
    "DUPLICATE_FIELD": _error("Two fields of one form have the same name.", "Give each field its own name."),
    "INVALID_PATTERN": _error(
        "A regular expression cannot be matched in linear time.",
        "Write it in RE2 syntax: no look-around, no back-references, no more than 512 characters.",
    ),
    "CHOICES_MISSING": _error("A question expects a choice but offers none.", "Add `choices`."),
    "TIMEOUT_NOT_CONNECTED": _warning(
        "The question has a timeout, but its `timeout` exit leads nowhere.",
        "Connect it; as it stands the execution ends as `expired`.",
    ),
    "NO_TIMEOUT": _warning(
        "The question waits without a timeout, and the flow has no `sessionTtl`.",
        "Add `timeout` and connect that exit, or set `settings.sessionTtl`.",
    ),
    "INVALID_NOT_CONNECTED": _warning(
        "The question limits the tries, but its `invalid` exit leads nowhere.",
        "Connect it; as it stands the execution ends as `failed`.",
    ),
    "REMINDER_AFTER_TIMEOUT": _warning(
        "A reminder is due after the timeout.", "Make it earlier, or the timeout later."
    ),
    "UNKNOWN_ERROR_TARGET": _error(
        "`settings.onError` names no node.", "Use `fail`, `handoff` or the id of a node."
    ),
    "RETRY_NOT_IDEMPOTENT": _warning(
        "A request that changes something is retried, and the server is not said to be idempotent.",
        "Set `idempotent` if the server honours the Idempotency-Key header, or remove `retry`.",
    ),
    "TRIGGER_CONFLICT": _error(
        "Another published flow has the same trigger.",
        "Unpublish that flow, or choose another inbox or keyword.",
    ),
}


class Issue(Message):
    """One finding: where it is (`node`, JSON `pointer` into the document sent) and how to mend it."""

    code: str
    severity: Severity
    message: str
    node: str | None = None
    pointer: str = ""
    hint: str = ""
    docs: str = ""


def issue(code: str, message: str = "", *, node: str | None = None, pointer: str = "") -> Issue:
    """An issue of a known code; an unknown code is a bug and raises KeyError."""
    meaning = MEANINGS[code]
    return Issue(
        code=code,
        severity=meaning.severity,
        message=message or meaning.about,
        node=node,
        pointer=pointer,
        hint=meaning.hint,
        docs=f"docs/issues.md#{code.lower()}",
    )
