"""The figures as a drawing: bars of each contestant, as SVG."""

import statistics
from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

from bench.figures import Figures, Report, Waits

WIDTH, LABEL, NUMBERS, BAR, GAP = 900, 170, 150, 18, 8
COLOURS = ("#2a6f97", "#61a5c2", "#a9d6e5", "#c9ada7")
INK = "#777"
"""Legible on white and on black."""


class Part(NamedTuple):
    """A part of a bar."""

    name: str
    value: float


class Bar(NamedTuple):
    """One contestant's bar, its parts one after another; `told` stands behind it."""

    name: str
    parts: Sequence[Part]
    told: str


class Panel(NamedTuple):
    """Bars of one measure."""

    title: str
    bars: Sequence[Bar]

    @property
    def height(self) -> int:
        return 40 + len(self.bars) * (BAR + GAP) + (22 if len(self.bars[0].parts) > 1 else 0)


def plot(report: Report) -> str:
    """The whole drawing."""
    panels = [panel for panel in _panels(report) if panel.bars]
    top, drawn = 10, list[str]()
    for panel in panels:
        drawn += _drawn(panel, top)
        top += panel.height + 14
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" font-family="sans-serif">'
    return "\n".join([head, *drawn, "</svg>", ""])


def _panels(report: Report) -> Iterator[Panel]:
    for backend in dict.fromkeys(run.backend for run in report.runs):
        runs = [run for run in report.runs if run.backend == backend]
        names = list(dict.fromkeys(run.contestant for run in runs))
        each = {name: [run for run in runs if run.contestant == name] for name in names}
        where = f"Temporal on {backend}" if backend != "memory" else "Temporal in memory"
        yield Panel(
            f"Conversations a second, 20 in flight ({where})",
            [_bar(name, each[name], "conversations_per_second") for name in names],
        )
        yield Panel(
            f"Turn p95 at 7 conversations a second, ms ({where})",
            [_bar(name, each[name], "turn_p95") for name in names],
        )
        yield Panel(
            f"Processor time of a conversation, ms ({where})",
            [
                _bar(name, each[name], "server_cpu", "worker_cpu", "front_cpu", "postgres_cpu")
                for name in names
            ],
        )
    callers = list(dict.fromkeys(run.contestant for run in report.ussd))
    yield Panel(
        "USSD: p99 of an answer, ms",
        [_bar(name, [run for run in report.ussd if run.contestant == name], "p99") for name in callers],
    )


def _bar(name: str, runs: Sequence[Figures] | Sequence[Waits], *figures: str) -> Bar:
    def of(figure: str) -> float:
        return float(statistics.median(getattr(run, figure) for run in runs))

    sums = [sum(getattr(run, figure) for figure in figures) for run in runs]
    parts = [Part(figure.removesuffix("_cpu"), of(figure)) for figure in figures]
    total = sum(part.value for part in parts)
    return Bar(name, parts, f"{total:.3g} [{min(sums):.3g} to {max(sums):.3g}]")


def _drawn(panel: Panel, top: int) -> Iterator[str]:
    scale = (WIDTH - LABEL - NUMBERS) / max(sum(part.value for part in bar.parts) for bar in panel.bars)
    yield _text(0, top + 16, panel.title, size=15, weight="bold")
    for at, bar in enumerate(panel.bars):
        y = top + 30 + at * (BAR + GAP)
        yield _text(LABEL - 8, y + 14, bar.name, anchor="end")
        x = float(LABEL)
        for part, colour in zip(bar.parts, COLOURS, strict=False):
            width = part.value * scale
            yield f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{BAR}" fill="{colour}"/>'
            x += width
        yield _text(x + 6, y + 14, bar.told)
    if len(panel.bars[0].parts) > 1:
        yield from _legend(panel, top + 30 + len(panel.bars) * (BAR + GAP))


def _legend(panel: Panel, y: int) -> Iterator[str]:
    for at, (part, colour) in enumerate(zip(panel.bars[0].parts, COLOURS, strict=False)):
        x = LABEL + at * 110
        yield f'<rect x="{x}" y="{y}" width="12" height="12" fill="{colour}"/>'
        yield _text(x + 18, y + 11, part.name)


def _text(
    x: float, y: int, said: str, *, size: int = 13, weight: str = "normal", anchor: str = "start"
) -> str:
    style = f'font-size="{size}" font-weight="{weight}" text-anchor="{anchor}" fill="{INK}"'
    return f'<text x="{x:.1f}" y="{y}" {style}>{escape(said)}</text>'
