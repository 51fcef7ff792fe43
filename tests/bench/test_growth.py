"""Growth as small as it can be: every part is measured, and what is counted is as it must be."""

from pathlib import Path

import pytest

from bench.growth.figures import Growth, Sample, against_first, spread
from bench.growth.growth import PARTS, QUICK, grown
from bench.growth.table import tables
from bench.growth.waiting import slope
from tests.servers import scratch_state_dir
from wiring.talk import QUIET

SMALL = QUICK._replace(places=(1, 60), shaped=3, workers=(1,), waiting=6, cached=2, counted=300, said=3)


@pytest.mark.real
@pytest.mark.timeout(0)
async def test_every_part_is_measured() -> None:
    with scratch_state_dir() as folder:
        steps = [step async for step in grown(Path(folder), "memory", SMALL, PARTS, QUIET)]
    assert [sum(getattr(step, part) is not None for part in PARTS) for step in steps] == [1, 2, 3, 4, 5, 6]
    made = steps[-1]
    assert [part for part in PARTS if getattr(made, part) is None] == []
    assert len(list(tables(made))) == len(PARTS)
    assert made.sizes
    assert made.sizes.plan_bytes["100"] > 5 * made.sizes.plan_bytes["10"]
    assert made.loops
    assert [loop.effects for loop in made.loops.values()] == [1, 4]
    waiting = made.waiting
    assert waiting
    assert [sample.waiting for sample in waiting.samples] == [0, 1, 2, 3, 4, 5, 6]
    assert waiting.temporal_bytes_each is None
    assert made.shapes
    # Only a process that works on what it starts is handed the first task with the answer.
    assert {name: shape.eager for name, shape in made.shapes.items()} == {"1": False, "single": True}


def test_ratios_are_made_pair_by_pair() -> None:
    ratios = against_first({"10": [(10, 1), (20, 2)], "100": [(10, 2), (30, 2)]})
    assert ratios["100"].latency == spread([1.0, 1.5])
    assert ratios["100"].worker_cpu == spread([2.0, 1.0])


def test_what_each_costs_is_the_slope_of_the_samples() -> None:
    samples = [Sample(waiting=n, worker=1_000 + 60 * n, server=0) for n in (0, 10, 20)]
    assert (slope(samples, "worker"), slope(samples, "server"), slope(samples[:1], "worker")) == (60, 0, 0)


def test_what_was_not_asked_for_is_not_shown() -> None:
    assert list(tables(Growth(backend="file"))) == []
