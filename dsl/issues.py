"""What can be wrong with a flow: stable codes, each with a severity, a meaning and a way to mend it."""

from dsl.meanings.asking import ASKING
from dsl.meanings.document import DOCUMENT
from dsl.meanings.meaning import Meaning, Severity
from dsl.meanings.outside import OUTSIDE
from dsl.meanings.phones import PHONES
from dsl.meanings.values import VALUES
from dsl.meanings.ways import WAYS
from dsl.model import Message

MEANINGS: dict[str, Meaning] = {**DOCUMENT, **WAYS, **VALUES, **ASKING, **OUTSIDE, **PHONES}


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
