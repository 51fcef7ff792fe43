"""Validation errors of pydantic as issues that point into the document."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.alias_generators import to_camel, to_snake
from pydantic_core import ErrorDetails

from compiler.bounds import part
from dsl.issues import Issue, issue
from dsl.model import Json

COMPARED = 200
"""Among more names than this no likely one is looked for: it would take too long."""
_CONDITION_FORMS = ("comparison", "all", "any", "not", "javascript")
_SENTENCES = {
    "model_type": "This must be an object.",
    "model_attributes_type": "This must be an object.",
    "dict_type": "This must be an object.",
    "list_type": "This must be a list.",
    "tuple_type": "This must be a list.",
    "string_type": "This must be text.",
    "int_type": "This must be a whole number.",
    "int_parsing": "This must be a whole number.",
    "float_type": "This must be a number.",
    "bool_type": "This must be true or false.",
    "string_too_short": "This must not be empty.",
}


def findings(error: ValidationError, document: Json, model: type[BaseModel]) -> Iterator[Issue]:
    """One issue for each thing wrong; of an unreadable condition only the first is told."""
    conditions: set[str] = set()
    for detail in error.errors(include_url=False, include_input=False, include_context=True):
        pointer, condition = locate(detail["loc"], document)
        if condition is not None and condition in conditions:
            continue
        if condition is not None:
            conditions.add(condition)
            yield _about_condition(detail, pointer)
        else:
            yield _about_field(detail, pointer, model)


def locate(loc: tuple[int | str, ...], document: Json) -> tuple[str, str | None]:
    """The JSON pointer of an error, spelled as the document spells it, and of the condition it is in.

    A location also names arms of unions, which are no part of the document: they are left out.
    """
    pointer, value, condition = "", document, None
    for index, step in enumerate(loc):
        key = _spelled(step, value)
        if key is not None:
            value, pointer = value[key], pointer + part(key)
        elif step in _CONDITION_FORMS and index < len(loc) and condition is None:
            condition = pointer
        elif index == len(loc) - 1 and isinstance(value, dict) and step != "[key]":
            pointer += part(step)
    return pointer, condition


def respelled(pointer: str, document: Json) -> str:
    """A pointer with its words spelled as the document spells them: `maxTries` or `max_tries`."""
    value, found = document, ""
    for word in pointer.split("/")[1:]:
        plain = word.replace("~1", "/").replace("~0", "~")
        key = _spelled(int(plain) if isinstance(value, list) and plain.isdecimal() else plain, value)
        value, found = (None, f"{found}/{word}") if key is None else (value[key], found + part(key))
    return found


def standing(pointer: str, document: Json) -> str:
    """A pointer as far as the document has something there."""
    value, found = document, ""
    for word in pointer.split("/")[1:]:
        plain = word.replace("~1", "/").replace("~0", "~")
        key = int(plain) if isinstance(value, list) and plain.isdecimal() and len(plain) < 9 else plain
        if not (key in value if isinstance(value, dict) else isinstance(key, int) and key < len(value)):
            break
        value, found = value[key], f"{found}/{word}"
    return found


def _spelled(step: int | str, value: Json) -> int | str | None:
    if isinstance(value, list):
        return step if isinstance(step, int) and step < len(value) else None
    if not isinstance(value, dict):
        return None
    words = (step, to_camel(str(step)), to_snake(str(step)))
    return next((word for word in words if word in value), None)


def _about_field(detail: ErrorDetails, pointer: str, model: type[BaseModel]) -> Issue:
    name = pointer.rpartition("/")[2]
    if detail["type"] == "extra_forbidden":
        return issue("UNKNOWN_FIELD", f"There is no field '{name}'{_near(name, model)}", pointer=pointer)
    if detail["type"] == "missing":
        return issue("MISSING_FIELD", f"The field '{name}' is missing.", pointer=pointer)
    code = "INVALID_VALUE" if pointer else "INVALID_CONFIG"
    return issue(code, sentence(detail), pointer=pointer)


def _about_condition(detail: ErrorDetails, pointer: str) -> Issue:
    if detail["type"] == "missing":
        pointer, _, name = pointer.rpartition("/")
        text = f"The field '{name}' is missing."
    elif detail["type"] == "extra_forbidden":
        text = f"There is no field '{pointer.rpartition('/')[2]}' in a condition."
    else:
        text = sentence(detail)
    return issue("INVALID_CONDITION", text, pointer=pointer)


def at(document: Json, pointer: str) -> Json:
    """The value a JSON pointer names; None where there is none."""
    value = document
    for word in pointer.split("/")[1:]:
        key = word.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list):
            value = value[int(key)] if key.isdecimal() and int(key) < len(value) else None
        else:
            value = value.get(key) if isinstance(value, dict) else None
    return value


def sentence(detail: ErrorDetails) -> str:
    """What is wrong with a value, as one sentence."""
    if detail["type"] in _SENTENCES:
        return _SENTENCES[detail["type"]]
    context: dict[str, Any] = detail.get("ctx", {})
    if detail["type"] == "string_pattern_mismatch":
        return f"This must match {context['pattern']}"
    if detail["type"] == "literal_error":
        return f"This must be one of {context['expected'].replace(' or ', ', ')}."
    text = re.sub(r"^(Value error, |Input should )", "", detail["msg"])
    text = f"This must {text}" if detail["msg"].startswith("Input should") else text
    return text[:1].upper() + text[1:].rstrip(".") + "."


def _near(name: str, model: type[BaseModel]) -> str:
    fields = [field.alias or key for key, field in model.model_fields.items()]
    return near(name, fields)


def near(name: str, names: list[str]) -> str:
    """The end of a sentence about an unknown name: a full stop, or the name that was likely meant."""
    close = get_close_matches(name, names, n=1, cutoff=0.7) if len(names) <= COMPARED else []
    return f"; did you mean '{close[0]}'?" if close else "."
