"""The drawing is whole SVG, and every contestant's bars are in it at their lengths."""

from xml.etree import ElementTree

from bench.plot import plot
from bench.report import report
from tests.bench.test_figures import RUNS, USSD

SVG = "{http://www.w3.org/2000/svg}"


def test_bars_are_as_long_as_their_figures() -> None:
    drawn = ElementTree.fromstring(plot(report(RUNS)))
    speeds = [float(bar.get("width", "")) for bar in drawn.iter(f"{SVG}rect")][:2]
    assert speeds[0] == 2 * speeds[1]  # 40 and 20 conversations a second


def test_each_panel_says_what_it_shows() -> None:
    drawn = ElementTree.fromstring(plot(report(RUNS, [], USSD)))
    said = [text.text or "" for text in drawn.iter(f"{SVG}text")]
    assert [text for text in said if text.startswith(("Conversations", "Turn", "Processor", "USSD"))] == [
        "Conversations a second, 20 in flight (Temporal in memory)",
        "Turn p95 at 7 conversations a second, ms (Temporal in memory)",
        "Processor time of a conversation, ms (Temporal in memory)",
        "USSD: p99 of an answer, ms",
    ]
    assert "40 [30 to 50]" in said
    assert {"server", "worker", "front", "postgres"} <= set(said)
