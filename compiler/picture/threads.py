"""Threads of a net, drawn straight: vertices that have but each other as neighbours."""

from collections.abc import Iterator

from compiler.picture.net import LOOSE, Bond, Net
from compiler.picture.place import BETWEEN


def straighten(net: Net, middles: list[float]) -> None:
    """Move the vertices of each thread to one place for as many rows as there is room in all of them."""
    place = {vertex: at for row in net.rows for at, vertex in enumerate(row)}
    for thread in _threads(net):
        _align(net, middles, thread, place)


def _threads(net: Net) -> Iterator[list[int]]:
    follower = {}
    for vertex in range(len(net.boxes)):
        below = _firm(net.below[vertex])
        if len(below) == 1 and len(_firm(net.above[below[0].to])) == 1:
            follower[vertex] = below[0].to
    followers = set(follower.values())
    for first in follower:
        if first in followers:
            continue
        thread = [first]
        while thread[-1] in follower:
            thread.append(follower[thread[-1]])
        yield thread


def _firm(bonds: list[Bond]) -> list[Bond]:
    """Without those of a node to a line beside it."""
    return [bond for bond in bonds if bond.pull > LOOSE]


def _align(net: Net, middles: list[float], thread: list[int], place: dict[int, int]) -> None:
    while thread:
        low, high, count = -float("inf"), float("inf"), 0
        for vertex in thread:
            room = _room(net, middles, vertex, place)
            if max(low, room[0]) > min(high, room[1]):
                break
            low, high, count = max(low, room[0]), min(high, room[1]), count + 1
        taken, thread = thread[: max(count, 1)], thread[max(count, 1) :]
        wanted = sum(middles[vertex] for vertex in taken) / len(taken)
        for vertex in taken if count else ():
            middles[vertex] = min(max(wanted, low), high)


def _room(net: Net, middles: list[float], vertex: int, place: dict[int, int]) -> tuple[float, float]:
    """From where to where the vertex may be moved between those beside it."""
    row, at, half = net.rows[net.row[vertex]], place[vertex], net.boxes[vertex].width / 2 + BETWEEN
    left, right = row[at - 1 : at] if at else [], row[at + 1 : at + 2]
    return (
        middles[left[0]] + net.boxes[left[0]].width / 2 + half if left else -float("inf"),
        middles[right[0]] - net.boxes[right[0]].width / 2 - half if right else float("inf"),
    )
