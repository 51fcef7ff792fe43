"""`python -m tests.faults.checker FOLDER`: judge the run of a folder; 0 where it counts and all is well."""

import asyncio
import json
import sys
from pathlib import Path

from tests.faults.checker.folder import load
from tests.faults.checker.verdict import judged


def main() -> int:
    """Print the verdict."""
    verdict = asyncio.run(judged(load(Path(sys.argv[1]))))
    sys.stdout.write(json.dumps(verdict, indent=1, default=str) + "\n")
    return int(not verdict["valid"] or any(verdict["figures"].values()))


if __name__ == "__main__":
    sys.exit(main())
