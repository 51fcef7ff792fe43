"""What JavaScript of a flow reads, as far as its text tells, and how it is handed over."""

import re
from collections.abc import Iterable, Iterator

from dsl.model import Json

WHOLE = ("contact", "conversation", "trigger", "execution", "now")
"""Names that are handed over as they are; `vars` and `nodes` only as far as they are read."""

INHERITED = ("hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toString", "valueOf")
"""What every object has: no variable is read by it."""

_WORD = r"(?:(?<![\w$.])|(?<=[.]{3}))"
_WHOLE = re.compile(rf"{_WORD}({'|'.join(WHOLE)})\b")
_INSIDE = re.compile(
    rf"{_WORD}(vars|nodes)\b"
    r"(?:\s*(?:\?\.|\.)\s*([A-Za-z_][\w]*)|\s*(?:\?\.)?\s*\[\s*(?:'([\w\-]+)'|\"([\w\-]+)\")\s*\])?"
)

Path = tuple[str, ...]


def read_paths(code: str) -> Iterator[Path]:
    """Template paths of what the code reads; variables read by a computed name have none."""
    for root, name in _inside(code):
        if name is not None:
            yield (name,) if root == "vars" else (root, name)
        elif root == "nodes":
            yield (root,)


def reads_all(value: Json) -> bool:
    """Whether code in a JSON value reads variables by computed names: any of them, then."""
    if isinstance(value, dict):
        code = value.get("javascript")
        return (isinstance(code, str) and ("vars", None) in _inside(code)) or any(
            map(reads_all, value.values())
        )
    return isinstance(value, list) and any(map(reads_all, value))


def scope_of(code: str, variables: Iterable[str]) -> dict[str, Json]:
    """The scope that the code is handed, in templates: no more than it reads.

    Where a name is computed, all of the flow's `variables`, or every node's value.
    """
    scope: dict[str, Json] = {name: f"{{{{{name}}}}}" for name in sorted(set(_WHOLE.findall(code)))}
    read = list(_inside(code))
    names = {name for root, name in read if root == "vars" and name is not None}
    if ("vars", None) in read:
        names |= set(variables)
    if names:
        scope["vars"] = {name: f"{{{{{name}}}}}" for name in sorted(names)}
    nodes = {name for root, name in read if root == "nodes" and name is not None}
    if ("nodes", None) in read:
        scope["nodes"] = "{{nodes}}"
    elif nodes:
        scope["nodes"] = {name: f"{{{{nodes.{name}}}}}" for name in sorted(nodes)}
    return scope


def _inside(code: str) -> Iterator[tuple[str, str | None]]:
    for found in _INSIDE.finditer(code):
        name = found[2] or found[3] or found[4]
        yield found[1], None if name in INHERITED else name
