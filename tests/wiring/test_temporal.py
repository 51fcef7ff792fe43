"""How workers are set, and what a client is without a server."""

from datetime import timedelta

import pytest
from temporalio.worker import PollerBehaviorAutoscaling, UnsandboxedWorkflowRunner

from wiring.keys import new_keys
from wiring.plans import PlanCache
from wiring.temporal import connect, worker_options


async def no_plans(digest: str) -> bytes | None:
    return None


def test_pollers_leave_places_for_runs_that_start_eagerly() -> None:
    """Who polls holds a place, in both of a worker's queues."""
    options = worker_options()
    pollers = options["workflow_task_poller_behavior"].maximum
    assert 2 * pollers < options["max_concurrent_workflow_tasks"]


def test_workers_are_set_as_measured() -> None:
    options = worker_options()
    assert isinstance(options["workflow_runner"], UnsandboxedWorkflowRunner)
    assert options["workflow_task_poller_behavior"] == PollerBehaviorAutoscaling(maximum=6)
    assert options["activity_task_poller_behavior"] == PollerBehaviorAutoscaling()
    assert options["max_cached_workflows"] == 10_000
    assert options["graceful_shutdown_timeout"] == timedelta(seconds=30)


def test_no_worker_serves_the_fast_path_without_a_cache() -> None:
    with pytest.raises(ValueError, match="fast path"):
        worker_options(cached=0)
    assert worker_options(cached=0, fast=False)["max_cached_workflows"] == 0


async def test_a_lazy_client_starts_without_a_server() -> None:
    client = await connect({"target_host": "127.0.0.1:1"}, new_keys(), PlanCache(no_plans), lazy=True)
    with pytest.raises(RuntimeError):
        await client.get_workflow_handle("nothing").describe()


async def test_a_client_that_is_not_lazy_says_that_there_is_no_server() -> None:
    with pytest.raises(RuntimeError):
        await connect({"target_host": "127.0.0.1:1"}, new_keys(), PlanCache(no_plans))
