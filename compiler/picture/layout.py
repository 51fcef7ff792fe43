"""A flow laid out: where each node and each line of it is drawn."""

from dataclasses import dataclass
from itertools import accumulate

from compiler.graph import Graph
from compiler.picture.lines import Line, lines_of, ranks_of
from compiler.picture.measures import LOOP, Card, Words, card_of, words_of
from compiler.picture.net import Box, Net, net_of
from compiler.picture.order import arrange
from compiler.picture.place import place
from compiler.picture.threads import straighten

BETWEEN_ROWS = 20.0


@dataclass(frozen=True)
class Layout:
    """All in pixels from the top left corner; `x` by vertex of the net, `tops` by row."""

    cards: list[Card]
    lines: list[Line]
    words: list[Words]
    back: frozenset[int]
    net: Net
    x: list[float]
    tops: list[float]
    heights: list[float]

    @property
    def width(self) -> float:
        """Of the whole."""
        return max((x + box.width / 2 for x, box in zip(self.x, self.net.boxes, strict=True)), default=0.0)

    @property
    def height(self) -> float:
        """Of the whole."""
        return self.tops[-1] + self.heights[-1]

    def middle(self, vertex: int) -> float:
        """The height at which a vertex' row has its middle."""
        row = self.net.row[vertex]
        return self.tops[row] + self.heights[row] / 2


def laid_out(graph: Graph) -> Layout:
    """The layout of a flow; the same flow has the same one."""
    cards, lines = [card_of(node) for node in graph.nodes], lines_of(graph)
    words, ranks = [words_of(line) for line in lines], ranks_of(graph, lines)
    net = net_of(_with_loops(cards, lines, words), [word.box for word in words], lines, ranks)
    arrange(net)
    heights = [max((net.boxes[vertex].height for vertex in row), default=0.0) for row in net.rows]
    tops = [0.0, *accumulate(height + BETWEEN_ROWS for height in heights[:-1])]
    return Layout(cards, lines, words, ranks.back, net, _columns(net), tops, heights)


def _columns(net: Net) -> list[float]:
    """The middle of each vertex, in whole pixels from the left edge of the leftmost one."""
    middles = place(net)
    straighten(net, middles)
    left = min((middle - box.width / 2 for middle, box in zip(middles, net.boxes, strict=True)), default=0.0)
    return [float(round(middle - left)) for middle in middles]


def _with_loops(cards: list[Card], lines: list[Line], words: list[Words]) -> list[Box]:
    """The boxes of nodes; one that leads to itself has room for that, on both sides to be in the middle."""
    boxes = [card.box for card in cards]
    for line, word in zip(lines, words, strict=True):
        if line.source == line.target:
            box = boxes[line.source]
            boxes[line.source] = Box(box.width + 2 * (LOOP + word.box.width), box.height)
    return boxes
