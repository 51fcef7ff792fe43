"""Requests made of our own OpenAPI: none is answered with a 5xx, every answer is as it is documented."""

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import Any

import pytest
from fastapi import FastAPI

from dsl.messages import Scene
from store.database import Database
from tests.api.conftest import Api, Edge
from tests.api.documents import welcome
from tests.api.fuzz import FOLLOWED, Ids, config, fuzzed
from tests.api.rows import line, ran
from tests.api.serving import served

pytestmark = pytest.mark.real

EXAMPLES = 2


@dataclass
class Ending(Edge):
    """Temporal's edge, whose executions end as soon as they are started: nobody waits for them in vain."""

    database: Database | None = None

    async def start_by_api(self, scene: Scene, **given: Any) -> str:
        assert self.database
        await self.database.execute(
            "UPDATE executions SET status = 'completed', completed_at = now() WHERE id = $1",
            scene.execution_id,
        )
        return scene.execution_id


async def ids_of(api: Api) -> Ids:
    """A flow, ended executions, and one that waits."""
    flow = await api.publish(welcome())
    ended = [await ran(api, flow) for _ in range(2)]
    for seq in range(1, 4):
        await line(api, ended[0], seq)
    waiting = await ran(api, flow, status="waiting_input", completed_at=None)
    return Ids([flow["id"], "welcome", *ended], waiting)


def operations_of(app: FastAPI) -> set[str]:
    """Method and path of everything that the documentation names."""
    paths = app.openapi()["paths"]
    return {
        f"{method.upper()} {path}"
        for path, item in paths.items()
        for method, operation in item.items()
        if operation["operationId"] != FOLLOWED
    }


@pytest.mark.timeout(3600)
async def test_no_request_made_of_the_documentation_is_answered_in_another_way(
    api: Api, examples: int | None
) -> None:
    api.app.state.parts = replace(api.parts, gateway=Ending(database=api.parts.db))
    async with served(api.app) as address:
        url = f"http://{address}"
        settings = config(url, api.key, examples or EXAMPLES, await ids_of(api))
        found = await asyncio.to_thread(fuzzed, url, settings)
    if found.failures:
        pytest.fail("\n\n".join(found.failures[:20]), pytrace=False)
    assert max(found.statuses) < 500
    assert found.ended
    assert set(found.cases) == operations_of(api.app), "every operation was asked"
    figures = f"{found.cases.total()} requests, answered with {dict(sorted(found.statuses.items()))}"
    logging.getLogger(__name__).info(figures)  # seen with --log-cli-level=INFO
    assert {200, 201, 202, 204} <= set(found.statuses), "and some with success"
