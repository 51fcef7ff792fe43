"""The pages that are generated: `docs/issues.md` from the codes, `docs/nodes.md` from the kinds."""

from collections.abc import Iterable, Iterator
from inspect import cleandoc
from typing import Any

from compiler.kinds import Catalogue
from dsl.issues import MEANINGS
from dsl.kind import ALWAYS, Kind
from dsl.meanings.meaning import Meaning

_GENERATED = "<!-- Generated: change the code, then run `pytest --update-golden`. -->"
Schema = dict[str, Any]


def issues_page() -> str:
    """`docs/issues.md`: a heading for each code, which is what `docs` of an issue points at."""
    intro = (
        "What the compiler may say about a flow. An **error** keeps it from being published, a **warning** "
        "does not. Every finding has a `code` (stable), a `message`, the `node`, a JSON `pointer` into the "
        "document as it was sent, and a `hint`."
    )
    return _page("Issues", intro, (_issue(code, MEANINGS[code]) for code in sorted(MEANINGS)))


def nodes_page(catalogue: Catalogue) -> str:
    """`docs/nodes.md`: each kind with its config and its exits."""
    always = " and ".join(f"`{exit}`" for exit in ALWAYS)
    intro = (
        "The kinds of nodes. An edge without `exit` leaves by the kind's first exit. Nodes that speak or "
        f"call also have the exits {always}. A caller who hangs up leads out by `hangup`; where that is not "
        "connected the execution is over (`completed`, `abandoned`). "
        "Text may hold templates: `{{ path | filter:'argument' }}`."
    )
    return _page("Nodes", intro, (_kind(name, catalogue[name]) for name in sorted(catalogue)))


def _page(title: str, intro: str, sections: Iterable[str]) -> str:
    return "\n\n".join([_GENERATED, f"# {title}", intro, *sections]) + "\n"


def _issue(code: str, meaning: Meaning) -> str:
    return f"## {code}\n\n*{meaning.severity.value}*: {meaning.about}\n\n{meaning.hint}"


def _kind(name: str, kind: type[Kind]) -> str:
    also = f"\n\nAlso written {', '.join(f'`{alias}`' for alias in kind.aliases)}." if kind.aliases else ""
    named = [*(f"`{exit}`" for exit in kind.exits), *([kind.more_exits] if kind.more_exits else [])]
    exits = ", ".join(named) or "none: the walk ends here"
    return f"## {name}\n\n{cleandoc(kind.__doc__ or '')}{also}\n\nExits: {exits}.\n\n{_fields(kind)}"


def _fields(kind: type[Kind]) -> str:
    schema = kind.model_json_schema(by_alias=True)
    rows = list(_rows(schema, schema.get("$defs", {}), ""))
    if not rows:
        return "It has no config."
    return "\n".join(["| Field | Value | Meaning |", "|---|---|---|", *rows])


def _rows(schema: Schema, models: dict[str, Schema], prefix: str) -> Iterator[str]:
    """A row for each field, the fields of lists of objects after the list."""
    required = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        shown = f"**{prefix}{name}**" if name in required else prefix + name
        about = " ".join(str(field.get("description", "")).split())
        yield f"| {shown} | {_cell(_value(field))} | {_cell(about)} |"
        item = models.get(_referred(field.get("items", {})), {})
        yield from _rows(item, models, f"{prefix}{name}[].")


def _value(field: Schema) -> str:
    """A field's type, and its default where that says anything."""
    default = field.get("default")
    if default in (None, "", [], {}, False):
        return _type(field)
    return f"{_type(field)}, else `{default}`"


def _type(schema: Schema) -> str:
    if "enum" in schema or "const" in schema:
        return ", ".join(f"`{value}`" for value in schema.get("enum", [schema.get("const")]))
    if "anyOf" in schema:
        forms = (_type(form) for form in schema["anyOf"] if form.get("type") != "null")
        return " or ".join(dict.fromkeys(forms))
    if "oneOf" in schema:
        arms = dict.fromkeys(map(_type, schema["oneOf"]))
        return "condition" if list(arms) == ["object"] else " or ".join(arms)
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if "pattern" in schema and schema["pattern"] == r"\{\{":
        return "template"
    named = {"string": "text", "integer": "whole number", "boolean": "true or false", "object": "object"}
    return named.get(
        schema.get("type", ""), "object" if "$ref" in schema else schema.get("type", "any value")
    )


def _referred(schema: Schema) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
