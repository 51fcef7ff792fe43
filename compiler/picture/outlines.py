"""Outlines of nodes as SVG, about a middle, and where a line meets their sides."""

from compiler.picture.looks import Shape
from compiler.picture.measures import SLANT
from compiler.picture.net import Box
from compiler.picture.numbers import num

CORNERS = {Shape.ROUNDED: 11.0, Shape.BOX: 3.0, Shape.DOUBLE: 3.0}
INSETS = {
    Shape.SLANTED: (SLANT / 2, SLANT / 2),
    Shape.TRAPEZOID: (SLANT / 2, SLANT / 2),
    Shape.FLAG: (SLANT, 0.0),
}
"""How far the outline is inside the box at half its height, on the left and on the right."""


def outline(shape: Shape, x: float, y: float, box: Box, style: str) -> str:
    """The outline about (x, y)."""
    left, top, right, bottom = x - box.width / 2, y - box.height / 2, x + box.width / 2, y + box.height / 2
    corners = {
        Shape.SLANTED: [(left + SLANT, top), (right, top), (right - SLANT, bottom), (left, bottom)],
        Shape.TRAPEZOID: [(left + SLANT, top), (right - SLANT, top), (right, bottom), (left, bottom)],
        Shape.FLAG: [(left, top), (right, top), (right, bottom), (left, bottom), (left + SLANT, y)],
        Shape.HEXAGON: [
            (left + SLANT, top), (right - SLANT, top), (right, y),
            (right - SLANT, bottom), (left + SLANT, bottom), (left, y),
        ],
    }.get(shape)  # fmt: skip
    if corners:
        points = " ".join(f"{num(a)},{num(b)}" for a, b in corners)
        return f'<polygon points="{points}" {style}/>'
    round_by = CORNERS.get(shape, box.height / 2)
    plain = (
        f'<rect x="{num(left)}" y="{num(top)}" width="{num(box.width)}" height="{num(box.height)}" '
        f'rx="{num(round_by)}" {style}/>'
    )
    if shape is not Shape.DOUBLE:
        return plain
    inner = f"M{num(left + 6)} {num(top)}V{num(bottom)}M{num(right - 6)} {num(top)}V{num(bottom)}"
    return f'{plain}<path d="{inner}" {style}/>'


def side(shape: Shape, x: float, box: Box, *, right: bool) -> float:
    """Where a line at half the height meets the outline."""
    inset = INSETS.get(shape, (0.0, 0.0))[right]
    return x + box.width / 2 - inset if right else x - box.width / 2 + inset
