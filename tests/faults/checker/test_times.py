"""What part of some values is as small as which."""

import pytest

from torture.checker.times import share


@pytest.mark.parametrize(
    ("count", "part", "found"),
    [(1, 0.5, 1), (2, 0.5, 1), (2, 0.95, 2), (3, 0.5, 2), (20, 0.95, 19), (21, 0.95, 20), (100, 0.99, 99)],
)
def test_the_least_that_so_many_do_not_exceed(count: int, part: float, found: int) -> None:
    assert share(range(1, count + 1), part) == found
