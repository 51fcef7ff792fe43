"""The bounded renderer of `{{ path | filter:arg }}`: total, size-capped, without a clock or chance.

It runs inside the walk, so its meaning is frozen by `tests/golden/templates.json`.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, NamedTuple, TypeVar

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from dsl.filters import FILTERS, text_of
from dsl.model import Json

MAX_TEXT = 64 * 1024
"""Characters of one rendered text."""
MAX_DEPTH = 64

_PLACEHOLDER = re.compile(r"\{\{([^{}]*)\}\}")
_PATH = re.compile(r"[A-Za-z_@][\w\-]*(?:\.[\w\-]+)*")
_FILTER = re.compile(r"(?P<name>[a-z_]+)(?:\s*:\s*(?:'(?P<q>[^']*)'|\"(?P<d>[^\"]*)\"|(?P<bare>[^'\"\s]+)))?")

Scope = Mapping[str, Json]
T = TypeVar("T")


class Filter(NamedTuple):
    """One `| name:argument` of a placeholder."""

    name: str
    argument: str | None


class Placeholder(NamedTuple):
    """What stands between `{{` and `}}`; `problem` says why it cannot be read."""

    path: tuple[str, ...]
    filters: tuple[Filter, ...]
    problem: str | None = None


def placeholders(source: str) -> Iterator[Placeholder]:
    """Every placeholder of a text, unreadable ones included."""
    for found in _PLACEHOLDER.finditer(source):
        yield _read(found[1])


def is_placeholder(source: str) -> bool:
    """Whether a text is exactly one placeholder, which keeps the type of its value."""
    return _PLACEHOLDER.fullmatch(source.strip()) is not None


def strings(value: Json, pointer: str = "") -> Iterator[tuple[str, str]]:
    """(JSON pointer, text) of every text inside a JSON value, in document order."""
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from strings(inner, f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from strings(inner, f"{pointer}/{index}")


def render(source: str, scope: Scope) -> Json:
    """A text that is exactly one placeholder keeps the value's type; anything else becomes text."""
    whole = _PLACEHOLDER.fullmatch(source.strip())
    if whole:
        placeholder = _read(whole[1])
        return source if placeholder.problem else _value(placeholder, scope)
    return render_text(source, scope)


def render_text(source: str, scope: Scope) -> str:
    """Text with every placeholder replaced; one that cannot be read stays as written."""

    pieces, size, end = [], 0, 0
    for found in _PLACEHOLDER.finditer(source):
        placeholder = _read(found[1])
        value = found[0] if placeholder.problem else text_of(_value(placeholder, scope))
        pieces += [source[end : found.start()], value]
        size, end = size + found.start() - end + len(value), found.end()
        if size >= MAX_TEXT:
            break
    return "".join([*pieces, source[end:]])[:MAX_TEXT]


def render_deep(value: Json, scope: Scope, depth: int = 0) -> Json:
    """A JSON value with every text in it rendered; below `MAX_DEPTH` nothing is left."""
    if depth > MAX_DEPTH:
        return None
    if isinstance(value, str):
        return render(value, scope)
    if isinstance(value, Mapping):
        return {key: render_deep(inner, scope, depth + 1) for key, inner in value.items()}
    if isinstance(value, list):
        return [render_deep(inner, scope, depth + 1) for inner in value]
    return value


def resolve(path: tuple[str, ...], scope: Scope) -> Json:
    """The value at a path; None where there is nothing."""
    value: Json = scope.get(path[0]) if path else None
    for part in path[1:]:
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, list) and part.isdecimal() and len(part) < 7:
            value = value[int(part)] if int(part) < len(value) else None
        else:
            return None
    return value


def _read(inside: str) -> Placeholder:
    """Parse the inside of a placeholder. A `|` inside quotes belongs to the argument."""
    head, *rest = _split(inside)
    if not _PATH.fullmatch(head.strip()):
        return Placeholder((), (), f"'{head.strip()}' is not a path")
    filters = [_FILTER.fullmatch(part.strip()) for part in rest]
    if not all(filters):
        return Placeholder((), (), "a filter is written | name or | name:'argument'")
    named = tuple(
        Filter(f["name"], next((f[g] for g in ("q", "d", "bare") if f[g] is not None), None))
        for f in filters
        if f
    )
    unknown = next((f.name for f in named if f.name not in FILTERS), None)
    return Placeholder(
        tuple(head.strip().split(".")), named, f"there is no filter '{unknown}'" if unknown else None
    )


def _split(inside: str) -> list[str]:
    """Parts between the `|` that stand outside quotes; linear in the length, whatever stands there."""
    parts, quote = [""], ""
    for char in inside:
        if char == "|" and not quote:
            parts.append("")
            continue
        if char in "'\"":
            quote = "" if char == quote else quote or char
        parts[-1] += char
    return parts


def _value(placeholder: Placeholder, scope: Scope) -> Json:
    value = resolve(placeholder.path, scope)
    for name, argument in placeholder.filters:
        value = FILTERS[name](value, argument)
        if isinstance(value, str):
            value = value[:MAX_TEXT]
    return value


class Templated:
    """Marks a config field that may hold a template when authored and must be concrete when executed.

    Validate with context `{"authored": True}` for the first, without for the second.
    """

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        inner = handler(source)

        def validate(
            value: Any, validator: core_schema.ValidatorFunctionWrapHandler, info: ValidationInfo
        ) -> Any:
            authored = isinstance(info.context, dict) and info.context.get("authored")
            if authored and isinstance(value, str) and "{{" in value:
                return value
            return validator(value)

        return core_schema.with_info_wrap_validator_function(validate, inner)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        inner = handler(schema)
        if inner.get("type") == "string" and "format" not in inner:
            return inner
        return {"anyOf": [inner, {"type": "string", "pattern": r"\{\{"}]}


Expr = Annotated[T, Templated()]
"""`Expr[int]`: an integer, or, when authored, a template that will render to one.

Limits go inside, `Expr[Annotated[int, Field(ge=1)]]`: outside they would be asked of the template.
"""
Text = Annotated[str, Templated()]
