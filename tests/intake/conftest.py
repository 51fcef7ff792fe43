"""A worker that runs the probe, and a workspace for every test."""

from collections.abc import AsyncIterator

import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from dsl.limits import Limits
from dsl.messages import QUEUE
from intake.gateway import Gateway
from store.database import Database
from store.ids import new_id
from tests.intake.office import Office
from tests.intake.probe import DATABASES, Probe, show
from wiring.embedded.temporal import Temporal


@pytest.fixture(scope="package")
async def client(temporal: Temporal) -> AsyncIterator[Client]:
    """A client, beside a worker, which is gone when others work on that queue."""
    client = await Client.connect(temporal.address, data_converter=pydantic_data_converter)
    async with Worker(
        client,
        task_queue=QUEUE,
        workflows=[Probe],
        activities=[show],
        workflow_runner=UnsandboxedWorkflowRunner(),
    ):
        yield client


@pytest.fixture
def office(db: Database, client: Client) -> Office:
    """A workspace of its own."""
    workspace = f"ws-{new_id()[-12:]}"
    DATABASES[workspace] = db
    return Office(db, client, Gateway(db, client, Limits(fast=False)), workspace)
