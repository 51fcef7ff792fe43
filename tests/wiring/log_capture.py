"""Our logging, for the length of a test, into a text."""

import io
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from wiring.logs import configure


@contextmanager
def captured_logs(*secrets: str) -> Iterator[io.StringIO]:
    """Configures the logs as a process does; puts everything back afterwards."""
    root, hook = logging.getLogger(), sys.excepthook
    handlers, level = root.handlers[:], root.level
    root.handlers = []
    stream = io.StringIO()
    configure("info", secrets=secrets, stream=stream)
    try:
        yield stream
    finally:
        logging.captureWarnings(False)
        root.handlers, sys.excepthook = handlers, hook
        root.setLevel(level)
        structlog.reset_defaults()
