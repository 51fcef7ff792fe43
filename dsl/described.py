"""What is written below a field describes it in JSON Schema; read only when somebody asks for a schema."""

import ast
import inspect
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

from pydantic import BaseModel, GetJsonSchemaHandler
from pydantic_core import CoreSchema

Texts = Mapping[str, str]
"""By the name of a field."""


class Described(BaseModel):
    """A model whose fields are described by the text below each.

    Pydantic does the same (`use_attribute_docstrings`), but at import, where it costs a fifth of a start.
    """

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        schema = handler(core_schema)
        properties = handler.resolve_ref_schema(schema).get("properties", {})
        for name, field in cls.model_fields.items():
            shown = properties.get(field.alias) or properties.get(name)
            if shown is not None and (text := _text(cls, name)):
                shown.setdefault("description", text)
        return schema


def _text(cls: type, field: str) -> str | None:
    """What is written below the field where it was declared last."""
    owner = next((base for base in cls.__mro__ if field in inspect.get_annotations(base)), cls)
    return _texts(owner.__module__).get(owner.__qualname__, {}).get(field)


@cache
def _texts(module: str) -> Mapping[str, Texts]:
    """Of each class of the module, by its qualified name; nothing where there is no source."""
    try:
        tree = ast.parse(inspect.getsource(sys.modules[module]))
    except (KeyError, OSError, TypeError):
        return {}
    return dict(_classes(tree.body, ""))


def _classes(body: Sequence[ast.stmt], prefix: str) -> Iterator[tuple[str, Texts]]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield f"{prefix}{node.name}", dict(_below(node.body))
            yield from _classes(node.body, f"{prefix}{node.name}.")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _classes(node.body, f"{prefix}{node.name}.<locals>.")


def _below(body: Sequence[ast.stmt]) -> Iterator[tuple[str, str]]:
    for field, text in pairwise(body):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(text, ast.Expr)
            and isinstance(text.value, ast.Constant)
            and isinstance(text.value.value, str)
        ):
            yield field.target.id, inspect.cleandoc(text.value.value)
