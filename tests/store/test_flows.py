"""Flows and versions in the database."""

import asyncio
import json
from typing import Any

import pytest

from dsl.digests import digest_of
from store import flows, plans, publications, triggers
from store.database import Database
from store.flows import Draft, Flow
from store.publications import Publication
from store.triggers import Conflict, Trigger
from tests.store.made import WORKSPACE

pytestmark = pytest.mark.real

HELLO = Trigger("chatwoot", "message_created", keyword="hello")


def draft(key: str = "welcome", **more: Any) -> Draft:
    document = {"id": key, "nodes": [], **more}
    return Draft(key, more.get("name", "Welcome"), None, json.dumps(document), None, document, "flowspec")


def made(version: int = 1, trigger: Trigger | None = None, **plan: Any) -> Publication:
    return Publication(version, {"id": "welcome"}, digest_of(plan), plan, trigger)


async def saved(db: Database, key: str = "welcome", **more: Any) -> Flow:
    await flows.save(db, WORKSPACE, "tests", draft(key, **more))
    flow = await flows.find(db, WORKSPACE, key)
    assert flow
    return flow


async def test_a_version_keeps_document_canonical_form_and_author(db: Database) -> None:
    flow = await saved(db, name="First")
    row = await db.fetchrow("SELECT document, spec, spec_digest, dialect, created_by FROM flow_versions")
    document = {"id": "welcome", "nodes": [], "name": "First"}
    assert tuple(row) == (document, document, digest_of(document), "flowspec", "tests")
    version = await flows.version(db, WORKSPACE, flow.id, 1)
    assert version
    assert (version.document, version.plan_digest, version.published_at) == (document, None, None)


async def test_concurrent_saves_are_numbered_one_after_the_other(db: Database) -> None:
    drafts = [draft(name=f"Name {number}") for number in range(10)]
    kept = await asyncio.gather(*(flows.save(db, WORKSPACE, "tests", each) for each in drafts))
    assert sorted(each.version for each in kept) == list(range(1, 11))
    assert [each.fresh for each in kept].count(True) == 1
    assert len({each.id for each in kept}) == 1


async def test_a_deleted_flow_gives_its_key_back(db: Database) -> None:
    first = await saved(db)
    await db.execute("UPDATE flows SET deleted_at = now()")
    assert await flows.find(db, WORKSPACE, first.id) is None
    assert (await saved(db)).id != first.id


async def test_publishing_keeps_the_plan_and_what_runs(db: Database) -> None:
    flow = await saved(db)
    at = (await publications.publish(db, WORKSPACE, flow.id, made(step=1))).published_at
    known = await flows.find(db, WORKSPACE, "welcome")
    version = await flows.version(db, WORKSPACE, flow.id, 1)
    assert known
    assert version
    assert (known.status, known.published_version, known.published_at) == ("published", 1, at)
    assert (version.plan_digest, version.published_at) == (digest_of({"step": 1}), at)
    assert await plans.load(db, digest_of({"step": 1})) == {"step": 1}
    assert await plans.load(db, "unknown") is None


async def test_a_plan_kept_for_a_trial_publishes_nothing(db: Database) -> None:
    flow = await saved(db)
    await publications.keep_plan(db, WORKSPACE, flow.id, made(step=1, trigger=HELLO))
    known = await flows.find(db, WORKSPACE, "welcome")
    version = await flows.version(db, WORKSPACE, flow.id, 1)
    assert known
    assert version
    assert (known.status, version.published_at, version.plan_digest) == (
        "draft",
        None,
        digest_of({"step": 1}),
    )
    assert await db.fetchval("SELECT count(*) FROM triggers") == 0


async def test_a_plan_is_written_once_and_never_changed(db: Database) -> None:
    async with db.begin() as connection:
        await plans.put(connection, "d", {"format": 1, "a": 1})
        await plans.put(connection, "d", {"format": 1, "a": 2})
    assert await plans.load(db, "d") == {"format": 1, "a": 1}


async def test_a_conflict_leaves_everything_as_it_was(db: Database) -> None:
    first, second = await saved(db, "first"), await saved(db, "second")
    await publications.publish(db, WORKSPACE, first.id, made(trigger=HELLO))
    with pytest.raises(Conflict) as conflict:
        await publications.publish(db, WORKSPACE, second.id, made(step=2, trigger=HELLO))
    assert conflict.value.flow == "first"
    known = await flows.find(db, WORKSPACE, "second")
    assert known
    assert known.published_version is None
    assert await plans.load(db, digest_of({"step": 2})) is None


async def test_of_two_publications_at_once_only_one_gets_the_trigger(db: Database) -> None:
    both = [await saved(db, key) for key in ("first", "second")]
    outcomes = await asyncio.gather(
        *(publications.publish(db, WORKSPACE, flow.id, made(trigger=HELLO)) for flow in both),
        return_exceptions=True,
    )
    assert [isinstance(outcome, Conflict) for outcome in outcomes].count(True) == 1
    assert await db.fetchval("SELECT count(*) FROM triggers") == 1


async def test_workspaces_do_not_see_each_other(db: Database) -> None:
    flow = await saved(db)
    await publications.publish(db, WORKSPACE, flow.id, made(trigger=HELLO))
    assert await flows.find(db, "other", flow.id) is None
    assert await flows.version(db, "other", flow.id, 1) is None
    assert await flows.page(db, "other", 10) == []
    assert (await flows.figures(db, "other", flow.id)).executions == 0
    theirs = await flows.save(db, "other", "tests", draft())
    await publications.publish(db, "other", theirs.id, made(trigger=HELLO))
    async with db.begin() as connection:
        await triggers.replace(connection, "other", flow.id, None)
    assert await db.fetchval("SELECT count(*) FROM triggers") == 2
