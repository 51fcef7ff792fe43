"""The order of files: those that take long, then the others as they are found; what runs in which process."""

from pathlib import Path
from typing import Any

from xdist.scheduler import LoadFileScheduling

TESTS = Path(__file__).parent
LONGEST = (
    "system/test_crashes.py",
    "torture/test_slice.py",
    "system/test_demo.py",
    "api/test_fuzz.py",
    "architecture/test_tools.py",
    "system/test_canaries.py",
    "workflows/test_flow.py",
    "system/test_dev.py",
    "system/test_remote.py",
    "workflows/test_recording.py",
    "bench/test_bench.py",
    "workflows/test_loops_real.py",
    "model/test_model.py",
    "system/test_ussd.py",
    "faults/test_inbound.py",
    "system/test_api_page.py",
    "faults/test_kills_effects.py",
    "faults/races/test_close.py",
    "model/test_sabotage.py",
    "faults/races/test_continue.py",
    "system/test_away.py",
    "faults/races/test_slow_provider.py",
    "faults/races/test_completion.py",
    "faults/test_live.py",
    "wiring/test_cli.py",
)
"""By the seconds they take, more or less: above ten each."""
ONE_DEV = {
    f"tests/system/test_{name}.py"
    for name in (
        *("away", "crashes", "custom_kinds", "desk_work", "dev", "four_channels", "handover", "remote"),
        *("talks", "web_ui"),
    )
}
"""They share one `tembea dev`: in several processes each would wait for one of its own."""
STACKS = ("system", "torture", "bench", "faults", "wiring")
"""Folders of tests that start, kill and measure processes of ours."""
ONE, TWO = "one dev", 2
"""So many stacks at a time: with more, parts that are killed come back late. The others mostly wait."""
_PLACES = {TESTS / name: place for place, name in enumerate(LONGEST)}


def place(file: Path) -> int:
    """Where a file of tests stands; those of one place stay as they are."""
    return _PLACES.get(file, len(LONGEST))


class ByFile(LoadFileScheduling):  # type: ignore[misc]  # it comes without types
    """The tests of a file run in one process, as do those of files that share a `dev`.

    Stacks run in the first two processes.
    """

    def _assign_work_unit(self, node: Any) -> None:
        if self.nodes.index(node) >= TWO:
            light = next((scope for scope in self.workqueue if not _is_stack(scope)), None)
            if light is None:
                node.shutdown()
                return
            self.workqueue.move_to_end(light, last=False)
        super()._assign_work_unit(node)

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return ONE if file in ONE_DEV else file


def _is_stack(scope: str) -> bool:
    return scope == ONE or scope.startswith(tuple(f"tests/{folder}/" for folder in STACKS))
