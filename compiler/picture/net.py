"""The net that a drawing is laid out by: rows of vertices, each bound to some in the rows beside it.

Nodes stand in the even rows; the lines between them have a vertex, a bend, in every row they pass, and their
exits stand at the first of these, in an odd row.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from compiler.picture.lines import Line, Ranks

BENDS_FOR_EACH_NODE, BENDS = 4, 2_000
"""Lines beyond this, the longest ones, pass behind what is in their way: nobody could follow them anyhow."""
STRAIGHT, MAIN, LOOSE = 8.0, 4.0, 0.01
BEND_WIDTH = 6.0
BESIDE = 18.0
"""Pixels from a node's side to a line that leads back up."""


class Box(NamedTuple):
    """What a node or the words at a line take, in pixels."""

    width: float
    height: float


class Bond(NamedTuple):
    """A neighbour in a row beside: how strongly it pulls, and how far to its right one wants to be."""

    to: int
    pull: float
    beside: float = 0.0


@dataclass
class Net:
    """Vertices 0 to n-1 are the nodes; `chains` are the vertices of each line from its upper end on."""

    rows: list[list[int]]
    boxes: list[Box]
    above: list[list[Bond]] = field(default_factory=list)
    below: list[list[Bond]] = field(default_factory=list)
    row: list[int] = field(default_factory=list)
    chains: dict[int, list[int]] = field(default_factory=dict)

    def add(self, row: int, box: Box) -> int:
        """A new vertex at the end of a row."""
        self.boxes.append(box)
        self.row.append(row)
        self.above.append([])
        self.below.append([])
        self.rows[row].append(len(self.boxes) - 1)
        return len(self.boxes) - 1

    def tie(self, upper: int, lower: int, pulls: tuple[float, float], beside: float = 0.0) -> None:
        """Bind two vertices of rows that follow each other; `pulls` are on the upper and on the lower."""
        self.below[upper].append(Bond(lower, pulls[0], beside))
        self.above[lower].append(Bond(upper, pulls[1], -beside))

    def side(self, node: int) -> float:
        """How far from a node's middle a line runs that passes it."""
        return self.boxes[node].width / 2 + BESIDE


def net_of(nodes: Sequence[Box], words: Sequence[Box], lines: Sequence[Line], ranks: Ranks) -> Net:
    """The net of the boxes of nodes and of the words at lines, but for lines of a node to itself."""
    net = Net([[] for _ in range(2 * max(ranks.of, default=0) + 1)], [])
    for rank, box in zip(ranks.of, nodes, strict=True):
        net.add(2 * rank, box)
    spared = _too_long(lines, ranks)
    for at, line in enumerate(lines):
        if line.source != line.target:
            _string(net, at, line, words[at], ranks, spared)
    return net


def _too_long(lines: Sequence[Line], ranks: Ranks) -> frozenset[int]:
    """Lines which get no bends: with those of the shorter ones there are enough."""
    left = BENDS + BENDS_FOR_EACH_NODE * len(ranks.of)
    spared = set[int]()
    for span, at in sorted(
        (abs(ranks.of[line.target] - ranks.of[line.source]), at) for at, line in enumerate(lines)
    ):
        left -= max(0, 2 * span - 2)
        if left < 0:
            spared.add(at)
    return frozenset(spared)


def _string(net: Net, at: int, line: Line, words: Box, ranks: Ranks, spared: frozenset[int]) -> None:
    """Give a line its vertices, and bind each to the next one where that is in the next row."""
    is_back = at in ranks.back
    upper, lower = (line.target, line.source) if is_back else (line.source, line.target)
    first, last = 2 * ranks.of[upper] + 1, 2 * ranks.of[lower] - 1
    spoken = last if is_back else first
    rows = [spoken] if at in spared else range(first, last + 1)
    bends = [net.add(row, words if row == spoken else Box(BEND_WIDTH, 0)) for row in rows]
    net.chains[at] = [upper, *bends, lower]
    pull = MAIN if line.main and not is_back else 1.0
    on_node = LOOSE if is_back else pull
    for one, other in pairwise(net.chains[at]):
        if net.row[other] != net.row[one] + 1:
            continue
        if one == upper:
            net.tie(one, other, (on_node, pull), -net.side(upper) if is_back else 0.0)
        elif other == lower:
            net.tie(one, other, (pull, on_node), net.side(lower) if is_back else 0.0)
        else:
            net.tie(one, other, (STRAIGHT, STRAIGHT))
