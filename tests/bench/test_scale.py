"""The plan's arithmetic, the tables of docs/scale.md, and the marks that they stand between."""

import re
from collections import Counter

import pytest

from bench.docs import filled
from bench.figures import Report
from bench.growth.figures import Growth, Replayed, Sample, Waiting, spread
from bench.restore.drill import Drill, silent
from bench.scale.__main__ import PAGE, plan
from bench.scale.plan import Assumed, Unit, Waits, planned, unit_of, waits_of
from bench.scale.tables import of_drills, of_growth
from tests.bench.test_figures import run

UNIT = Unit(30, 24, 12, 18, 19, 3, 12, 6_000, 9_000)
EACH = Waits(60_000, 8_000, 4_000, 20)


def test_the_formula_is_the_page_s() -> None:
    made = planned(86_400, UNIT, EACH, Assumed(turns_a_day=3, peak=2))
    assert made.turns == 6
    assert made.server_cpus == pytest.approx(2 * 0.030 / 0.6)
    assert made.commits == 24
    assert made.transitions == 2 * 2 * 3 + 6
    assert made.worker_memory == 86_400 * 0.1 * 60_000
    assert made.temporal_disk == 86_400 * 8_000 + 86_400 * 3 * 6_000
    assert made.our_disk == 86_400 * 4_000 + 86_400 * 30 * 9_000


def test_shards_are_a_power_of_two_and_four_at_least() -> None:
    shards = [planned(waiting, UNIT, EACH, Assumed()).shards for waiting in (1, 1_000_000, 100_000_000)]
    assert shards[0] == 4
    assert all(shards == sorted(shards) and number & (number - 1) == 0 for number in shards)
    assert shards[2] > 512


GROWTH = Growth(
    backend="postgres",
    replay=Replayed(warm=spread([20.0]), cold={"1": spread([25.0]), "10": spread([45.0])}),
    waiting=Waiting(
        conversations=100, cached=20, starts_per_second=30, samples=[Sample(waiting=100, worker=1, server=1)],
        worker_bytes_each=60_000, worker_bytes_each_beyond=0, server_bytes_each=1, temporal_bytes_each=8_000,
        postgres_bytes_each=4_000, stop_seconds=1, restart_seconds=2, first_turn_ms=90,
        later_turns_ms=spread([40.0]),
    ),
)  # fmt: skip


def test_what_waits_and_what_is_replayed_come_from_growth() -> None:
    assert waits_of(GROWTH) == Waits(60_000, 8_000, 4_000, 25)
    with pytest.raises(ValueError, match="who waits"):
        waits_of(Growth(backend="file"))


def report(*backends: str) -> Report:
    runs = [
        run("ours", 0, 40.0, server_cpu=len(backend)).model_copy(update={"backend": backend})
        for backend in backends
    ]
    ratios: dict[str, dict[str, object]] = {
        name: {} for name in ("ratios", "file_ratios", "postgres_ratios", "peer_ratios")
    }
    return Report.model_validate({**ratios, "runs": runs, "floors": [], "ussd": []})


def test_a_conversation_costs_what_it_did_on_postgresql() -> None:
    assert unit_of(report("file", "postgres")).server_cpu == len("postgres")
    assert unit_of(report("file", "memory")).server_cpu == len("file")
    with pytest.raises(ValueError, match="not measured ours"):
        unit_of(report())


def test_every_table_has_its_place_in_the_page() -> None:
    tables = {**dict(of_growth(GROWTH)), **plan(report("postgres"), GROWTH)}
    page = filled(PAGE.read_text(), {name: f"of {name}" for name in tables})
    assert all(f"of {name}\n" in page for name in tables)
    marks = Counter(re.findall(r"<!-- /?(\w+) -->", page))
    assert set(marks.values()) == {2}
    everything = {
        "sizes",
        "turns",
        "replay",
        "shapes",
        "waiting",
        "loops",
        "knee",
        "costs",
        "plan",
        "restore",
    }
    assert set(marks) == everything


def test_only_what_a_told_worker_doubles_was_doubled_silently() -> None:
    told = Drill(
        review=True, people=5, effects_before=30, effects_lost=10, doubled=0, unknown=9, withheld=3,
        backup_seconds=1, restore_seconds=9,
    )  # fmt: skip
    untold = told.model_copy(update={"review": False, "doubled": 7})
    assert silent([told, untold]) == 0
    assert silent([told.model_copy(update={"doubled": 1}), untold]) == 1
    assert "| not told | 30 | 10 | **7** |" in of_drills([told, untold])
