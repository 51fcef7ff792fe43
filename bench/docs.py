"""`python -m bench.docs FILE…`: the tables of docs/benchmark.md, written from the files of benches.

Each table stands between two marks. A bench with peers fills the peers' table, any other all but theirs;
what a bench has not measured stays as it is.
"""

import argparse
import re
import statistics
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bench.figures import CRASHES, PEERS, Crash, Figures, Floor, PeerRatios, Ratio, Ratios, Report, Waits
from wiring.files import ROOT
from wiring.talk import Talk

PAGE = ROOT / "docs" / "benchmark.md"
BACKENDS = ("memory", "file", "postgres")
Rows = list[Sequence[str]]
CONTESTANTS = (
    "",
    "conversations/s",
    "turn p50 / p95 / p99 ms: open",
    "closed",
    "CPU ms a conversation: server / worker / front / PostgreSQL / load",
    "events / workflow tasks / actions",
    "commits (transactions)",
    "bytes: history / PostgreSQL",
)


def main() -> None:
    """Write what the files hold into the page."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.docs", description="The tables of docs/benchmark.md."
    )
    parser.add_argument("files", nargs="+", type=Path, help="what `tembea bench` or `bench.crash` wrote")
    page = PAGE.read_text()
    for file in parser.parse_args().files:
        page = filled(page, tables_of(file.read_bytes()))
    PAGE.write_text(page)
    Talk().say(f"wrote {PAGE}")


def tables_of(written: bytes) -> dict[str, str]:
    """The tables of a file: of `tembea bench`, or of `bench.crash`, which is a list."""
    if written.lstrip().startswith(b"["):
        return {"crashes": crashes(CRASHES.validate_json(written))}
    return tables(Report.model_validate_json(written))


def filled(page: str, tables: Mapping[str, str]) -> str:
    """The page with each table between its marks; raises ValueError where it has no such marks."""
    for name, table in tables.items():
        marks = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        if not marks.search(page):
            raise ValueError(f"the page has no place for the table {name!r}")
        page = marks.sub(rf"\g<1>\n{table}\n\g<2>", page)
    return page


def tables(report: Report) -> dict[str, str]:
    """Every table that a report has figures for, by name, as Markdown."""
    if report.peer_ratios:
        return {"peers": _table(CONTESTANTS, _contestants(report)) + "\n" + _peer_ratios(report)}
    made = {"contestants": _table(CONTESTANTS, _contestants(report)), "ratios": _ratios(report)}
    if report.floors:
        made["floors"] = _floors(report.floors)
    if report.ussd:
        made["ussd"] = _ussd(report)
    return made


def _contestants(report: Report) -> Rows:
    return [
        [
            f"{name}, {backend}",
            _spread(runs, "conversations_per_second"),
            _medians(runs, "turn_p50", "turn_p95", "turn_p99"),
            _medians(runs, "closed_turn_p50", "closed_turn_p95", "closed_turn_p99"),
            _medians(runs, "server_cpu", "worker_cpu", "front_cpu", "postgres_cpu", "load_cpu"),
            "–" if name in PEERS else _medians(runs, "events", "workflow_tasks", "actions"),  # noqa: RUF001
            f"{_medians(runs, 'commits')} ({_medians(runs, 'transactions')})",
            _medians(runs, "history_bytes", "postgres_bytes"),
        ]
        for backend in BACKENDS
        for name, runs in _by_name([run for run in report.runs if run.backend == backend])
    ]


def _by_name(runs: Sequence[Figures]) -> Iterator[tuple[str, list[Figures]]]:
    for name in dict.fromkeys(run.contestant for run in runs):
        yield name, [run for run in runs if run.contestant == name]


def _ratios(report: Report) -> str:
    rows: Rows = [
        [
            f"{against.removeprefix('vs_')}, {backend}",
            _shown(ratio.conversations_per_second),
            _shown(ratio.turn_p95),
            _shown(ratio.server_cpu),
            _shown(ratio.events),
        ]
        for backend, against, ratio in _named(report)
    ]
    return _table(("ours ÷", "conversations/s", "turn p95, open", "server CPU", "events"), rows)


def _named(report: Report) -> Iterator[tuple[str, str, Ratios]]:
    for against, ratio in report.ratios.items():
        if isinstance(ratio, Ratios):
            yield "memory", against, ratio
    for against, ratio in report.file_ratios.items():
        yield "file", against, ratio
    for against, ratio in report.postgres_ratios.items():
        yield "postgres", against, ratio


def _peer_ratios(report: Report) -> str:
    rows: Rows = [_peer_row(against, ratio) for against, ratio in report.peer_ratios.items()]
    return _table(("ours ÷", "conversations/s", "turn p95, open", "CPU of all processes"), rows)


def _peer_row(against: str, ratio: PeerRatios) -> list[str]:
    cells = (ratio.conversations_per_second, ratio.turn_p95, ratio.cpu)
    return [against.removeprefix("vs_"), *map(_shown, cells)]


def _floors(floors: Sequence[Floor]) -> str:
    rows: Rows = []
    for name in dict.fromkeys(floor.name for floor in floors):
        mine = [floor for floor in floors if floor.name == name]
        rows.append(
            [
                name,
                _spread(mine, "per_second"),
                _medians(mine, "each_p50", "each_p95", "each_p99"),
                _medians(mine, "server_cpu", "worker_cpu", "load_cpu"),
                _medians(mine, "events", "workflow_tasks"),
            ]
        )
    head = ("", "calls/s", "p50 / p95 / p99 ms", "CPU ms a call: server / worker / load", "events / tasks")
    return _table(head, rows)


def _ussd(report: Report) -> str:
    rows: Rows = []
    for name in dict.fromkeys(run.contestant for run in report.ussd):
        mine = [run for run in report.ussd if run.contestant == name]
        answers, late = sum(run.answers for run in mine), sum(run.beyond_cap + run.safe for run in mine)
        waits = [_spread(mine, figure) for figure in ("p50", "p95", "p99")]
        rows.append([name, *waits, f"{max(run.longest for run in mine):.0f}", f"{late} of {answers}"])
    ratio = report.ratios["ussd_p99_vs_floor"]
    assert isinstance(ratio, Ratio)
    rows.append(["ours ÷ least", "", "", _shown(ratio), "", ""])
    return _table(("", "p50 ms", "p95 ms", "p99 ms", "longest ms", "late, or the safe text"), rows)


def crashes(found: Sequence[Crash]) -> str:
    """What came of each process that was killed."""
    rows: Rows = [
        [
            crash.contestant,
            crash.process,
            f"{crash.ended} of {crash.conversations}",
            str(crash.repeated),
            f"{crash.seconds:.0f}",
        ]
        for crash in found
    ]
    return _table(
        ("", "killed", "conversations that ended", "effects seen twice", "seconds until then"), rows
    )


def _table(head: Sequence[str], rows: Rows) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


Measured = Sequence[Figures] | Sequence[Floor] | Sequence[Waits]


def _medians(runs: Measured, *figures: str) -> str:
    return " / ".join(_number(statistics.median(getattr(run, figure) for run in runs)) for figure in figures)


def _spread(runs: Measured, figure: str) -> str:
    values = [getattr(run, figure) for run in runs]
    return f"{_number(statistics.median(values))} [{_number(min(values))} to {_number(max(values))}]"


def _number(value: float) -> str:
    return f"{value:.1f}" if value < 30 and value != int(value) else f"{value:.0f}"


def _shown(ratio: Ratio) -> str:
    low, high = ratio.spread
    return f"{ratio.median:.2f} [{low:.2f} to {high:.2f}]"


if __name__ == "__main__":
    main()
