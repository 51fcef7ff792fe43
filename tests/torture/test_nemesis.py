"""A fault is noted with its window and its proof, and a house has recovered when it walks again."""

import asyncio
import json
from pathlib import Path
from random import Random
from typing import ClassVar, cast

import pytest

from providers.http.pooled import Pooled
from store.database import Database
from store.ids import new_id
from torture.checker.folder import FAULTS
from torture.clocks import told_by
from torture.house import House
from torture.nemesis.fault import Fault
from torture.nemesis.nemesis import Nemesis
from torture.raw import always, answer, serving
from torture.recovery import Probe
from wiring.talk import QUIET

BEGUN = """
    INSERT INTO executions (workspace_id, id, flow_id, flow_version, workflow_id, status)
    VALUES ('default', $2::uuid, $1::uuid, 1, $2::text, 'running')"""
ENDED = "UPDATE executions SET status = 'completed' WHERE id = $1"
AWAY = answer(503)


class Blow(Fault):
    """Something that is done at once, or cannot be done."""

    instant: ClassVar[bool] = True

    def __init__(self, proof: str | None, trouble: type[Exception] | None = None) -> None:
        self._proof, self._trouble = proof, trouble

    @property
    def kind(self) -> str:
        return "blow"

    async def begin(self, house: House) -> None:
        if self._trouble:
            raise self._trouble

    async def end(self, house: House) -> str | None:
        return self._proof


def started(execution: str) -> bytes:
    body = json.dumps({"executionId": execution}).encode()
    return answer(202, body, content_type="application/json")


@pytest.mark.real
async def test_recovered_is_who_takes_walks_and_records_an_execution(db: Database) -> None:
    execution = new_id()
    await db.execute(BEGUN, new_id(), execution)
    script = always(AWAY, AWAY, started(execution))
    async with serving(script) as api, Pooled(api.url(""), provider="api") as to:
        recovering = asyncio.create_task(Probe(to, db, "flow").recovered())
        async with asyncio.timeout(20):
            while len(api.seen) < 3:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        assert not recovering.done()
        await db.execute(ENDED, execution)
        assert await asyncio.wait_for(recovering, 20)
    keys = {line for asked in api.seen for line in asked.splitlines() if b"dempotency" in line}
    assert len(keys) == 1, "one start, however often it is asked for"


@pytest.mark.real
@pytest.mark.parametrize(
    ("blow", "proof"),
    [(Blow("seen"), "seen"), (Blow(None), None), (Blow("unseen", ProcessLookupError), None)],
)
async def test_a_fault_is_noted_with_its_proof_or_without(
    db: Database, tmp_path: Path, blow: Blow, proof: str | None
) -> None:
    execution = new_id()
    await db.execute(BEGUN, new_id(), execution)
    await db.execute(ENDED, execution)
    async with serving(always(started(execution))) as api, Pooled(api.url(""), provider="api") as to:
        nemesis = Nemesis(cast("House", None), Probe(to, db, "flow"), tmp_path, QUIET, Random(1))
        await nemesis.strike(blow)
    [line] = map(json.loads, (tmp_path / FAULTS).read_text().splitlines())
    assert (line["what"], line["kind"], line["proof"]) == ("blow", "blow", proof)
    assert line["begun"] <= line["ended"]
    [suffered] = nemesis.suffered
    assert (suffered.landed, suffered.recovered is not None) == (proof is not None, True)


class Spell(Fault):
    """Something that lasts."""

    seconds = 100.0
    begun, over = False, False

    @property
    def kind(self) -> str:
        return "spell"

    async def begin(self, house: House) -> None:
        self.begun = True

    async def end(self, house: House) -> str | None:
        self.over = True
        return None


async def test_a_fault_is_over_when_the_nemesis_is_interrupted(tmp_path: Path) -> None:
    spell = Spell()
    nemesis = Nemesis(cast("House", None), cast("Probe", None), tmp_path, QUIET, Random(1))
    striking = asyncio.create_task(nemesis.strike(spell))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert (spell.begun, spell.over) == (True, False)
    striking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await striking
    assert spell.over


async def test_a_clock_is_told_by_the_date_of_an_answer() -> None:
    async with serving(always(answer(200, b"", date="Mon, 02 Mar 2026 09:00:00 GMT"))) as server:
        ahead = await told_by(server.url("/metrics"))
    assert ahead < -3600
