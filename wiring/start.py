"""`python -m wiring.start api`: be one of our processes, and look for garbage only where it may be."""

import gc
import sys
from importlib import import_module

MODULES = {"api": "api.__main__", "worker": "worker", "single": "single"}
"""Each has a `run()`."""
THRESHOLDS = (20_000, 20, 50)
"""Most of what a turn makes is dropped with it, without a search."""


def be(process: str) -> None:
    """Be that process until it is told to end."""
    # Modules make hundreds of thousands of objects that stay: a search among them is in vain, while they
    # are made (a third of the start) and at every full collection afterwards (a third of a second each).
    gc.disable()
    run = import_module(MODULES[process]).run
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    gc.enable()
    run()


if __name__ == "__main__":
    be(sys.argv[1])
