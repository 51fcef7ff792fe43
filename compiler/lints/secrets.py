"""Keys and passwords written into a flow, which everybody who may read the flow can read too."""

import re
from collections.abc import Iterator

from compiler.drawing import Drawing
from compiler.texts import issues_in
from dsl.issues import Issue, issue
from dsl.model import Json
from dsl.templates import strings

LOOKS_SECRET = re.compile(
    r"\b(?:sk|rk)[-_](?:(?:live|test|proj|ant)[-_][A-Za-z0-9_\-]{20,}|[A-Za-z0-9]{24,})"
    r"|\b(?:gh[pousr]|github_pat|glpat)[-_][A-Za-z0-9_\-]{20,}"
    r"|\bxox[abprs]-[A-Za-z0-9\-]{10,}"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\bAIza[0-9A-Za-z_\-]{35}"
    r"|\batsk_[0-9a-f]{32,}"
    r"|(?<![\w\-])eyJ[A-Za-z0-9_\-]{8,}\.eyJ[A-Za-z0-9_\-]{8,}\."
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|://[^/\s:@{}]+:[^/\s@{}]+@"
    r"|[?&](?:access_?token|api_?key|auth_?token|client_?secret|password|secret)=[^&\s{}]{8,}",
    re.IGNORECASE,
)
"""Forms that keys of known services have, and addresses with a password or key in them.

None begins inside what another try of it has read, or a long text would take minutes.
"""

NAMED_SECRET = re.compile(
    r"(?:proxy-)?authorization|cookie|(?:x-)?(?:api|access|auth|private|secret)[-_]?(?:access[-_]?)?(?:key|token)"
    r"|client[-_]?secret|password|passwd|secret|token",
    re.IGNORECASE,
)
"""Names of headers and fields that hold one."""

SENT = ("headers", "query", "body")
SHORTEST = 8


def secret_issues(drawing: Drawing) -> Iterator[Issue]:
    """Where one stands; never what it is."""
    return issues_in(drawing, _secrets)


def _secrets(value: Json, pointer: str) -> Iterator[Issue]:
    named = set(_named(value, pointer))
    for at, text in strings(value, pointer):
        if at in named or LOOKS_SECRET.search(text):
            yield issue("SECRET_IN_FLOW", pointer=at)


def _named(config: Json, pointer: str) -> Iterator[str]:
    """Fields of a request that are named like a secret and have a value written out."""
    for field in SENT:
        for at, text in strings(
            config.get(field) if isinstance(config, dict) else None, f"{pointer}/{field}"
        ):
            plain = len(text) >= SHORTEST and "{{" not in text and " " not in text.partition(" ")[2]
            if plain and NAMED_SECRET.fullmatch(at.rpartition("/")[2]):
                yield at
