"""The connection to Temporal, and how our workers are set."""

from datetime import timedelta
from functools import cache
from logging import getLogger
from typing import TypedDict

from temporalio.client import Client, GrpcCompression
from temporalio.envconfig import ClientConnectConfig
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    PrometheusConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)
from temporalio.worker import PollerBehaviorAutoscaling, UnsandboxedWorkflowRunner, WorkflowRunner

from wiring.codec import codec_of
from wiring.converter import data_converter
from wiring.keys import Keys
from wiring.plans import PlanCache
from wiring.settings import CACHED_WORKFLOWS
from wiring.versions import own_version

NAMESPACE = "default"
GRACE = timedelta(seconds=30)
CONCURRENT_WORKFLOW_TASKS = 16
"""More of them at once, on a processor that is short, take longer each than a task may, and are all lost."""
POLLERS = 6
"""At most, of each of a worker's two queues of workflow tasks: who polls holds a place, and while all places
are held no run starts eagerly."""
STICKY = timedelta(seconds=3)
"""How long a run waits for the worker that knows it before any other may take it."""
BUILD = f"tembea-{own_version()}"


class SlowedOptions(TypedDict):
    """Keyword arguments of a `temporalio.worker.Worker` of activities alone."""

    max_concurrent_activities: int
    max_task_queue_activities_per_second: float
    activity_task_poller_behavior: PollerBehaviorAutoscaling
    graceful_shutdown_timeout: timedelta
    build_id: str


class WorkerOptions(TypedDict):
    """Keyword arguments of `temporalio.worker.Worker`."""

    workflow_runner: WorkflowRunner
    workflow_task_poller_behavior: PollerBehaviorAutoscaling
    activity_task_poller_behavior: PollerBehaviorAutoscaling
    max_cached_workflows: int
    max_concurrent_workflow_tasks: int
    graceful_shutdown_timeout: timedelta
    build_id: str
    sticky_queue_schedule_to_start_timeout: timedelta


async def connect(
    config: ClientConnectConfig,
    keys: Keys,
    plans: PlanCache,
    *,
    lazy: bool = False,
    metrics: str | None = None,
) -> Client:
    """A client (of `settings.temporal()`, or `{"target_host": …}`) whose payloads are encrypted.

    `lazy`: connects at the first call, so that a process starts without Temporal; else RuntimeError.
    `metrics`: the address at which the SDK's core shows what it counts.
    """
    target: ClientConnectConfig = {"target_host": "localhost:7233", "namespace": NAMESPACE, **config}
    codec = codec_of(keys, target["namespace"])
    return await Client.connect(
        **target,
        data_converter=data_converter(codec, plans),
        lazy=lazy,
        runtime=_runtime(metrics),
        grpc_compression=GrpcCompression.NONE,  # what weighs is compressed by the codec
    )


def worker_options(*, cached: int = CACHED_WORKFLOWS, fast: bool = True) -> WorkerOptions:
    """What was measured to matter. Without a cache the fast path stalls for seconds: ValueError."""
    if fast and cached == 0:
        raise ValueError("a worker without a cache of workflows cannot serve the fast path")
    return WorkerOptions(
        workflow_runner=UnsandboxedWorkflowRunner(),
        workflow_task_poller_behavior=PollerBehaviorAutoscaling(maximum=POLLERS),
        activity_task_poller_behavior=PollerBehaviorAutoscaling(),
        max_cached_workflows=cached,
        max_concurrent_workflow_tasks=CONCURRENT_WORKFLOW_TASKS,
        graceful_shutdown_timeout=GRACE,
        # Without a name of ours the SDK hashes every loaded module, which takes seconds.
        build_id=BUILD,
        sticky_queue_schedule_to_start_timeout=STICKY,
    )


def slowed(concurrent: int, per_second: float) -> SlowedOptions:
    """Of a provider's own queue: so many activities at once, and so many a second of all its workers."""
    return SlowedOptions(
        max_concurrent_activities=concurrent,
        max_task_queue_activities_per_second=per_second,
        activity_task_poller_behavior=PollerBehaviorAutoscaling(),
        graceful_shutdown_timeout=GRACE,
        build_id=BUILD,
    )


@cache
def _runtime(metrics: str | None) -> Runtime:
    """One for the process; what its core has to say goes through our logs."""
    forwarding = LogForwardingConfig(logger=getLogger("temporalio.core"))
    worth_saying = TelemetryFilter(core_level="WARN", other_level="ERROR")
    shown = (
        PrometheusConfig(
            bind_address=metrics, counters_total_suffix=True, unit_suffix=True, durations_as_seconds=True
        )
        if metrics
        else None
    )
    return Runtime(telemetry=TelemetryConfig(logging=LoggingConfig(worth_saying, forwarding), metrics=shown))
