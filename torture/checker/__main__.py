"""`python -m torture.checker FOLDER`: judge the run of a folder; 0 where it counts and all is well."""

import asyncio
import json
import sys
from pathlib import Path

from torture.checker.folder import load
from torture.checker.verdict import judged, red


def main() -> int:
    """Print the verdict."""
    verdict = asyncio.run(judged(load(Path(sys.argv[1]))))
    sys.stdout.write(json.dumps(verdict, indent=1, default=str) + "\n")
    return int(not verdict["valid"] or bool(red(verdict)))


if __name__ == "__main__":
    sys.exit(main())
