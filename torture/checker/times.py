"""Moments and durations as histories write them."""

import math
from collections.abc import Sequence
from datetime import datetime


def moment(written: object) -> datetime:
    """`2027-01-01T10:00:00.123456789Z`: nanoseconds are more than we can hold."""
    whole, _, fraction = str(written).removesuffix("Z").partition(".")
    return datetime.fromisoformat(f"{whole}.{(fraction + '000000')[:6]}+00:00")


def seconds(written: object) -> float:
    """`1.500s`."""
    return float(str(written).removesuffix("s"))


def share(ordered: Sequence[float], part: float) -> float:
    """The least of the values that so large a part of them does not exceed."""
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)]
