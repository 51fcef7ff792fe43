"""What flows refer to: other flows as they were published, and what is below those."""

from collections.abc import Iterable, Mapping
from typing import Any

from dsl.published import Published
from store.database import Database

REFERRED = """
SELECT w.reference, f.key, v.version, v.plan_digest AS digest, p.below,
       v.spec #> '{settings,params}' AS params, v.spec #> '{settings,outputs}' AS declared,
       jsonb_path_query_array(p.plan, '$.steps.* ? (@.op == "end").outputs.keyvalue().key') AS given
FROM (
    SELECT reference, split_part(reference, '@', 1) AS key,
           nullif(split_part(reference, '@', 2), '')::int AS version
    FROM unnest($2::text[]) AS asked(reference)
) AS w
JOIN flows AS f ON f.workspace_id = $1 AND f.key = w.key AND f.deleted_at IS NULL
JOIN flow_versions AS v ON v.workspace_id = $1 AND v.flow_id = f.id
    AND v.version = coalesce(w.version, f.published_version) AND v.published_at IS NOT NULL
JOIN plans AS p ON p.digest = v.plan_digest
"""
WALKED = """
SELECT digest, plan->>'flow' AS flow,
       jsonb_path_exists(plan,
           '$.steps.* ? (@.op == "wait" && !(@.expects == "report" || @.expects == "call"))') AS waits,
       jsonb_path_exists(plan, '$.steps.* ? (@.op == "wait" || @.op == "sleep")') AS rests,
       jsonb_path_query_array(plan, '$.steps.* ? (@.op == "subflow").plan') AS walks
FROM plans WHERE digest = ANY ($1::text[])
"""


async def published(db: Database, workspace: str, references: Iterable[str]) -> dict[str, Published]:
    """The flows that references (`id`: the version that runs, `id@version`: one ever published) name.

    Those that name none are left out.
    """
    if not (asked := sorted(references)):
        return {}
    found = await db.fetch(REFERRED, workspace, asked)
    digests = {digest for row in found for digest in (row["digest"], *(row["below"] or ()))}
    walked = {row["digest"]: row for row in await db.fetch(WALKED, list(digests))}
    return {row["reference"]: _published(row, walked) for row in found}


def _published(row: Any, walked: Mapping[str, Any]) -> Published:
    below = tuple(row["below"] or ())
    plans = [walked[digest] for digest in (row["digest"], *below)]
    return Published(
        flow=row["key"],
        version=row["version"],
        digest=row["digest"],
        params=row["params"] or {},
        outputs=tuple(sorted(row["declared"] or set(row["given"]))),
        plans=below,
        flows=frozenset(plan["flow"] for plan in plans[1:]),
        waits=any(plan["waits"] for plan in plans),
        rests=any(plan["rests"] for plan in plans),
        depth=_depth(row["digest"], walked, {}),
    )


def _depth(digest: str, walked: Mapping[str, Any], known: dict[str, int]) -> int:
    """Each plan is looked at once: ways through them may be more than can be counted."""
    if digest not in known:
        inner = (_depth(one, walked, known) for one in walked[digest]["walks"])
        known[digest] = 1 + max(inner, default=0)
    return known[digest]
