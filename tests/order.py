"""The order of files: those that take long, then the others as they are found."""

from pathlib import Path

TESTS = Path(__file__).parent
LONGEST = (
    "torture/test_slice.py",
    "system/test_demo.py",
    "api/test_fuzz.py",
    "system/test_crashes.py",
    "architecture/test_tools.py",
    "system/test_canaries.py",
    "workflows/test_flow.py",
    "system/test_dev.py",
    "system/test_remote.py",
    "workflows/test_recording.py",
    "bench/test_bench.py",
    "bench/test_ussd.py",
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
_PLACES = {TESTS / name: place for place, name in enumerate(LONGEST)}


def place(file: Path) -> int:
    """Where a file of tests stands; those of one place stay as they are."""
    return _PLACES.get(file, len(LONGEST))
