"""INV-12 and INV-13: what no file may hold, and what no log may say."""

import mmap
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from torture.checker.facts import AWAY, Facts

PROBLEMS = re.compile(
    r"Traceback \(most recent call last\)|panick?ed|panic:|was never awaited|was never retrieved"
    r"|connection leaked|not checked in|Unclosed |ResourceWarning|PANIC:|SIGSEGV"
    r'|"level":"critical"|"event":"\w+_raised"'
)
_AWAY = re.compile(f'"error":"({"|".join(AWAY)})"')


def leaks(facts: Facts) -> list[str]:
    """INV-12: canaries where they may not be (they are not repeated), and probes that came through."""
    canaries = [*facts.secrets, *facts.private]
    places = [f"canary {canaries.index(canary)} is in {place}" for place, canary in facts.found]
    return places + [
        f"probe {one.probe}: {one.what} gave {one.got!r} instead of {one.wanted!r}"
        for one in facts.probes
        if one.got != one.wanted
    ]


def search(files: Iterable[Path], canaries: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(file, canary) of each that a file holds, in whatever format it is."""
    wanted = [(canary, canary.encode()) for canary in canaries]
    for path in files:
        if path.is_file() and path.stat().st_size:
            with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as held:
                yield from ((path.name, canary) for canary, bytes_ in wanted if held.find(bytes_) >= 0)


def log_problems(facts: Facts) -> list[str]:
    """INV-13: lines that tell of a bug, whatever was broken at the time."""
    return [
        f"{name}: {line[:200]}"
        for name, lines in facts.logs.items()
        for line in lines
        if PROBLEMS.search(line) and not _AWAY.search(line)
    ]
