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
HEX = re.compile(rb"[0-9a-f]+")
FULL, NO_SPACE = "disk full", re.compile('No space left on device|"error":"DiskFullError"')
"""A server that may not write stops: that is what it has to do."""
EXPECTED = re.compile(f'"error":"({"|".join(AWAY)})"|_InterruptDeadlockError')
"""A server was away; a task was too slow, which is judged by its history (`wft_failures`)."""


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
    wanted = [canary.encode() for canary in canaries]
    others = [one for one in wanted if not HEX.fullmatch(one)]
    numbers = {one for one in wanted if HEX.fullmatch(one)}
    for path in files:
        if path.is_file() and path.stat().st_size:
            with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as held:
                found = [one for one in others if held.find(one) >= 0]
                found += sorted(numbers.intersection(_numbers(held, {len(one) for one in numbers})))
                yield from ((path.name, one.decode()) for one in found)


def _numbers(held: mmap.mmap, lengths: set[int]) -> Iterator[bytes]:
    """All that is hexadecimal and of such a length: thousands of words are looked for in one pass."""
    for run in re.finditer(rb"[0-9a-f]{%d,}" % min(lengths, default=1), held):
        digits = run.group()
        for length in lengths:
            yield from (digits[start : start + length] for start in range(len(digits) - length + 1))


def log_problems(facts: Facts) -> list[str]:
    """INV-13: lines that tell of a bug, whatever was broken at the time."""
    full = any(fault.what.startswith(FULL) for fault in facts.faults)
    return [
        f"{name}: {line[:200]}"
        for name, lines in facts.logs.items()
        for line in lines
        if PROBLEMS.search(line) and not EXPECTED.search(line) and not (full and NO_SPACE.search(line))
    ]
