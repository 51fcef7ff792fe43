"""Draws are frozen: a replay that drew another way would take another road."""

import hashlib
from collections import Counter

from dsl.chance import drawn


def test_a_visit_draws_as_it_always_has() -> None:
    known = {
        ("x", "n1", 1): 0.9604385912,
        ("x", "n1", 2): 0.8762241211,
        ("x", "n2", 1): 0.8913371592,
        ("y", "n1", 1): 0.8061172485,
    }
    assert {visit: round(drawn(*visit), 10) for visit in known} == known


def test_a_draw_is_the_beginning_of_the_hash_of_execution_node_and_visit() -> None:
    digest = hashlib.sha256(b"run:split-1:3").hexdigest()
    assert drawn("run", "split-1", 3) == int(digest[:12], 16) / 16**12


def test_draws_of_many_executions_fall_everywhere_alike() -> None:
    tenths = Counter(int(10 * drawn(f"execution-{n}", "split", 1)) for n in range(10_000))
    assert sorted(tenths) == list(range(10))
    assert all(900 < count < 1_100 for count in tenths.values())
