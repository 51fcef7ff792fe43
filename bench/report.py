"""Ratios: made within a repetition, then the median of all with its spread."""

import statistics
from collections.abc import Callable, Sequence
from typing import TypeVar

from bench.figures import (
    LEAST,
    OURS,
    PEERS,
    Backend,
    Figures,
    Floor,
    PeerRatios,
    Ratio,
    Ratios,
    Report,
    Waits,
)

Run = TypeVar("Run")
Pairs = list[tuple[Figures, Figures]]


def report(runs: Sequence[Figures], floors: Sequence[Floor] = (), ussd: Sequence[Waits] = ()) -> Report:
    """The ratios of all that was measured."""
    return Report(
        ratios={**_ratios(runs, "memory"), **_ussd_ratio(ussd)},
        file_ratios=_ratios(runs, "file"),
        postgres_ratios=_ratios(runs, "postgres"),
        peer_ratios={f"vs_{peer}": _against_peer(_pairs(peer, runs)) for peer in _taking_part(runs, PEERS)},
        runs=list(runs),
        floors=list(floors),
        ussd=list(ussd),
    )


def _ratios(runs: Sequence[Figures], backend: Backend) -> dict[str, Ratios]:
    here = [run for run in runs if run.backend == backend]
    others = dict.fromkeys(run.contestant for run in here if run.contestant not in (OURS, *PEERS))
    return {f"vs_{other}": _against(_pairs(other, here)) for other in others}


def _taking_part(runs: Sequence[Figures], names: Sequence[str]) -> list[str]:
    return [name for name in names if any(run.contestant == name for run in runs)]


def _pairs(other: str, runs: Sequence[Figures]) -> Pairs:
    ours = {(run.backend, run.repetition): run for run in runs if run.contestant == OURS}
    return [(ours[run.backend, run.repetition], run) for run in runs if run.contestant == other]


def _against(pairs: Pairs) -> Ratios:
    return Ratios(
        conversations_per_second=_ratio(pairs, lambda run: run.conversations_per_second),
        turn_p95=_ratio(pairs, lambda run: run.turn_p95),
        server_cpu=_ratio(pairs, lambda run: run.server_cpu),
        events=_ratio(pairs, lambda run: run.events),
    )


def _against_peer(pairs: Pairs) -> PeerRatios:
    return PeerRatios(
        conversations_per_second=_ratio(pairs, lambda run: run.conversations_per_second),
        turn_p95=_ratio(pairs, lambda run: run.turn_p95),
        cpu=_ratio(pairs, lambda run: run.cpu),
    )


def _ussd_ratio(ussd: Sequence[Waits]) -> dict[str, Ratio]:
    least = {run.repetition: run for run in ussd if run.contestant == LEAST}
    pairs = [(run, least[run.repetition]) for run in ussd if run.contestant == OURS]
    return {"ussd_p99_vs_floor": _ratio(pairs, lambda run: run.p99)} if pairs else {}


def _ratio(pairs: Sequence[tuple[Run, Run]], figure: Callable[[Run], float]) -> Ratio:
    each = [round(figure(mine) / figure(theirs), 3) for mine, theirs in pairs]
    return Ratio(median=round(statistics.median(each), 3), spread=(min(each), max(each)))
