"""A run's folder: what source, sink, nemesis, probes and collector wrote, and how it is read back."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from torture.checker import desk, phones, words
from torture.checker.facts import Facts
from torture.checker.tables import Tables
from torture.checker.told import Call, Fault, Probe, Run, Sample, Start

SOURCE, SINK, PLAIN = "source.jsonl", "sink.jsonl", "plain.jsonl"
PHONES, STARTS = "at.jsonl", "starts.jsonl"
FAULTS, SAMPLES, PROBES = "faults.jsonl", "samples.jsonl", "probes.jsonl"
TABLES, ABOUT, PLANS = "tables.json", "about.json", "plans.json"
HISTORIES, LOGS, TEMPORAL = "histories", "logs", "temporal"
Lines = Iterable[dict[str, Any]]


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """Every whole line of a journal; a crash may have cut the last one."""
    for line in path.read_text().splitlines() if path.exists() else ():
        try:
            yield json.loads(line)
        except ValueError:
            continue


def load(folder: Path) -> Facts:
    """Everything that is in a run's folder."""
    about = json.loads((folder / ABOUT).read_text())
    sink, network = list(lines(folder / SINK)), list(lines(folder / PHONES))
    return Facts(
        seed=about["seed"],
        at=_moment(about["at"]),
        quiet_since=_moment(about["quietSince"]),
        webhooks=desk.webhooks(lines(folder / SOURCE)),
        words=set(desk.words(sink)),
        picks=set(desk.picks(sink)),
        callbacks=phones.callbacks(network),
        turns=phones.turns(network),
        taken=list(phones.taken(network)),
        starts=[_start(line) for line in lines(folder / STARTS)],
        calls=[*desk.calls(sink), *plain_calls(lines(folder / PLAIN))],
        tables=Tables.model_validate_json((folder / TABLES).read_text()),
        runs=list(runs(folder)),
        plans=json.loads((folder / PLANS).read_text()),
        logs={path.name: path.read_text(errors="replace").splitlines() for path in _files(folder / LOGS)},
        secrets=about["secrets"],
        private=about["private"],
        found=list(_found(folder, about["secrets"], about["private"])),
        probes=[Probe(**line) for line in lines(folder / PROBES)],
        faults=[_fault(line) for line in lines(folder / FAULTS)],
        samples=[_sample(line) for line in lines(folder / SAMPLES)],
    )


def runs(folder: Path) -> Iterator[Run]:
    """Every history of a run's folder."""
    for path in _files(folder / HISTORIES):
        execution, number = path.stem.rsplit(".", 1)
        yield Run.read(execution, int(number), path.read_text())


def plain_calls(sink: Lines) -> Iterator[Call]:
    """Requests to a plain HTTP sink that carried an Idempotency-Key."""
    for line in sink:
        if line["kind"] == "http" and line.get("key"):
            yield Call(_moment(line["at"]), line["key"], line["done"])


def _found(folder: Path, secrets: list[str], private: list[str]) -> Iterator[tuple[str, str]]:
    """Where canaries are that may not be there."""
    hidden = [*_files(folder / LOGS), *_files(folder / TEMPORAL)]
    yield from words.search([*hidden, *_files(folder / HISTORIES), folder / TABLES], secrets)
    yield from words.search(hidden, private)


def _start(line: dict[str, Any]) -> Start:
    """The `Idempotency-Key`, what it was answered, and what was sent with it."""
    return Start(_moment(line["at"]), line["key"], line["status"], line["execution"], line.get("body") or {})


def _fault(line: dict[str, Any]) -> Fault:
    begun, ended = (_moment(line[name]) for name in ("begun", "ended"))
    return Fault(line["what"], begun, ended, line["proof"])


def _sample(line: dict[str, Any]) -> Sample:
    return Sample(**{**line, "at": _moment(line["at"])})


def _moment(written: str) -> datetime:
    return datetime.fromisoformat(written)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if path.is_file()) if folder.is_dir() else []
