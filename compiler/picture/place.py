"""Where each vertex stands in its row: near its neighbours, and beside the others of the row."""

from collections.abc import Sequence
from itertools import accumulate, pairwise

from compiler.picture.net import Bond, Net
from compiler.picture.order import LARGE

ROUNDS, ROUNDS_OF_LARGE = 24, 3
BETWEEN = 22.0
"""Pixels that are free between two of a row."""
STILL = 1e-3
"""Pull of its place on who has no neighbours."""


def place(net: Net) -> list[float]:
    """The middle of each vertex, in pixels."""
    gaps = [_gaps(net, row) for row in net.rows]
    middles = [0.0] * len(net.boxes)
    for row, gap in zip(net.rows, gaps, strict=True):
        _put(middles, row, [-sum(gap) / 2 + offset for offset in gap and accumulate(gap)])
    for step in range(ROUNDS_OF_LARGE if len(net.boxes) > LARGE else ROUNDS):
        _pass(net, gaps, middles, range(len(net.rows)), net.above)
        _pass(net, gaps, middles, range(len(net.rows) - 1, -1, -1), net.below)
        if step % 3 == 2:
            both = [[*up, *down] for up, down in zip(net.above, net.below, strict=True)]
            _pass(net, gaps, middles, range(len(net.rows)), both)
    return middles


def _gaps(net: Net, row: Sequence[int]) -> list[float]:
    """From the middle of each to that of the one before it; 0 for the first."""
    half = [net.boxes[vertex].width / 2 for vertex in row]
    return [0.0, *(one + BETWEEN + other for one, other in pairwise(half))][: len(row)]


def _put(middles: list[float], row: Sequence[int], at: Sequence[float]) -> None:
    for vertex, middle in zip(row, at, strict=True):
        middles[vertex] = middle


def _pass(
    net: Net,
    gaps: Sequence[Sequence[float]],
    middles: list[float],
    order: Sequence[int],
    bonds: Sequence[Sequence[Bond]],
) -> None:
    """Row by row, move everybody to where their neighbours want them, as far as there is room."""
    for number in order:
        row = net.rows[number]
        wanted = [_wanted(bonds[vertex], middles, middles[vertex]) for vertex in row]
        _put(middles, row, settle([at for at, _ in wanted], [pull for _, pull in wanted], gaps[number]))


def _wanted(bonds: Sequence[Bond], middles: Sequence[float], own: float) -> tuple[float, float]:
    """Where one is pulled to, and how strongly."""
    pull = STILL + sum(bond.pull for bond in bonds)
    return (STILL * own + sum((middles[b.to] + b.beside) * b.pull for b in bonds)) / pull, pull


def settle(wanted: Sequence[float], pulls: Sequence[float], gaps: Sequence[float]) -> list[float]:
    """Places in this order and at least `gaps` apart that are nearest to the wanted ones, by least squares.

    Pooling adjacent violators: who would stand too near joins a block, and a block stands at its mean.
    """
    offsets = list(accumulate(gaps))
    blocks: list[tuple[float, float, int]] = []
    for at, pull, offset in zip(wanted, pulls, offsets, strict=True):
        mean, weight, count = at - offset, pull, 1
        while blocks and blocks[-1][0] > mean:
            before, heavy, many = blocks.pop()
            mean = (before * heavy + mean * weight) / (heavy + weight)
            weight, count = weight + heavy, count + many
        blocks.append((mean, weight, count))
    means = [mean for mean, _, count in blocks for _ in range(count)]
    return [mean + offset for mean, offset in zip(means, offsets, strict=True)]
