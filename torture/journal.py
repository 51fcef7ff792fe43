"""Lines that are on disk before anybody goes on."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


def now() -> str:
    """This moment, as lines write it."""
    return datetime.now(UTC).isoformat()


def note(path: Path, **line: Any) -> None:
    """Append a line and have it on disk."""
    with path.open("a") as file:
        file.write(json.dumps(line) + "\n")
        file.flush()
        os.fsync(file.fileno())
