"""The journal as a file."""

import json
from pathlib import Path

from emulators.common.journal import Journal


async def test_numbers_go_on_after_a_restart_and_a_torn_line_is_passed_over(tmp_path: Path) -> None:
    first = Journal(tmp_path, 10)
    first.write("api", status=200)
    first.write("api", status=201)
    await first.sync()
    first.close()
    path = tmp_path / "journal.jsonl"
    path.write_bytes(path.read_bytes()[:-5])
    second = Journal(tmp_path, 10)
    assert second.last == 1
    second.write("api", status=202)
    second.close()
    lines = path.read_bytes().splitlines()
    assert json.loads(lines[-1]) | {"at": ""} == {"n": 2, "at": "", "kind": "api", "status": 202}


async def test_memory_holds_the_newest_lines_only() -> None:
    journal = Journal(None, 3)
    for number in range(5):
        journal.write("api", status=number)
    await journal.sync()
    assert [line["n"] for line in journal.after(0, 10)] == [3, 4, 5]
    assert [line["n"] for line in journal.after(3, 1)] == [4]
