"""Numbers as SVG has them."""


def num(value: float) -> str:
    """At most one decimal, and no exponent."""
    rounded = round(value, 1)
    return str(int(rounded)) if rounded == int(rounded) else str(rounded)
