"""Values and the types that they are declared with."""

import pytest

from dsl.model import Json
from dsl.types import Type, fits

VALUES: dict[Type, list[Json]] = {
    "string": ["", "5"],
    "number": [5, 5.5, 2.0, -1],
    "integer": [5, -1, 2.0],
    "boolean": [True, False],
    "object": [{}, {"a": 1}],
    "array": [[], [1]],
}
ALL = [value for values in VALUES.values() for value in values]


@pytest.mark.parametrize("type", VALUES)
def test_a_value_fits_its_own_type_and_no_other(type: Type) -> None:
    def same(one: Json, other: Json) -> bool:
        return one == other and isinstance(one, bool) is isinstance(other, bool)

    fitting = [value for value in ALL if fits(value, type)]
    own = [value for value in ALL if any(same(value, one) for one in VALUES[type])]
    assert fitting == own


@pytest.mark.parametrize("type", [*VALUES, "any"])
def test_nothing_fits_every_type_and_everything_fits_any(type: Type) -> None:
    assert fits(None, type)
    assert all(fits(value, "any") for value in ALL)
