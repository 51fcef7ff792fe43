"""How large things are drawn: nodes with the lines of their labels, and the words at lines."""

from typing import NamedTuple

from compiler.graph import GraphNode
from compiler.picture.lines import Line
from compiler.picture.looks import Look, Shape, look_of
from compiler.picture.net import BEND_WIDTH, Box
from compiler.picture.text import shown, width, wrapped

LABEL, CAPTION, WORD = 13.0, 10.0, 11.0
"""Sizes of letters."""
LABEL_STEP, CAPTION_STEP, WORD_STEP = 17.0, 15.0, 15.0
"""From one line of text to the next."""
SLANT = 10.0
"""How far the corners of slanted outlines are off."""
LABEL_LIMIT, WORD_LIMIT = 190.0, 150.0
SIDES = {Shape.BOX: 14.0, Shape.ROUNDED: 16.0, Shape.DOUBLE: 20.0, Shape.STADIUM: 22.0}
LOOP = 34.0
"""Room for a line that leads from a node to itself."""


class Card(NamedTuple):
    """A node as drawn: its look, its own size, the lines of its label, and its kind where that says more."""

    look: Look
    box: Box
    label: tuple[str, ...]
    caption: str


def card_of(node: GraphNode) -> Card:
    """The card of a node."""
    look, caption = look_of(node.kind), shown(node.kind.replace("_", " "))[:32]
    label = wrapped(node.label, LABEL, LABEL_LIMIT, 3) or ["?"]
    if node.label.casefold() == node.kind:
        label, caption = [shown(node.label)], ""
    widest = max(*(width(text, LABEL) for text in label), width(caption, CAPTION) * 1.15, 44.0)
    height = len(label) * LABEL_STEP + (CAPTION_STEP if caption else 0.0) + 16.0
    return Card(
        look, Box(_even(widest + 2 * SIDES.get(look.shape, 14.0 + SLANT)), height), tuple(label), caption
    )


class Words(NamedTuple):
    """The exits that a line stands for, and the room they take."""

    lines: tuple[str, ...]
    box: Box


def words_of(line: Line) -> Words:
    """The words at a line; `next` alone needs none."""
    if line.exits == ("next",):
        return Words((), Box(BEND_WIDTH, 0.0))
    lines = tuple(text for exit in line.exits for text in wrapped(exit, WORD, WORD_LIMIT, 1))
    widest = max((width(text, WORD) for text in lines), default=0.0)
    return Words(lines, Box(_even(widest + 12.0), len(lines) * WORD_STEP + 3.0))


def _even(size: float) -> float:
    return 2.0 * round(size / 2)
