"""The page's tables come from the files of benches; the rest of the page stays."""

import pytest

from bench.docs import PAGE, filled, tables, tables_of
from bench.figures import CRASHES, Crash
from bench.report import report
from tests.bench.test_figures import FLOOR, PEER, RUNS, USSD

WHOLE = report(RUNS, [FLOOR], USSD)


def test_a_table_is_written_between_its_marks_and_nothing_else_changes() -> None:
    page = "before\n<!-- ussd -->\nold\n<!-- /ussd -->\nafter\n"
    written = filled(page, {"ussd": "| new |\n"})
    assert written == "before\n<!-- ussd -->\n\n| new |\n\n<!-- /ussd -->\nafter\n"
    assert filled(written, {"ussd": "| new |\n"}) == written


def test_a_page_without_a_place_for_a_table_is_refused() -> None:
    with pytest.raises(ValueError, match="'ussd'"):
        filled("nothing", {"ussd": ""})


def test_our_page_has_a_place_for_every_table() -> None:
    filled(PAGE.read_text(), {**tables(WHOLE), **tables(report([*RUNS, PEER]))})


def test_tables_tell_medians_with_their_spread() -> None:
    told = tables(WHOLE)
    assert "| ours, memory | 40 [30 to 50] | 10 / 20 / 30 |" in told["contestants"]
    assert "| hand, memory | 2.50 [2.00 to 3.00] |" in told["ratios"]
    assert "| start and complete | 120 [120 to 120] | 5 / 9 / 12 |" in told["floors"]
    assert "| ours ÷ least |  |  | 2.00 [1.00 to 3.00] |" in told["ussd"]


def test_what_crashes_came_to_is_a_table_too() -> None:
    crash = Crash(contestant="hand", process="worker", conversations=20, ended=19, repeated=2, seconds=11.7)
    told = tables_of(CRASHES.dump_json([crash], by_alias=False))
    assert "| hand | worker | 19 of 20 | 2 | 12 |" in told["crashes"]
    filled(PAGE.read_text(), told)
    assert "contestants" in tables_of(WHOLE.model_dump_json(by_alias=False).encode())


def test_a_bench_with_peers_fills_their_table_alone() -> None:
    told = tables(report([*RUNS, PEER], [FLOOR], USSD))
    assert list(told) == ["peers"]
    assert "| dbos | 4.00 [4.00 to 4.00] |" in told["peers"]
