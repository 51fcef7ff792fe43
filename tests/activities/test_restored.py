"""After the databases were put back: what may have been done in the lost time is looked for, or unknown."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from activities import attempts as attempts_module
from activities.attempts import Attempts, entry_of
from activities.perform import Performer
from dsl.messages import Effect, Perform, Report, Scene
from dsl.plan import Options
from providers.chatwoot.memory import MemoryChatwoot
from store import ledger
from store.database import Database
from store.ids import made_at, new_id
from tests.activities.effects import Slow, begun, flush, inbound, insisted, say, slow, state_of

pytestmark = pytest.mark.real

SHORT = Options(timeout=0.05)
Act = Callable[..., Awaitable[list[Report]]]


@pytest.fixture
def restored(attempts: Attempts, monkeypatch: pytest.MonkeyPatch) -> Attempts:
    """A worker that was told of a restore, after which nobody waits long."""
    monkeypatch.setattr(attempts_module, "MARGIN", 0.0)
    monkeypatch.setattr(attempts_module, "LISTED_AFTER", timedelta(0))
    return Attempts(attempts.db, attempts.actions, attempts.outfit, datetime.now(UTC))


async def put_back(db: Database) -> None:
    """The ledger as it was before any of it."""
    await db.execute("DELETE FROM effects")


async def test_a_message_of_the_lost_time_is_found_and_not_said_again(
    perform: Act, restored: Attempts, db: Database, scene: Scene, chatwoot: MemoryChatwoot
) -> None:
    await perform(say("one"))
    await put_back(db)
    request = Perform(flush=flush(scene), effects=[say("one", options=SHORT), say("two", node="second")])
    reports = (await Performer(restored).perform(request)).reports
    assert [report.state for report in reports] == ["later"]
    assert (await insisted(restored, scene, say("one", options=SHORT))).state == "done"
    assert (await insisted(restored, scene, say("two", node="second", options=SHORT))).state == "done"
    assert chatwoot.said("77") == ["one", "two"]


async def test_what_nobody_can_look_up_is_unknown(
    restored: Attempts, db: Database, scene: Scene, flow_row: None
) -> None:
    assert (await insisted(restored, scene, slow("maybe", timeout=0.01))).state == "unknown"
    assert Slow.done == []
    assert await state_of(db, scene, slow("maybe")) == "unknown"


async def test_an_execution_that_began_later_goes_on_as_ever(
    restored: Attempts, db: Database, scene: Scene, chatwoot: MemoryChatwoot
) -> None:
    restored.restored_at = made_at(scene.execution_id)
    report, verdict = await restored.local(scene, say("one"), await row_of(db, scene, say("one")))
    assert (report.state, verdict is not None) == ("done", True)
    assert chatwoot.said("77") == ["one"]


async def row_of(db: Database, scene: Scene, effect: Effect) -> Any:
    rows = await ledger.begin(db, scene.workspace, scene.execution_id, [entry_of(effect)], 5.0)
    return rows[0]


async def test_what_stood_open_is_looked_into_before_it_is_tried_again(
    restored: Attempts, db: Database, scene: Scene, chatwoot: MemoryChatwoot, perform: Act
) -> None:
    await perform(say("one"))
    await db.execute(
        "UPDATE effects SET state = 'open', outcome = NULL, provider_ref = NULL, retry_at = NULL"
    )
    assert await ledger.doubt(db, datetime.now(UTC)) == 1
    assert await ledger.doubt(db, datetime.now(UTC) - timedelta(minutes=1)) == 0
    assert (await insisted(restored, scene, say("one", options=SHORT))).state == "done"
    assert chatwoot.said("77") == ["one"]


async def test_what_people_wrote_in_the_lost_time_hides_no_message_of_ours(
    db: Database, scene: Scene, flow_row: None
) -> None:
    await inbound(db, scene, 1)
    between = datetime.now(UTC)
    await inbound(db, scene, 2)
    await begun(db, scene, say("one"), 5.0)
    effect = (scene.workspace, scene.execution_id, ("hello", 1, 1), scene.lane)
    known, all_ = await ledger.after_id(db, *effect, before=between), await ledger.after_id(db, *effect)
    assert known is not None
    assert all_ is not None
    assert known < all_


def test_an_id_tells_when_it_was_made() -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    assert before <= made_at(new_id()) <= datetime.now(UTC)
