"""The ways of lines through a layout, as paths of SVG."""

from collections.abc import Iterator, Mapping

from compiler.picture.layout import Layout
from compiler.picture.measures import LOOP
from compiler.picture.numbers import num
from compiler.picture.outlines import side
from compiler.picture.place import BETWEEN

OUT_STEP, IN_STEP, FLAT = 24.0, 13.0, 40.0
"""Pixels from one line's end to the next at a node, at most; and what of its width holds no end."""
APART = 7.0
"""Lines that lead back up leave a node's side below its middle, and come to one above it."""
Ends = Mapping[int, float]


class Routes:
    """The paths of all lines of a layout."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        forward = [at for at in layout.net.chains if at not in layout.back]
        self._out = self._spread(forward, 0, 1, OUT_STEP)
        self._in = self._spread(forward, -1, -2, IN_STEP)

    def path(self, at: int) -> str:
        """The path of a line, from its node to the one it leads to."""
        if at not in self._layout.net.chains:
            return self._round(at)
        return "".join(self._up(at) if at in self._layout.back else self._down(at))

    def _spread(self, lines: list[int], end: int, beside: int, step: float) -> Ends:
        """Where each line has its one end at a node: side by side, in the order of where they go."""
        layout, by_node = self._layout, dict[int, list[int]]()
        for at in lines:
            by_node.setdefault(layout.net.chains[at][end], []).append(at)
        found: dict[int, float] = {}
        for node, ends in by_node.items():
            ends.sort(key=lambda at: layout.x[layout.net.chains[at][beside]])
            room = min(step, (layout.cards[node].box.width - FLAT) / max(1, len(ends) - 1))
            for place, at in enumerate(ends):
                found[at] = layout.x[node] + (place - (len(ends) - 1) / 2) * room
        return found

    def _down(self, at: int) -> Iterator[str]:
        layout, chain = self._layout, self._layout.net.chains[at]
        x, y = self._out[at], self._end(chain[0], top=False)
        yield f"M{num(x)} {num(y)}"
        for bend in chain[1:-1]:
            row, to = layout.net.row[bend], layout.x[bend]
            yield _curve(x, y, to, layout.tops[row])
            x, y = to, layout.tops[row] + layout.heights[row]
            yield f"V{num(y)}" if layout.heights[row] else ""
        yield _curve(x, y, self._in[at], self._end(chain[-1], top=True))

    def _up(self, at: int) -> Iterator[str]:
        layout, chain = self._layout, self._layout.net.chains[at][::-1]
        edge, x, y = self._beside(chain[0], layout.x[chain[1]])
        low = num(y + APART)
        yield f"M{num(edge)} {low}C{num(x)} {low} {num(x)} {low} {num(x)} {num(y - 4)}"
        y = self._end(chain[0], top=True)
        yield f"V{num(y)}"
        for bend in chain[1:-1]:
            row, to = layout.net.row[bend], layout.x[bend]
            yield _curve(x, y, to, layout.tops[row] + layout.heights[row])
            x, y = to, layout.tops[row]
            yield f"V{num(y)}" if layout.heights[row] else ""
        edge, lane, middle = self._beside(chain[-1], x)
        yield _curve(x, y, lane, self._end(chain[-1], top=False))
        high = num(middle - APART)
        yield f"V{num(middle + 4)}C{num(lane)} {high} {num(lane)} {high} {num(edge)} {high}"

    def _beside(self, node: int, x: float) -> tuple[float, float, float]:
        """A node's side towards `x`: where lines meet it, where they pass it, and its middle's height."""
        layout = self._layout
        card, middle, right = layout.cards[node], layout.x[node], x >= layout.x[node]
        lane = middle + (card.box.width / 2 + BETWEEN / 2) * (1 if right else -1)
        return side(card.look.shape, middle, card.box, right=right), lane, layout.middle(node)

    def _end(self, node: int, *, top: bool) -> float:
        half = self._layout.cards[node].box.height / 2
        return self._layout.middle(node) + (-half if top else half)

    def _round(self, at: int) -> str:
        """From a node's right side to the same."""
        layout, node = self._layout, self._layout.lines[at].source
        card, y = layout.cards[node], layout.middle(node)
        x = side(card.look.shape, layout.x[node], card.box, right=True)
        far, low, high = num(x + LOOP), num(y + APART), num(y - APART)
        return f"M{num(x)} {low}C{far} {num(y + 3 * APART)} {far} {num(y - 3 * APART)} {num(x)} {high}"


def _curve(x: float, y: float, to_x: float, to_y: float) -> str:
    """From one height to another, upright at both ends."""
    if abs(x - to_x) < 0.5:
        return f"V{num(to_y)}" if y != to_y else ""
    half = num((y + to_y) / 2)
    return f"C{num(x)} {half} {num(to_x)} {half} {num(to_x)} {num(to_y)}"
