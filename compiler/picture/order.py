"""Who stands beside whom in a row: so that few lines cross."""

from bisect import bisect_right, insort
from collections.abc import Callable, Sequence
from itertools import pairwise

from compiler.picture.net import Bond, Net

SWEEPS, SWEEPS_OF_LARGE, LARGE = 24, 4, 2_000
ROUNDS = 8

Bonds = Callable[[int], Sequence[Bond]]


def arrange(net: Net) -> None:
    """Sort the rows of the net: by the middle of each vertex' neighbours, up and down, keeping the best."""
    is_large = len(net.boxes) > LARGE
    best, fewest = [list(row) for row in net.rows], _crossings(net)
    for sweep in range(SWEEPS_OF_LARGE if is_large else SWEEPS):
        _sweep(net, down=sweep % 2 == 0)
        if not is_large:
            _swap(net)
        if (count := _crossings(net)) < fewest:
            best, fewest = [list(row) for row in net.rows], count
        if fewest == 0:
            break
    net.rows[:] = best


def _sweep(net: Net, *, down: bool) -> None:
    rows = net.rows if down else net.rows[::-1]
    bonds = net.above if down else net.below
    at = _places(rows[0])
    for row in rows[1:]:
        own = _places(row)
        wanted = {vertex: _middle(bonds[vertex], at, own[vertex]) for vertex in row}
        row.sort(key=wanted.__getitem__)
        at = _places(row)


def _places(row: Sequence[int]) -> dict[int, float]:
    """Each vertex' place, 0 to 1, for rows of different lengths."""
    return {vertex: (place + 0.5) / len(row) for place, vertex in enumerate(row)}


def _middle(bonds: Sequence[Bond], at: dict[int, float], own: float) -> float:
    pull = sum(bond.pull for bond in bonds)
    if not pull:
        return own
    # Whoever wants to be beside its neighbour is to come after what stands straight below it.
    return sum((at[bond.to] + 1e-6 * bond.beside) * bond.pull for bond in bonds) / pull


def _crossings(net: Net) -> int:
    """Pairs of lines that cross, in the whole net."""
    total = 0
    for row in net.rows:
        seen: list[int] = []
        place = {vertex: at for below in _next(net, row) for at, vertex in enumerate(below)}
        for vertex in row:
            ends = sorted(place[bond.to] for bond in net.below[vertex])
            total += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return total


def _next(net: Net, row: Sequence[int]) -> list[list[int]]:
    below = net.row[row[0]] + 1 if row else len(net.rows)
    return net.rows[below : below + 1]


def _swap(net: Net) -> None:
    """Exchange neighbours in a row while that saves crossings."""
    for _ in range(ROUNDS):
        place = {vertex: at for row in net.rows for at, vertex in enumerate(row)}
        if not any([_swap_row(net, row, place) for row in net.rows]):
            return


def _swap_row(net: Net, row: list[int], place: dict[int, int]) -> bool:
    changed = False
    for at, (one, other) in enumerate(pairwise(list(row))):
        one = row[at]
        if _saved(net, one, other, place) > 0:
            row[at], row[at + 1] = other, one
            place[one], place[other] = at + 1, at
            changed = True
    return changed


def _saved(net: Net, one: int, other: int, place: dict[int, int]) -> int:
    """Crossings of two neighbours' lines that an exchange of them saves."""
    saved = 0
    for bonds in (net.above, net.below):
        left = [place[bond.to] for bond in bonds[one]]
        right = [place[bond.to] for bond in bonds[other]]
        saved += sum((a > b) - (a < b) for a in left for b in right)
    return saved
