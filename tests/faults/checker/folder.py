"""A run's folder: what source, sink, nemesis and collector wrote, and how it is read back."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.faults.checker import words
from tests.faults.checker.facts import Call, Facts, Fault, Run, Sample, Tables, Webhook

SOURCE, SINK, PLAIN = "source.jsonl", "sink.jsonl", "plain.jsonl"
FAULTS, SAMPLES = "faults.jsonl", "samples.jsonl"
TABLES, ABOUT, PLANS = "tables.json", "about.json", "plans.json"
HISTORIES, LOGS, TEMPORAL = "histories", "logs", "temporal"
MESSAGES = "/messages"
PUBLIC = "/public/"
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
    sink = list(lines(folder / SINK))
    facts = Facts(
        seed=about["seed"],
        at=datetime.fromisoformat(about["at"]),
        quiet_since=datetime.fromisoformat(about["quietSince"]),
        webhooks=webhooks(lines(folder / SOURCE)),
        words=set(_words(sink)),
        picks=set(_picks(sink)),
        calls=[*chatwoot_calls(sink), *plain_calls(lines(folder / PLAIN))],
        tables=Tables.model_validate_json((folder / TABLES).read_text()),
        runs=list(_runs(folder / HISTORIES)),
        plans=json.loads((folder / PLANS).read_text()),
        logs={path.name: path.read_text(errors="replace").splitlines() for path in _files(folder / LOGS)},
        secrets=about["secrets"],
        private=about["private"],
        faults=[_fault(line) for line in lines(folder / FAULTS)],
        samples=[_sample(line) for line in lines(folder / SAMPLES)],
    )
    everywhere = [
        *_files(folder / LOGS),
        *_files(folder / TEMPORAL),
        *_files(folder / HISTORIES),
        folder / TABLES,
    ]
    hidden = [*_files(folder / LOGS), *_files(folder / TEMPORAL)]
    found = [*words.search(everywhere, facts.secrets), *words.search(hidden, facts.private)]
    return facts.model_copy(update={"found": found})


def webhooks(source: Lines) -> list[Webhook]:
    """Each delivery by its last try, of the journal of an emulator's deliveries."""
    tries: dict[str, dict[str, Any]] = {}
    spoilt = set[str]()
    for line in source:
        if line["kind"] == "delivery":
            earlier = tries.get(line["delivery"], {})
            tries[line["delivery"]] = earlier if earlier.get("outcome") == "delivered" else line
        elif line["kind"] == "fault" and "delivery" in line:
            spoilt.add(line["delivery"])
    return [_webhook(line, faulty=id in spoilt) for id, line in tries.items()]


def _webhook(line: dict[str, Any], *, faulty: bool) -> Webhook:
    return Webhook(
        datetime.fromisoformat(line["at"]),
        line["event"],
        line.get("conversation", 0),
        line.get("message"),
        line["outcome"] == "delivered",
        faulty,
    )


def _words(sink: Lines) -> Iterator[int]:
    for line in sink:
        written = line["kind"] == "api" and line["method"] == "POST" and line["route"].startswith(PUBLIC)
        if written and line["route"].endswith(MESSAGES) and line["status"] == 200:
            yield line["response_id"]
        elif line["kind"] == "customer" and line["action"] == "say":
            yield line["result"]["messageId"]


def _picks(sink: Lines) -> Iterator[int]:
    for line in sink:
        if line["kind"] == "api" and line["method"] == "PATCH" and line["route"].startswith(PUBLIC):
            if "submitted_values" in (line["body"] or {}) and line["status"] == 200:
                yield line["ids"]["message_id"]
        elif line["kind"] == "customer" and line["action"] in ("click", "submit"):
            yield line["result"]["messageId"]


def chatwoot_calls(sink: Lines) -> Iterator[Call]:
    """Messages asked of an emulated Chatwoot under an effect's key; `status` is what it really did."""
    for line in sink:
        # A call that hung was never routed: its body alone tells what it was.
        asked = line["kind"] == "api" and line["method"] == "POST" and not line["route"].startswith(PUBLIC)
        key = (line.get("body") or {}).get("source_id") if asked else None
        if key:
            at = datetime.fromisoformat(line["at"])
            yield Call(at, key, line["status"] == 200, line["body"].get("content") or "")


def plain_calls(sink: Lines) -> Iterator[Call]:
    """Requests to a plain HTTP sink that carried an Idempotency-Key."""
    for line in sink:
        if line["kind"] == "http" and line.get("key"):
            yield Call(datetime.fromisoformat(line["at"]), line["key"], line["done"])


def _runs(folder: Path) -> Iterator[Run]:
    for path in _files(folder):
        execution, number = path.stem.rsplit(".", 1)
        text = path.read_text()
        yield Run(execution, int(number), text, json.loads(text)["events"])


def _fault(line: dict[str, Any]) -> Fault:
    begun, ended = (datetime.fromisoformat(line[name]) for name in ("begun", "ended"))
    return Fault(line["what"], begun, ended, line["proof"])


def _sample(line: dict[str, Any]) -> Sample:
    return Sample(**{**line, "at": datetime.fromisoformat(line["at"])})


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if path.is_file()) if folder.is_dir() else []
