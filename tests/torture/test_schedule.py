"""What is done when: seeded, and every kind once before any comes again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from random import Random
from typing import Any, cast

import pytest

from torture.house import OURS, House
from torture.nemesis.processes import PARTS
from torture.nemesis.schedule import faults, first_of_all, left_out, rest
from torture.nemesis.wires import TOXICS, proof


@dataclass
class Plain:
    """A house as far as a schedule looks at it."""

    links: Sequence[str] = ("a wire",)
    clocks: Mapping[str, str] = field(default_factory=lambda: dict.fromkeys(OURS, "a clock"))
    disk: object | None = "a disk"


def house(**changes: Any) -> House:
    return cast("House", Plain(**changes))


def kinds(house: House, seed: int, count: int) -> list[str]:
    return [fault.what for fault in islice(faults(house, Random(seed)), count)]


def test_a_run_begins_with_every_kill() -> None:
    first = [fault.kind for fault in islice(faults(house(), Random(3)), len(PARTS) + 1)]
    assert sorted(first) == sorted([*(f"kill {part}" for part in PARTS), "kill all"])


def test_a_round_has_every_kind() -> None:
    size = len(first_of_all()) + len(list(rest(house())))
    drawn = [fault.kind for fault in islice(faults(house(), Random(3)), size)]
    assert {f"wire {toxic}" for toxic in TOXICS} <= set(drawn)
    assert {f"stop {part}" for part in PARTS} <= set(drawn)
    assert {"disk full", "restart api then worker"} <= set(drawn)
    assert sum(kind.startswith("clock") for kind in drawn) == 2 * len(OURS)


def test_one_seed_is_one_order_and_another_another() -> None:
    assert kinds(house(), 5, 40) == kinds(house(), 5, 40)
    assert kinds(house(), 5, 40) != kinds(house(), 6, 40)


@pytest.mark.parametrize(
    ("missing", "kind", "why"),
    [
        ({"links": ()}, "wire", "Toxiproxy"),
        ({"disk": None}, "disk", "mounted"),
        ({"clocks": {}}, "clock", "libfaketime"),
    ],
)
def test_what_cannot_be_done_here_is_left_out_and_said(missing: Any, kind: str, why: str) -> None:
    assert not [what for what in kinds(house(**missing), 1, 60) if what.startswith(kind)]
    [said] = left_out(house(**missing))
    assert why in said


def test_a_house_that_can_suffer_all_leaves_out_nothing() -> None:
    assert left_out(house()) == []


@pytest.mark.parametrize(
    ("before", "during", "landed"),
    [(0.01, 0.21, True), (0.01, None, True), (0.01, 0.02, False), (None, None, False)],
)
def test_a_wire_is_spoilt_only_where_a_question_over_it_takes_longer(
    before: float | None, during: float | None, landed: bool
) -> None:
    assert (proof(before, during) is not None) is landed
