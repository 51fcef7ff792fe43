"""The walk reads no setting, clock, chance or place (2.5, 2.12): what it may not use, the linter refuses."""

import subprocess
import sys

import pytest

from wiring.files import ROOT

pytestmark = pytest.mark.real

BANNED = [
    "import os\n\nFAST = os.environ\n",
    "import time\n\nNOW = time.time()\n",
    "import random\n\nDRAWN = random.random()\n",
    "import uuid\n\nID = uuid.uuid4()\n",
    "import secrets\n\nID = secrets.token_hex()\n",
    "from datetime import UTC, datetime\n\nNOW = datetime.now(UTC)\n",
    "import asyncio\n\nNAP = asyncio.sleep(1)\n",
    "import threading\n\nSELF = threading.current_thread()\n",
]


def complaints(folder: str, text: str) -> str:
    """What the linter has to say about a module of that folder."""
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--no-cache",
        "--stdin-filename",
        f"{folder}/any.py",
        "-",
    ]
    return subprocess.run(command, cwd=ROOT, input=text, capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize("text", BANNED, ids=[text.split()[1] for text in BANNED])
def test_the_walk_may_not_use(text: str) -> None:
    assert "TID251" in complaints("workflows", text)


def test_others_may() -> None:
    assert "TID251" not in complaints("wiring", BANNED[0])
