"""The record flush (T5): outcomes, history, execution, lane and inbox in one statement, or not at all."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from dsl.messages import ENDED, Flush
from dsl.model import Json
from store import live
from store.applying import APPLY, SHORTEN
from store.database import Database
from store.jsons import dumps
from store.ledger import PROVIDER, Key, State
from store.metrics import ENDED as ENDED_COUNT
from store.metrics import STARTED, TURN


class Settled(NamedTuple):
    """What came of attempt `attempt` of an effect."""

    node: str
    visit: int
    number: int
    attempt: int
    state: State
    outcome: dict[str, Json] | None
    provider_ref: str | None = None
    provider: str | None = None


class Applied(NamedTuple):
    """`recorded`: the history's highest seq now; `superseded`: the execution is another first run's.

    `late`: turns whose callers were told something else before.
    """

    recorded: int
    superseded: bool
    late: Sequence[int] = ()


async def apply(
    db: Database, flush: Flush, settled: Sequence[Settled] = (), unstarted: Sequence[Key] = ()
) -> Applied:
    """Write a flush, unless a later epoch is there already or the execution belongs to another first run.

    The outcomes of effects are true in any case, and are written in any case.
    """
    scene, last = flush.scene, _last(flush)
    row = await db.fetchrow(APPLY, *_arguments(flush, settled, unstarted, last))
    if row["now"] is None:
        return Applied(last, await _superseded(db, flush))
    _count(flush, row)
    if row["now"] != (row["before"] or 0) + 1:
        # Another flush was committed while ours waited for the lock: rows that ours did not see may be left.
        await db.execute(SHORTEN, scene.workspace, scene.execution_id, last, row["now"])
    return Applied(last, superseded=False, late=row["late"] or ())


def _count(flush: Flush, row: Any) -> None:
    if row["now"] == 1:
        STARTED.inc()
    if flush.standing.status in ENDED and not row["ended"]:
        ENDED_COUNT.labels(flush.standing.status).inc()
    if row["turn"] is not None:
        TURN.observe(row["turn"])


async def _superseded(db: Database, flush: Flush) -> bool:
    first = await db.fetchval(
        "SELECT first_run_id FROM executions WHERE workspace_id = $1 AND id = $2",
        flush.scene.workspace, flush.scene.execution_id,
    )  # fmt: skip
    return bool(first != flush.run)


def _last(flush: Flush) -> int:
    return flush.rows[-1].seq if flush.rows else flush.number


def _arguments(
    flush: Flush, settled: Sequence[Settled], unstarted: Sequence[Key], last: int
) -> tuple[Any, ...]:
    scene, standing = flush.scene, flush.standing
    columns = [list(column) for column in zip(*unstarted, strict=True)] or [[], [], []]
    names = ("node", "visit", "number", "attempt", "state", "outcome", "ref", "provider")
    seqs = [row.seq for row in flush.rows]
    return (
        scene.workspace, scene.execution_id, scene.lane,
        dumps([dict(zip(names, one, strict=True)) for one in settled]), PROVIDER, *columns,
        dumps(_execution(flush)), standing.results is not None,
        last, seqs[0] if seqs else last + 1, seqs, dumps(_history(flush)),
        standing.owner, standing.status in ENDED,
        dumps([one.model_dump(mode="json") for one in flush.consumed]), standing.last_seq,
        [one.seq for one in flush.consumed], dumps(live.told(flush)),
        dumps([one.model_dump(mode="json", by_alias=True) for one in flush.turned]),
        scene.connection, scene.conversation, flush.leaves,
    )  # fmt: skip


def _execution(flush: Flush) -> dict[str, Json]:
    """The columns of the execution's row that change."""
    scene, standing = flush.scene, flush.standing.model_dump(mode="json", by_alias=True)
    return {
        "flow_id": scene.flow_id,
        "flow_version": scene.flow_version,
        "conversation_id": scene.conversation,
        "mode": scene.mode,
        "channel": scene.channel,
        "first_run_id": flush.run,
        "status": flush.standing.status,
        "current_node_id": flush.standing.node,
        "progress": flush.standing.progress,
        **{name: standing[name] for name in ("variables", "contact", "results", "waiting", "error")},
        "completion_reason": flush.standing.reason,
        "last_seq": flush.standing.last_seq,
        "epoch_at": flush.at,
        "epoch_number": flush.number,
        "ended": flush.standing.status in ENDED,
    }


def _history(flush: Flush) -> list[dict[str, Json]]:
    """The flush's rows as columns of the history."""
    return [
        {
            "seq": row.seq,
            "node_id": row.node,
            "node_type": row.kind,
            "label": row.label,
            "visit": row.visit,
            "phase": row.phase,
            "exit": row.exit,
            "result": row.result,
            "error": row.error.model_dump(mode="json", by_alias=True) if row.error else None,
            "snapshot": row.snapshot,
            "effect_visit": row.effect[0] if row.effect else None,
            "effect_number": row.effect[1] if row.effect else None,
            "started_at": row.started_at,
            "ended_at": row.ended_at,
            "merged": row.merged or None,
        }
        for row in flush.rows
    ]
