"""What a start gives a flow, checked against what the flow takes."""

from collections.abc import Iterator, Mapping

from api.errors import Problem
from compiler.bounds import part
from dsl.issues import Issue, issue
from dsl.model import Json
from dsl.spec import Param
from dsl.types import fits


def check(params: Mapping[str, Json], variables: Mapping[str, Json]) -> None:
    """422 for variables that do not fit a flow's params (as stored); one that declares none takes any."""
    declared = {name: Param.model_validate(param) for name, param in params.items()}
    if declared and (found := list(_misfits(declared, variables))):
        issues = [{**one.model_dump(include={"code", "pointer", "message"}), "in": "body"} for one in found]
        raise Problem(422, found[0].code, found[0].message, details={"issues": issues[:100]})


def _misfits(declared: Mapping[str, Param], variables: Mapping[str, Json]) -> Iterator[Issue]:
    for name, param in declared.items():
        if param.required and variables.get(name) is None:
            yield issue("MISSING_INPUT", f"The flow needs '{name}'.", pointer="/variables")
    for name, value in variables.items():
        pointer = f"/variables{part(name)}"
        if name not in declared:
            yield issue("UNKNOWN_INPUT", f"The flow has no param '{name}'.", pointer=pointer)
        elif not fits(value, declared[name].type):
            yield issue("INPUT_TYPE", f"'{name}' takes {declared[name].type}.", pointer=pointer)
