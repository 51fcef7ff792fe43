"""The types that variables, params and outputs are declared with."""

from typing import Literal

from dsl.model import Json

Type = Literal["string", "number", "integer", "boolean", "object", "array", "any"]


def fits(value: Json, type: Type) -> bool:
    """Whether a value is of a type; nothing is of every type, and 2.0 is an integer."""
    if value is None or type == "any":
        return True
    if isinstance(value, bool):
        return type == "boolean"
    match type:
        case "number":
            return isinstance(value, int | float)
        case "integer":
            return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        case "string":
            return isinstance(value, str)
        case "object":
            return isinstance(value, dict)
        case "array":
            return isinstance(value, list)
    return False
